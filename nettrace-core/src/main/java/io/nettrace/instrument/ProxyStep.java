package io.nettrace.instrument;

import java.net.SocketAddress;
import java.util.concurrent.atomic.AtomicBoolean;

import io.nettrace.NetTrace;
import io.nettrace.ProxyInfo;
import org.jspecify.annotations.Nullable;

/**
 * One proxy that is asked to connect to a host. It calls {@link NetTrace#proxyStart} when
 * it is made, and {@link NetTrace#proxyDone} once, however often it is told that it has
 * ended. Safe for use by several threads.
 */
public final class ProxyStep {

	private final NetTrace hooks;

	private final ProxyInfo started;

	private final AtomicBoolean ended = new AtomicBoolean();

	private ProxyStep(NetTrace hooks, ProxyInfo started) {
		this.hooks = hooks;
		this.started = started;
	}

	/**
	 * Ask a proxy.
	 * @param hooks the hooks of the dial
	 * @param protocol as in {@link ProxyInfo#protocol()}
	 * @param proxyAddress as in {@link ProxyInfo#proxyAddress()}
	 * @param host what the proxy is to connect to
	 * @param port the host's port
	 * @return the step, to be ended
	 */
	public static ProxyStep start(NetTrace hooks, String protocol, @Nullable SocketAddress proxyAddress, String host,
			int port) {
		ProxyStep step = new ProxyStep(hooks, new ProxyInfo(protocol, proxyAddress, host, port, null));
		hooks.proxyStart(step.started);
		return step;
	}

	/**
	 * End the step: the proxy has answered, or failed.
	 * @param error why it did not connect, or {@code null}
	 */
	public void done(@Nullable Throwable error) {
		if (this.ended.compareAndSet(false, true)) {
			this.hooks.proxyDone(new ProxyInfo(this.started.protocol(), this.started.proxyAddress(),
					this.started.host(), this.started.port(), error));
		}
	}

}
