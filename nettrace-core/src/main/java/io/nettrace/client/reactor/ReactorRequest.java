package io.nettrace.client.reactor;

import java.lang.ref.WeakReference;
import java.net.SocketAddress;
import java.util.function.Function;

import io.nettrace.ConnectionTarget;
import io.nettrace.NetTrace;
import io.nettrace.NetTraceContext;
import io.nettrace.WaitInfo.Outcome;
import io.nettrace.dns.LookupGroup;
import io.nettrace.instrument.NetTracing;
import io.nettrace.instrument.RequestTrace;
import io.netty.util.concurrent.EventExecutor;
import org.jspecify.annotations.Nullable;
import reactor.netty.Connection;
import reactor.netty.http.client.HttpClientInfos;
import reactor.netty.resources.ConnectionProvider;
import reactor.netty.transport.ProxyProvider;
import reactor.util.context.Context;
import reactor.util.context.ContextView;

/**
 * A request on its way through Reactor's context to everything that happens for it: its
 * exchanges, more than one if there are redirects or retries, and the dials that open
 * their connections, one after the other.
 */
final class ReactorRequest implements Function<Object, @Nullable Object> {

	private final TracedConnect source;

	private volatile ContextView context;

	// null until it is needed
	private volatile @Nullable RequestTrace trace;

	private boolean watchesExchanges;

	// Of the exchange that is to come, or is under way
	private volatile @Nullable Acquisition acquisition;

	private volatile boolean cancelled;

	// Of a request that is cancelled. Weak: see letGo
	private volatile @Nullable WeakReference<Acquisition> lastAcquisition;

	private volatile boolean over;

	// That has not been told to connect yet
	private volatile boolean channelMade;

	private ReactorRequest(TracedConnect source, ContextView context) {
		this.source = source;
		this.context = context;
	}

	/**
	 * Capture a request on the thread that subscribes. Its trace is made here if each
	 * exchange calls hooks, or if only the thread can tell what the request belongs to.
	 * Otherwise most requests find a pooled connection and never need one.
	 * @param source what is subscribed to
	 * @param context the subscriber's
	 */
	static ReactorRequest of(TracedConnect source, Context context) {
		ContextView captured = SubscriberScope.capture(context);
		if (captured == null) {
			ReactorRequest request = new ReactorRequest(source, context);
			SubscriberScope.call(context, request::beginOnThread);
			return request;
		}
		ReactorRequest request = new ReactorRequest(source, captured);
		if (request.tracing().watchesExchanges(request)) {
			ConnectionTarget target = request.target();
			request.watchesExchanges = true;
			request.trace(target);
			request.acquisition().ask(request.firstHop(target));
		}
		return request;
	}

	private RequestTrace beginOnThread() {
		ConnectionTarget target = target();
		RequestTrace trace = makeTrace(target);
		this.trace = trace;
		this.watchesExchanges = tracing().watchesExchanges();
		if (this.watchesExchanges) {
			acquisition().ask(firstHop(target));
		}
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
		RequestTrace trace = tracing().request(NetTraceReactorNetty.CLIENT, host(target), port(target), this);
		if (trace == null) {
			trace = SubscriberScope.callElsewhere(this.context, () -> makeTrace(target));
		}
		this.trace = trace;
		return trace;
	}

	private RequestTrace makeTrace(@Nullable ConnectionTarget target) {
		NetTracing tracing = tracing();
		return tracing.request(NetTraceReactorNetty.CLIENT, host(target), port(target));
	}

	private @Nullable ConnectionTarget target() {
		return RequestSettings.target(this.source.connect());
	}

	private static @Nullable String host(@Nullable ConnectionTarget target) {
		return (target != null) ? target.host() : null;
	}

	private static int port(@Nullable ConnectionTarget target) {
		return (target != null) ? target.port() : -1;
	}

	/**
	 * Find what is bound around the request.
	 */
	@Override
	public @Nullable Object apply(Object key) {
		return this.context.getOrDefault(key, null);
	}

	/**
	 * Return what was bound around the request.
	 */
	NetTraceContext context() {
		RequestTrace trace = this.trace;
		return (trace != null) ? trace.context() : NetTraceContext.in(this);
	}

	NetTracing tracing() {
		return this.source.client().tracing();
	}

	/**
	 * Return what an exchange asks for a connection to: the proxy, if it is for one.
	 */
	private @Nullable ConnectionTarget firstHop(@Nullable ConnectionTarget target) {
		return (target != null) ? RequestSettings.firstHop(this.source.connect(), target) : null;
	}

	/**
	 * Whether only the proxy is missing to tell what the exchange asks for.
	 */
	boolean waitsForProxy() {
		return this.watchesExchanges && !acquisition().hasAsked();
	}

	/**
	 * The library has got the proxy of the request.
	 */
	void goesThrough(ProxyProvider proxy) {
		ConnectionTarget target = target();
		if (target != null && this.watchesExchanges) {
			acquisition().ask(RequestSettings.firstHop(proxy, target));
		}
	}

	private Acquisition acquisition() {
		Acquisition last = this.acquisition;
		Acquisition current = (last != null) ? last.current()
				: new Acquisition(this.watchesExchanges ? trace().hooks() : NetTrace.NONE, this.source, null);
		this.acquisition = current;
		return current;
	}

