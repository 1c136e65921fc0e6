package io.nettrace.client.reactor;

import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.unix.DomainSocketAddress;
import io.nettrace.NetTrace;
import io.nettrace.NetTraceAddress;
import io.nettrace.NetTraceContext;
import org.jspecify.annotations.Nullable;
import reactor.netty.Connection;

/**
 * Fires the connect hooks of one channel, which Reactor Netty makes for one attempt. It
 * is nearest to the network, so that it sees the address of a proxy and not the proxy's
 * client.
 */
final class ConnectTraceHandler extends ChannelOutboundHandlerAdapter {

	/**
	 * The handler whose name is about to be looked up. Reactor Netty does not tell a
	 * resolver for which channel it is asked, but asks it right after
	 * {@code doOnResolve}, on the same thread.
	 */
	private static final ThreadLocal<@Nullable ConnectTraceHandler> LOOKING_UP = new ThreadLocal<>();

	private final RequestTraces request;

	private @Nullable NetTrace lookup;

	ConnectTraceHandler(RequestTraces request) {
		this.request = request;
	}

	/**
	 * Called on the channel of the first attempt just before its name is looked up.
	 */
	static void beforeLookup(Connection connection) {
		ConnectTraceHandler handler = connection.channel().pipeline().get(ConnectTraceHandler.class);
		if (handler != null && handler.lookup == null) { // again, if instrumented twice
			handler.lookup = handler.request.newTrace(connection.channel().eventLoop());
			LOOKING_UP.set(handler);
		}
	}

	/**
	 * Return the handler that a resolver is asked for.
	 * @return the handler, or {@code null} if nobody traced asks
	 */
	static @Nullable ConnectTraceHandler takeLookingUp() {
		ConnectTraceHandler handler = LOOKING_UP.get();
		if (handler != null) {
			LOOKING_UP.set(null); // an event loop's: removing would make it anew
		}
		return handler;
	}

	/**
	 * What was bound around the request.
	 */
	NetTraceContext context() {
		return this.request.context();
	}

	/**
	 * The trace of the lookup and of the connects after it.
	 */
	NetTrace lookup() {
		return (this.lookup != null) ? this.lookup : NetTrace.NONE;
	}

	@Override
	@SuppressWarnings("FutureReturnValueIgnored") // the promise tells
	public void connect(ChannelHandlerContext context, SocketAddress remote, @Nullable SocketAddress local,
			ChannelPromise promise) {
		context.pipeline().remove(this);
		NetTrace trace = trace(context, remote);
		if (trace == NetTrace.NONE) {
			context.connect(remote, local, promise);
			return;
		}
		OperationTrace operation = OperationTrace.of(trace, context.channel().eventLoop());
		SocketAddress address = withoutNetty(remote);
		ChannelPromise attempt = promise.unvoid();
		operation.connectStart((address instanceof UnixDomainSocketAddress) ? "unix" : "tcp", address);
		attempt.addListener(operation);
		context.connect(remote, local, attempt);
	}

	/**
	 * Later attempts have a channel without a lookup, but an address that carries its
	 * trace. An address that was not looked up here has neither.
	 */
	private NetTrace trace(ChannelHandlerContext context, SocketAddress remote) {
		NetTrace carried = NetTraceAddress.traceOf(remote);
		if (carried != null) {
			return carried;
		}
		return (this.lookup != null) ? this.lookup : this.request.newTrace(context.channel().eventLoop());
	}

	private static SocketAddress withoutNetty(SocketAddress address) {
		return (address instanceof DomainSocketAddress unix) ? UnixDomainSocketAddress.of(unix.path()) : address;
	}

}
