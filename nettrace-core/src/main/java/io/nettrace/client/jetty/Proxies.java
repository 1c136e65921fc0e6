package io.nettrace.client.jetty;

import java.net.SocketAddress;

import io.nettrace.NetTrace;
import io.nettrace.ProxyInfo;
import io.nettrace.instrument.ProxyStep;
import org.eclipse.jetty.client.Destination;
import org.eclipse.jetty.client.HttpProxy;
import org.eclipse.jetty.client.Origin;
import org.eclipse.jetty.client.ProxyConfiguration;
import org.eclipse.jetty.client.Socks4Proxy;
import org.eclipse.jetty.client.Socks5Proxy;
import org.jspecify.annotations.Nullable;

/**
 * The proxies that the connections of a destination go through.
 */
final class Proxies {

	private Proxies() {
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

	/**
	 * The proxy is asked to connect to the host.
	 */
	static ProxyStep ask(NetTrace hooks, String protocol, @Nullable SocketAddress proxyAddress,
			Destination destination) {
		Origin.Address target = destination.getOrigin().getAddress();
		return ProxyStep.start(hooks, protocol, proxyAddress, target.getHost(), target.getPort());
	}

}
