package io.nettrace.client.reactor;

import java.net.SocketAddress;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;

import io.nettrace.ConnectionTarget;
import io.nettrace.NetTrace;
import io.nettrace.NetTraceContext;
import io.nettrace.dns.LookupGroup;
import io.nettrace.instrument.NetTracing;
import io.nettrace.instrument.RequestTrace;
import io.netty.util.concurrent.EventExecutor;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.netty.Connection;
import reactor.util.context.Context;
import reactor.util.context.ContextView;

/**
 * A request on its way through Reactor's context to everything that happens for it: its
 * exchanges, more than one if there are redirects or retries, and the dials that open
 * their connections, one after the other.
 */
final class ReactorRequest {

	private static final AtomicIntegerFieldUpdater<ReactorRequest> EXCHANGES = AtomicIntegerFieldUpdater
		.newUpdater(ReactorRequest.class, "exchanges");

	private final NetTraceReactorNetty client;

	private Mono<? extends Connection> connect;

	private volatile ContextView context;

	// null until it is needed
	private volatile @Nullable RequestTrace trace;

	private boolean watchesExchanges;

	// Whether the exchange that is to come has called getConn
	private volatile boolean asked;

	private volatile @Nullable DialTrace dial;

	private volatile boolean cancelled;

	// No exchange is to come
	private volatile boolean settled;

	// Under way
	private volatile int exchanges;

	// That has not been told to connect yet
	private volatile boolean channelMade;

	private ReactorRequest(NetTraceReactorNetty client, Mono<? extends Connection> connect, ContextView context) {
		this.client = client;
		this.connect = connect;
		this.context = context;
	}

	/**
	 * Capture a request on the thread that subscribes. Its trace is made here if each
	 * exchange calls hooks, or if only the thread can tell what the request belongs to.
	 * Otherwise most requests find a pooled connection and never need one.
	 * @param client has the lookups, and makes the traces
	 * @param connect connects the request
	 * @param context the subscriber's
	 */
	static ReactorRequest of(NetTraceReactorNetty client, Mono<? extends Connection> connect, Context context) {
		ContextView captured = SubscriberScope.capture(context);
		if (captured == null) {
			ReactorRequest request = new ReactorRequest(client, connect, context);
			SubscriberScope.call(context, request::beginOnThread);
			return request;
		}
		ReactorRequest request = new ReactorRequest(client, connect, captured);
		if (client.tracing().watchesExchanges(request::bound)) {
			ConnectionTarget target = request.target();
			request.watchesExchanges = true;
			request.trace(target);
			request.asksForConnection(target);
		}
		return request;
	}

	private RequestTrace beginOnThread() {
		ConnectionTarget target = target();
		RequestTrace trace = makeTrace(target);
		this.trace = trace;
		this.watchesExchanges = this.client.tracing().watchesExchanges();
		asksForConnection(target);
		return trace;
	}

	/**
	 * Return the context in which connections find this request.
	 */
	Context writeTo(Context context) {
		return context.put(ReactorRequest.class, this);
	}

	static @Nullable ReactorRequest readFrom(ContextView context) {
		return context.getOrDefault(ReactorRequest.class, null);
	}

	private RequestTrace trace() {
		RequestTrace trace = this.trace;
		return (trace != null) ? trace : trace(target());
	}

	private RequestTrace trace(@Nullable ConnectionTarget target) {
		RequestTrace trace = this.client.tracing()
			.request(NetTraceReactorNetty.CLIENT, host(target), port(target), this::bound);
		if (trace == null) {
			trace = SubscriberScope.callElsewhere(this.context, () -> makeTrace(target));
		}
		this.trace = trace;
		return trace;
	}

	private RequestTrace makeTrace(@Nullable ConnectionTarget target) {
		NetTracing tracing = this.client.tracing();
		return tracing.request(NetTraceReactorNetty.CLIENT, host(target), port(target));
	}

	private @Nullable ConnectionTarget target() {
		return RequestSettings.target(this.connect);
	}

	private static @Nullable String host(@Nullable ConnectionTarget target) {
		return (target != null) ? target.host() : null;
	}

	private static int port(@Nullable ConnectionTarget target) {
		return (target != null) ? target.port() : -1;
	}

