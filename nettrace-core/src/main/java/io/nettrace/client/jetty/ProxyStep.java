package io.nettrace.client.jetty;

import java.net.SocketAddress;
import java.util.concurrent.atomic.AtomicBoolean;

import io.nettrace.NetTrace;
import io.nettrace.ProxyInfo;
import org.eclipse.jetty.client.Destination;
import org.eclipse.jetty.client.HttpProxy;
import org.eclipse.jetty.client.Origin;
import org.eclipse.jetty.client.ProxyConfiguration;
import org.eclipse.jetty.client.Socks4Proxy;
import org.eclipse.jetty.client.Socks5Proxy;
import org.jspecify.annotations.Nullable;

/**
 * A proxy under way that is asked to connect to a host. It may be told more than once
 * that it has ended.
 */
final class ProxyStep {

	private final NetTrace hooks;

	private final ProxyInfo started;

	private final AtomicBoolean ended = new AtomicBoolean();

	private ProxyStep(NetTrace hooks, ProxyInfo started) {
		this.hooks = hooks;
		this.started = started;
	}

	static ProxyStep start(NetTrace hooks, String protocol, @Nullable SocketAddress proxyAddress,
			Destination destination) {
		Origin.Address target = destination.getOrigin().getAddress();
		ProxyStep step = new ProxyStep(hooks,
				new ProxyInfo(protocol, proxyAddress, target.getHost(), target.getPort(), null));
		hooks.proxyStart(step.started);
		return step;
	}

	/**
	 * End the step.
	 * @param error why there is no tunnel, or {@code null}
	 */
	void done(@Nullable Throwable error) {
		if (this.ended.compareAndSet(false, true)) {
			this.hooks.proxyDone(new ProxyInfo(this.started.protocol(), this.started.proxyAddress(),
					this.started.host(), this.started.port(), error));
		}
	}

	/**
	 * Return the protocol of a SOCKS proxy.
	 * @return as in {@link ProxyInfo#protocol()}, {@code null} if the connections of the
	 * destination go through none
	 */
	static @Nullable String socks(Destination destination) {
		ProxyConfiguration.Proxy proxy = destination.getProxy();
		if (proxy instanceof Socks4Proxy) {
			return "socks4";
		}
		return (proxy instanceof Socks5Proxy) ? "socks5" : null;
	}

	/**
	 * Whether an HTTP proxy is asked for a tunnel.
	 */
	static boolean tunnels(Destination destination) {
		return destination.getProxy() instanceof HttpProxy proxy && proxy.requiresTunnel(destination.getOrigin());
	}

}