	/**
	 * The pool has neither a connection for the exchange nor place for a new one. If it
	 * has got one meanwhile, and even come to its end, it has not waited.
	 */
	void waitsForConnection() {
		Acquisition asking = this.acquisition;
		if (asking != null && asking.isContinuedHere()) {
			asking.current().waits();
		}
	}

	/**
	 * An exchange has ended in an exception. If that is not the end of the request, as of
	 * a redirect and of what is sent again, the library has asked for another connection
	 * on this thread, and may even have it.
	 */
	void exchangeFailed() {
		Acquisition asking = this.acquisition;
		if (asking != null && asking.isContinuedHere()) {
			asking.current().ask(null);
		}
	}

	/**
	 * Return the pools of the client, {@code null} if they are not known.
	 */
	@Nullable ConnectionProvider pools() {
		return RequestSettings.pools(this.source.connect());
	}

	/**
	 * The library has its response, or has given up: no exchange is to come, and what is
	 * under way has its hooks. The library keeps the context of the request that has
	 * opened an HTTP/2 connection, and this in it, for as long as the connection lives.
	 */
	void letGo() {
		this.over = true;
		this.trace = RequestTrace.NONE;
		this.acquisition = null;
		this.context = Context.empty();
	}

	/**
	 * Whether something is told of each exchange, or of each use of a connection.
	 */
	boolean isWatched() {
		return this.watchesExchanges || tracing().watchesConnections();
	}

	/**
	 * The library has its response. If nothing has watched its exchanges, the connection
	 * learns only now that it was used.
	 */
	void gotResponse(Connection operations) {
		ReactorConnection connection = isWatched() ? null : ReactorConnection.of(operations.channel());
		if (connection != null) {
			connection.count();
		}
	}

	/**
	 * An exchange has got a connection.
	 * @param connection the connection
	 * @param operations what the library calls a connection: the exchange on it
	 * @param infos knows what the exchange is for
	 */
	void gotConnection(ReactorConnection connection, Connection operations, HttpClientInfos infos) {
		if (!isWatched()) {
			return; // its settings could not be reached, or another subscriber is
		}
		Acquisition acquisition = this.over ? handedOver() : acquisition();
		if (acquisition == null) {
			connection.isGone(operations.channel());
			return;
		}
		if (this.watchesExchanges && !acquisition.hasAsked()) {
			ConnectionTarget firstHop = connection.firstHop();
			acquisition.askAnyway((firstHop != null) ? firstHop : target(infos.resourceUrl()));
		}
		acquisition.served(Outcome.REUSED, null);
		ReactorExchange.begin(connection, operations, acquisition);
	}

	/**
	 * Another thread may cancel the request while the event loop hands over a connection:
	 * the library sends the request all the same.
	 */
	private @Nullable Acquisition handedOver() {
		WeakReference<Acquisition> last = this.lastAcquisition;
		Acquisition cancelled = (last != null) ? last.get() : null;
		return (cancelled != null) ? cancelled.current() : null;
	}

	/**
	 * An exchange has got a connection that is not traced, as over HTTP/3.
	 */
	void gotUntracedConnection() {
		Acquisition asking = this.acquisition;
		if (asking != null) {
			asking.current().served(Outcome.REUSED, null);
		}
	}

	static @Nullable ConnectionTarget target(@Nullable String url) {
		return (url != null) ? RequestSettings.target(url, url.startsWith("https:") || url.startsWith("wss:")) : null;
	}

	/**
	 * Return the lookups that those of this request share.
	 */
	LookupGroup lookups(TracedAddressResolverGroup resolver) {
		return this.source.client().lookups(resolver);
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
		acquisition().dials(dial);
		return this.cancelled ? NetTrace.NONE : dial; // asked last: cancel() asks for the
														// dial last
	}

	/**
	 * End what is under way. No other dial begins.
	 */
	void cancel() {
		this.cancelled = true;
		Acquisition asking = this.acquisition;
		if (asking != null) {
			this.lastAcquisition = new WeakReference<>(asking);
			asking.cancel();
		}
	}

	/**
	 * The request has failed.
	 * @param failure what it fails with
	 */
	void fail(Throwable failure) {
		Acquisition asking = this.acquisition;
		if (UnmadeSocket.isCauseOf(failure)) {
			connectWithoutSocket(failure);
		}
		if (asking != null) {
			asking.fail(failure);
		}
	}

	/**
	 * A channel has been made for this request: there is place for a new connection.
	 * @param firstHop what it connects to, {@code null} if it has no port
	 */
	void channelMade(@Nullable ConnectionTarget firstHop) {
		this.channelMade = true;
		Acquisition acquisition = acquisition();
		acquisition.ask(firstHop);
		acquisition.served(Outcome.NEW, null);
	}

	/**
	 * The channel is told to connect.
	 */
	void channelConnects() {
		this.channelMade = false;
	}

	/**
	 * Show the attempt for which no socket could be made. If there is a channel that has
	 * yet to connect, its lookup had no socket.
	 * @param failure what the request fails with
	 */
	private void connectWithoutSocket(Throwable failure) {
		if (this.channelMade || this.cancelled) {
			return;
		}
		SocketAddress address = RequestSettings.firstHop(this.source.connect());
		if (address != null) {
			acquisition().served(Outcome.NEW, null);
			NetTrace hooks = trace().dial();
			String network = ChannelTraceHandler.network(address);
			hooks.connectStart(network, address);
			hooks.connectDone(network, address, failure);
		}
	}

}
