package io.nettrace.client.httpcomponents;

import java.net.SocketAddress;

import io.nettrace.NetTrace;
import io.nettrace.ProxyInfo;
import org.apache.hc.core5.net.NamedEndpoint;
import org.jspecify.annotations.Nullable;

/**
 * A {@code CONNECT} under way, by which an HTTP proxy is asked for a tunnel.
 *
 * @param dial the trace of the dial
 * @param started what the hook was told when it began
 */
record ProxyStep(NetTrace dial, ProxyInfo started) {

	static ProxyStep start(NetTrace dial, @Nullable SocketAddress proxyAddress, NamedEndpoint target) {
		ProxyInfo started = new ProxyInfo("http", proxyAddress, target.getHostName(), target.getPort(), null);
		dial.proxyStart(started);
		return new ProxyStep(dial, started);
	}

	/**
	 * End the step.
	 * @param error why there is no tunnel, or {@code null}
	 */
	void done(@Nullable Throwable error) {
		this.dial.proxyDone(new ProxyInfo(this.started.protocol(), this.started.proxyAddress(), this.started.host(),
				this.started.port(), error));
	}

}