	private @Nullable Object bound(Object key) {
		return this.context.getOrDefault(key, null);
	}

	/**
	 * Return what was bound around the request.
	 */
	NetTraceContext context() {
		RequestTrace trace = this.trace;
		return (trace != null) ? trace.context() : NetTraceContext.in(this::bound);
	}

	NetTracing tracing() {
		return this.client.tracing();
	}

	/**
	 * An exchange asks for a connection. Of the first one that is known when the request
	 * begins; of a redirect or a retry not before it opens a connection or has got one.
	 * @param target what the exchange is for, {@code null} if it is not known
	 */
	void asksForConnection(@Nullable ConnectionTarget target) {
		if (this.watchesExchanges && !this.asked && target != null) {
			this.asked = true;
			trace().hooks().getConn(target);
		}
	}

	/**
	 * The library has its response, or has given up: no exchange is to come.
	 */
	void settle() {
		this.settled = true;
		letGoIfOver();
	}

	void exchangeBegins() {
		EXCHANGES.incrementAndGet(this);
	}

	void exchangeEnds() {
		EXCHANGES.decrementAndGet(this);
		letGoIfOver();
	}

	/**
	 * The library keeps the context of the request that has opened an HTTP/2 connection,
	 * and this in it, for as long as the connection lives.
	 */
	private void letGoIfOver() {
		if (this.settled && this.exchanges == 0) {
			this.trace = RequestTrace.NONE;
			this.dial = null;
			this.context = Context.empty();
			this.connect = Mono.never();
		}
	}

	/**
	 * An exchange has got a connection.
	 * @param connection the connection
	 * @param operations what the library calls a connection: the exchange on it
	 * @param url what the exchange is for
	 */
	void gotConnection(ReactorConnection connection, Connection operations, @Nullable String url) {
		if (!this.watchesExchanges && !tracing().watchesConnections()) {
			connection.record().count();
			return;
		}
		if (!this.asked && url != null) {
			asksForConnection(RequestSettings.target(url, url.startsWith("https:") || url.startsWith("wss:")));
		}
		this.asked = false;
		NetTrace hooks = this.watchesExchanges ? trace().hooks() : NetTrace.NONE;
		ReactorExchange.begin(this, connection, operations, hooks, isStream(operations) ? "2" : "1.1");
	}

	private static boolean isStream(Connection operations) {
		return operations.channel().parent() != null;
	}

	/**
	 * Return the lookups that those of this request share.
	 */
	LookupGroup lookups(TracedAddressResolverGroup resolver) {
		return this.client.lookups(resolver);
	}

	/**
	 * Begin to set up a connection.
	 * @param eventLoop where all hooks of the dial are called
	 * @return the dial's hooks, {@link NetTrace#NONE} if nothing listens, and once the
	 * request has been cancelled
	 */
	NetTrace newDial(EventExecutor eventLoop) {
		NetTrace hooks = trace().dial();
		if (hooks == NetTrace.NONE) {
			return hooks;
		}
		DialTrace dial = new DialTrace(hooks, eventLoop);
		this.dial = dial;
		return this.cancelled ? NetTrace.NONE : dial; // asked last: cancel() asks for the
														// dial last
	}

	/**
	 * End the dial that is under way. No other one begins.
	 */
	void cancel() {
		this.cancelled = true;
		DialTrace dial = this.dial;
		if (dial != null) {
			dial.cancel();
		}
	}

	/**
	 * A channel has been made for this request, or is told to connect.
	 */
	void channelMade(boolean made) {
		this.channelMade = made;
	}

	/**
	 * Show the attempt for which no socket could be made. If there is a channel that has
	 * yet to connect, its lookup had no socket.
	 * @param failure what the request fails with
	 */
	void connectWithoutSocket(Throwable failure) {
		if (this.channelMade || this.cancelled) {
			return;
		}
		SocketAddress address = RequestSettings.firstHop(this.connect);
		if (address != null) {
			NetTrace hooks = trace().dial();
			String network = ChannelTraceHandler.network(address);
			hooks.connectStart(network, address);
			hooks.connectDone(network, address, failure);
		}
	}

}
