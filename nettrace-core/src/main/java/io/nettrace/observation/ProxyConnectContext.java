package io.nettrace.observation;

import java.util.Objects;

import io.nettrace.ProxyInfo;

/**
 * What happened when a proxy was asked to connect to a host.
 */
public final class ProxyConnectContext extends StepContext {

	private ProxyInfo proxy;

	/**
	 * Create the context of a proxy step.
	 * @param client the client library that asks
	 * @param proxy the proxy, and what it is asked for
	 */
	public ProxyConnectContext(String client, ProxyInfo proxy) {
		super(client, proxy.host());
		this.proxy = proxy;
	}

	/**
	 * Return the proxy, and what it is asked for.
	 * @return what is known of the step
	 */
	public ProxyInfo getProxy() {
		return this.proxy;
	}

	/**
	 * Set what is known of the step.
	 * @param proxy the proxy; {@link #setError} says why it did not connect
	 */
	public void setProxy(ProxyInfo proxy) {
		this.proxy = Objects.requireNonNull(proxy, "'proxy' must not be null");
	}

	@Override
	public String getDescription() {
		return "Time until a proxy has connected to the host";
	}

}
