package io.nettrace.client.reactor;

import java.net.InetSocketAddress;
import java.net.SocketAddress;

import io.nettrace.ConnectionTarget;
import io.nettrace.NetTrace;
import io.nettrace.PoolInfo;
import io.nettrace.ProxyInfo;
import io.nettrace.instrument.TlsHandshake;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.proxy.ProxyHandler;
import io.netty.handler.ssl.SslHandler;
import org.jspecify.annotations.Nullable;
import reactor.netty.resources.ConnectionProvider;

/**
 * Sees a channel become a connection after its attempt to connect: the step of a proxy,
 * and then the TLS handshake. Netty keeps a future of each, which also ends if the
 * channel is closed.
 *
 * @param hooks the hooks of the dial
 * @param request the request that opens the connection
 * @param server what the connection is for
 * @param firstHop what it is to: the proxy, if there is one
 */
record ChannelSetup(NetTrace hooks, ReactorRequest request, SocketAddress server,
		@Nullable ConnectionTarget firstHop) implements ChannelFutureListener {

	/**
	 * The attempt to connect has ended.
	 */
	@Override
	public void operationComplete(ChannelFuture attempt) {
		if (attempt.isSuccess()) {
			Channel channel = attempt.channel();
			ReactorConnection connection = connection(channel);
			channel.pipeline().addFirst(connection);
			ProxyHandler proxy = channel.pipeline().get(ProxyHandler.class);
			if (proxy != null) {
				askProxy(proxy, channel, connection);
			}
			else {
				shakeHands(channel, connection);
			}
		}
	}

	private ReactorConnection connection(Channel channel) {
		ConnectionProvider provider = this.request.pools();
		boolean watched = this.request.tracing().watchesConnections();
		PoolSettings.Limits limits = (provider != null && watched) ? PoolSettings.limits(provider, this.server)
				: PoolSettings.Limits.NONE;
		return new ReactorConnection(
				this.request.tracing()
					.connection(pool(provider), address(channel.localAddress()), address(channel.remoteAddress())),
				this.firstHop, new ReactorConnection.Pools(provider, limits));
	}

	/**
	 * A proxy tunnels, whatever the scheme.
	 */
	private PoolInfo pool(@Nullable ConnectionProvider provider) {
		int max = (provider != null) ? PoolSettings.maxConnections(provider, this.server) : -1;
		if (this.server instanceof InetSocketAddress host) {
			return new PoolInfo(NetTraceReactorNetty.CLIENT, host.getHostString(), host.getPort(), max);
		}
		return new PoolInfo(NetTraceReactorNetty.CLIENT, this.server.toString(), -1, max);
	}

	private static @Nullable SocketAddress address(@Nullable SocketAddress address) {
		return (address != null) ? ChannelTraceHandler.withoutNetty(address) : null;
	}

	private void askProxy(ProxyHandler proxy, Channel channel, ReactorConnection connection) {
		this.hooks.proxyStart(info(proxy, null));
		ProxyAnswer answer = new ProxyAnswer((error) -> {
			connection.isSettingUp(null);
			this.hooks.proxyDone(info(proxy, error));
			if (error == null) {
				shakeHands(channel, connection);
			}
		});
		connection.isSettingUp(answer::come);
		ChannelPipeline pipeline = channel.pipeline();
		pipeline.addAfter(pipeline.context(proxy).name(), null, answer);
		proxy.connectFuture()
			.addListener((end) -> answer.come((end.cause() != null) ? connection.end().explain(end.cause()) : null));
	}

	private static ProxyInfo info(ProxyHandler proxy, @Nullable Throwable error) {
		SocketAddress destination = proxy.destinationAddress();
		String host = (destination instanceof InetSocketAddress inet) ? inet.getHostString() : destination.toString();
		int port = (destination instanceof InetSocketAddress inet) ? inet.getPort() : -1;
		return new ProxyInfo(proxy.protocol(), proxy.proxyAddress(), host, port, error);
	}

	private void shakeHands(Channel channel, ReactorConnection connection) {
		SslHandler tls = channel.pipeline().get(SslHandler.class);
		if (tls == null) {
			connection.stands();
			return;
		}
		TlsHandshake handshake = TlsHandshake.start(this.hooks, tls.engine());
		connection.isSettingUp(handshake::failed);
		tls.handshakeFuture().addListener((end) -> {
			connection.isSettingUp(null);
			if (end.isSuccess()) {
				connection.record().secured(handshake.succeeded(tls.engine().getSession(), tls.applicationProtocol()));
				connection.stands();
			}
			else {
				handshake.failed(connection.end().explain(end.cause()));
			}
		});
	}

}
