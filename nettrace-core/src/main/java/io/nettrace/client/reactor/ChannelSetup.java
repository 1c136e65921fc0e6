package io.nettrace.client.reactor;

import java.net.InetSocketAddress;
import java.net.SocketAddress;

import io.nettrace.NetTrace;
import io.nettrace.PoolInfo;
import io.nettrace.ProxyInfo;
import io.nettrace.instrument.NetTracing;
import io.nettrace.instrument.TlsHandshake;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.handler.proxy.ProxyHandler;
import io.netty.handler.ssl.SslHandler;
import org.jspecify.annotations.Nullable;

/**
 * Sees a channel become a connection after its attempt to connect: the step of a proxy,
 * and then the TLS handshake. Netty keeps a future of each, which also ends if the
 * channel is closed.
 *
 * @param hooks the hooks of the dial
 * @param tracing keeps the record of the connection
 */
record ChannelSetup(NetTrace hooks, NetTracing tracing) implements ChannelFutureListener {

	/**
	 * The attempt to connect has ended.
	 */
	@Override
	public void operationComplete(ChannelFuture attempt) {
		if (attempt.isSuccess()) {
			Channel channel = attempt.channel();
			channel.pipeline()
				.addFirst(new ReactorConnection(this.tracing.connection(pool(channel.remoteAddress()),
						address(channel.localAddress()), address(channel.remoteAddress()))));
			ProxyHandler proxy = channel.pipeline().get(ProxyHandler.class);
			if (proxy != null) {
				askProxy(proxy, channel);
			}
			else {
				shakeHands(channel);
			}
		}
	}

	private static PoolInfo pool(SocketAddress peer) {
		InetSocketAddress inet = (peer instanceof InetSocketAddress address) ? address : null;
		return new PoolInfo("reactor-netty", (inet != null) ? inet.getHostString() : "",
				(inet != null) ? inet.getPort() : -1, -1);
	}

	private static @Nullable SocketAddress address(@Nullable SocketAddress address) {
		return (address != null) ? ChannelTraceHandler.withoutNetty(address) : null;
	}

	private void askProxy(ProxyHandler proxy, Channel channel) {
		this.hooks.proxyStart(info(proxy, null));
		proxy.connectFuture().addListener((answer) -> {
			this.hooks.proxyDone(info(proxy, answer.cause()));
			if (answer.isSuccess()) {
				shakeHands(channel);
			}
		});
	}

	private static ProxyInfo info(ProxyHandler proxy, @Nullable Throwable error) {
		SocketAddress destination = proxy.destinationAddress();
		String host = (destination instanceof InetSocketAddress inet) ? inet.getHostString() : destination.toString();
		int port = (destination instanceof InetSocketAddress inet) ? inet.getPort() : -1;
		return new ProxyInfo(proxy.protocol(), proxy.proxyAddress(), host, port, error);
	}

	private void shakeHands(Channel channel) {
		SslHandler tls = channel.pipeline().get(SslHandler.class);
		if (tls == null) {
			opened(channel);
			return;
		}
		TlsHandshake handshake = TlsHandshake.start(this.hooks, tls.engine());
		tls.handshakeFuture().addListener((end) -> {
			if (end.isSuccess()) {
				handshake.succeeded(tls.engine().getSession(), tls.applicationProtocol());
				opened(channel);
			}
			else {
				handshake.failed(end.cause());
			}
		});
	}

	private static void opened(Channel channel) {
		ReactorConnection connection = ReactorConnection.of(channel);
		if (connection != null) {
			connection.record().opened();
		}
	}

}
