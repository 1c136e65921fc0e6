package io.nettrace.client.netty;

import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.CancellationException;

import io.nettrace.NetTrace;
import io.nettrace.instrument.NetTraceAddress;
import io.nettrace.instrument.TlsHandshake;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.handler.ssl.SslHandler;
import org.jspecify.annotations.Nullable;

/**
 * Fires the connect hooks of one channel, and those of its TLS handshake. It leaves the
 * channel when that connects.
 */
final class ConnectHandler extends ChannelOutboundHandlerAdapter {

	private final TracedBootstrap bootstrap;

	ConnectHandler(TracedBootstrap bootstrap) {
		this.bootstrap = bootstrap;
	}

	@Override
	@SuppressWarnings("FutureReturnValueIgnored") // the promise tells
	public void connect(ChannelHandlerContext context, SocketAddress remote, @Nullable SocketAddress local,
			ChannelPromise promise) {
		NetTrace carried = NetTraceAddress.traceOf(remote);
		NetTrace hooks = (carried != null) ? carried : this.bootstrap.take(remote).dial();
		context.pipeline().remove(this);
		// a socket of NIO keeps the very address for as long as it is open
		SocketAddress plain = NetTraceAddress.withoutTrace(remote);
		if (hooks == NetTrace.NONE) {
			context.connect(plain, local, promise);
			return;
		}
		SocketAddress address = withoutNetty(plain);
		String network = (address instanceof UnixDomainSocketAddress) ? "unix" : "tcp";
		hooks.connectStart(network, address);
		ChannelPromise attempt = promise.unvoid();
		attempt.addListener((end) -> {
			hooks.connectDone(network, address, error(end.cause()));
			if (end.isSuccess()) {
				shakeHands(context.channel(), hooks);
			}
		});
		context.connect(plain, local, attempt);
	}

	private static SocketAddress withoutNetty(SocketAddress address) {
		return (address instanceof DomainSocketAddress unix) ? UnixDomainSocketAddress.of(unix.path()) : address;
	}

	/**
	 * A channel that is closed while it connects was closed on this side.
	 */
	private static @Nullable Throwable error(@Nullable Throwable failure) {
		if (failure instanceof ClosedChannelException) {
			CancellationException cancellation = new CancellationException("operation was canceled");
			cancellation.initCause(failure);
			return cancellation;
		}
		return failure;
	}

	/**
	 * Netty keeps a future of the handshake, which also ends if the channel is closed.
	 */
	private static void shakeHands(Channel channel, NetTrace hooks) {
		SslHandler tls = channel.pipeline().get(SslHandler.class);
		if (tls == null) {
			return;
		}
		TlsHandshake handshake = TlsHandshake.start(hooks, tls.engine());
		tls.handshakeFuture().addListener((end) -> {
			if (end.isSuccess()) {
				handshake.succeeded(tls.engine().getSession(), tls.applicationProtocol());
			}
			else {
				handshake.failed(end.cause());
			}
		});
	}

	/**
	 * A channel that ends before it connects needs its trace no longer.
	 */
	@Override
	public void handlerRemoved(ChannelHandlerContext context) {
		this.bootstrap.forget();
	}

}
