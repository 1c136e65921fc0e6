package io.nettrace.client.netty;

import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.CancellationException;

import io.nettrace.NetTrace;
import io.nettrace.instrument.NetTraceAddress;
import io.nettrace.instrument.TlsHandshake;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.handler.ssl.SslHandler;
import org.jspecify.annotations.Nullable;

/**
 * Fires the connect hooks of one channel, and those of its TLS handshake. It leaves the
 * channel when that is connected, or has its first answer.
 */
final class ConnectHandler extends ChannelDuplexHandler {

	private final TracedBootstrap bootstrap;

	private final boolean startTls;

	private NetTrace hooks = NetTrace.NONE;

	private @Nullable SocketAddress remote;

	/**
	 * Create a handler.
	 * @param bootstrap has the trace, if the address carries none
	 * @param startTls whether a handshake may also begin with the server's first answer,
	 * for which the handler stays that long
	 */
	ConnectHandler(TracedBootstrap bootstrap, boolean startTls) {
		this.bootstrap = bootstrap;
		this.startTls = startTls;
	}

	@Override
	@SuppressWarnings("FutureReturnValueIgnored") // the promise tells
	public void connect(ChannelHandlerContext context, SocketAddress remote, @Nullable SocketAddress local,
			ChannelPromise promise) {
		NetTrace carried = NetTraceAddress.traceOf(remote);
		NetTrace hooks = (carried != null) ? carried : this.bootstrap.take(remote).dial();
		// a socket of NIO keeps the very address for as long as it is open
		SocketAddress plain = NetTraceAddress.withoutTrace(remote);
		if (hooks == NetTrace.NONE) {
			context.pipeline().remove(this);
			context.connect(plain, local, promise);
			return;
		}
		this.hooks = hooks;
		this.remote = remote;
		SocketAddress address = withoutNetty(plain);
		String network = (address instanceof UnixDomainSocketAddress) ? "unix" : "tcp";
		hooks.connectStart(network, address);
		ChannelPromise attempt = promise.unvoid();
		attempt.addListener((end) -> {
			hooks.connectDone(network, address, error(end.cause()));
			if (end.isSuccess()) {
				shakeHands(context.channel());
			}
			else {
				NetTraceAddress.release(remote);
			}
		});
		context.connect(plain, local, attempt);
	}

	/**
	 * Some libraries add the handler of TLS only now.
	 */
	@Override
	public void channelActive(ChannelHandlerContext context) {
		context.fireChannelActive();
		shakeHands(context.channel());
		if (!this.startTls || this.hooks == NetTrace.NONE) {
			leave(context);
		}
	}

	@Override
	public void channelRead(ChannelHandlerContext context, Object message) {
		context.fireChannelRead(message);
		shakeHands(context.channel());
		leave(context);
	}

	private void leave(ChannelHandlerContext context) {
		NetTraceAddress.releaseGroup(this.remote);
		if (!context.isRemoved()) {
			context.pipeline().remove(this);
		}
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
	private void shakeHands(Channel channel) {
		SslHandler tls = channel.pipeline().get(SslHandler.class);
		if (tls == null || this.hooks == NetTrace.NONE) {
			return;
		}
		TlsHandshake handshake = TlsHandshake.start(this.hooks, tls.engine());
		SocketAddress remote = this.remote;
		this.hooks = NetTrace.NONE;
		this.remote = null;
		tls.handshakeFuture().addListener((end) -> {
			if (end.isSuccess()) {
				handshake.succeeded(tls.engine().getSession(), tls.applicationProtocol());
				NetTraceAddress.releaseGroup(remote);
			}
			else {
				handshake.failed(end.cause());
				NetTraceAddress.release(remote);
			}
		});
	}

	/**
	 * A channel that ends before it connects needs its trace no longer.
	 */
	@Override
	public void handlerRemoved(ChannelHandlerContext context) {
		this.bootstrap.forget();
		NetTraceAddress.release(this.remote);
		this.hooks = NetTrace.NONE;
		this.remote = null;
	}

}
