package io.nettrace.client.reactor;

import java.net.SocketAddress;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;

import io.nettrace.NetTrace;
import io.nettrace.NetTraceContext;
import io.nettrace.dns.LookupGroup;
import io.nettrace.instrument.RequestTrace;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.ImmediateEventExecutor;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.util.context.Context;
import reactor.util.context.ContextView;

/**
 * A request on its way through Reactor's context to the connections that are opened for
 * it: one, or one after the other for redirects and retries.
 */
abstract class RequestTraces {

	/**
	 * Stands for the operation of a request that was cancelled: no other one comes.
	 */
	private static final DialTrace CANCELLED = new DialTrace(NetTrace.NONE, ImmediateEventExecutor.INSTANCE);

	private static final AtomicReferenceFieldUpdater<RequestTraces, DialTrace> CURRENT = AtomicReferenceFieldUpdater
		.newUpdater(RequestTraces.class, DialTrace.class, "current");

	private final NetTraceReactorNetty client;

	private final ContextView context;

	// null as long as the context can tell
	private volatile @Nullable RequestTrace request;

	private volatile @Nullable DialTrace current;

	// That has not been told to connect yet
	private volatile boolean channelMade;

	/**
	 * Make the traces of a request on the thread that subscribes. Most requests find a
	 * connection, and what they belong to is not asked for; so that is put off if it can
	 * be found elsewhere.
	 * @param client has the lookups, and where operations get their trace
	 * @param context the subscriber's
	 */
	RequestTraces(NetTraceReactorNetty client, Context context) {
		this.client = client;
		ContextView captured = SubscriberScope.capture(context);
		if (captured != null) {
			this.context = captured;
		}
		else {
			this.context = context;
			this.request = SubscriberScope.call(context,
					() -> client.tracing().request(NetTraceReactorNetty.CLIENT, null, -1));
		}
	}

	/**
	 * Return the context in which connections find this request.
	 */
	final Context writeTo(Context context) {
		return context.put(RequestTraces.class, this);
	}

	static @Nullable RequestTraces readFrom(ContextView context) {
		return context.getOrDefault(RequestTraces.class, null);
	}

	/**
	 * Make the trace of a lookup and the connects after it.
	 * @param eventLoop where all of its hooks are called
	 */
	final NetTrace newTrace(EventExecutor eventLoop) {
		NetTrace trace = newTrace();
		if (trace == NetTrace.NONE) {
			return trace;
		}
		DialTrace operation = new DialTrace(trace, eventLoop);
		DialTrace last = this.current;
		boolean cancelled = last == CANCELLED || !CURRENT.compareAndSet(this, last, operation);
		return cancelled ? NetTrace.NONE : operation;
	}

	/**
	 * A channel has been made for this request, or is told to connect.
	 */
	final void channelMade(boolean made) {
		this.channelMade = made;
	}

	/**
	 * Show the attempt for which no socket could be made. If there is a channel that has
	 * yet to connect, its lookup had no socket.
	 * @param connect connects the request
	 * @param failure what the request fails with
	 */
	final void connectWithoutSocket(Mono<?> connect, Throwable failure) {
		if (this.channelMade || this.current == CANCELLED) {
			return;
		}
		SocketAddress address = UnmadeSocket.address(connect);
		if (address != null) {
			NetTrace trace = newTrace();
			String network = ConnectTraceHandler.network(address);
			trace.connectStart(network, address);
			trace.connectDone(network, address, failure);
		}
	}

	private NetTrace newTrace() {
		RequestTrace request = this.request;
		if (request == null) {
			request = this.client.tracing().request(NetTraceReactorNetty.CLIENT, null, -1, this::bound);
			if (request == null) {
				request = SubscriberScope.callElsewhere(this.context,
						() -> this.client.tracing().request(NetTraceReactorNetty.CLIENT, null, -1));
			}
			this.request = request;
		}
		return request.dial();
	}

	private @Nullable Object bound(Object key) {
		return this.context.getOrDefault(key, null);
	}

	/**
	 * The lookups that those of this request share.
	 */
	final LookupGroup lookups(TracedAddressResolverGroup resolver) {
		return this.client.lookups(resolver);
	}

	/**
	 * What was bound around the call.
	 */
	final NetTraceContext context() {
		RequestTrace request = this.request;
		return (request != null) ? request.context() : NetTraceContext.in(this::bound);
	}

	/**
	 * End what is going on for the subscriber that has cancelled.
	 */
	final void endOperation() {
		DialTrace operation = CURRENT.getAndSet(this, CANCELLED);
		if (operation != null && operation != CANCELLED) {
			operation.cancel();
		}
	}

}
