package io.nettrace.client.jetty;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;

import io.nettrace.NetTrace;
import io.nettrace.NetTraceContext;
import io.nettrace.instrument.RequestTrace;
import org.eclipse.jetty.client.transport.HttpConversation;
import org.eclipse.jetty.client.transport.HttpDestination;
import org.eclipse.jetty.client.transport.HttpExchange;
import org.eclipse.jetty.client.transport.HttpRequest;
import org.jspecify.annotations.Nullable;

/**
 * A request on its way through its conversation, which all its exchanges share: the
 * first, and those of redirects and of further attempts. Jetty calls each of them a
 * request. Another thread may take an exchange from the queue, and have it sent and
 * answered, before the one that has queued it says so. So the first thread that something
 * is to be told of begins the request, and its exchange, and the one that queues the
 * first exchange says whose the hooks are.
 */
final class JettyRequest {

	private static final String ATTRIBUTE = JettyRequest.class.getName();

	private static final Object UNWATCHED = "unwatched";

	private final NetTrace hooks;

	/**
	 * {@code null} until the thread that queues the first exchange says so.
	 */
	private volatile @Nullable RequestTrace trace;

	/**
	 * The exchange that is queued and for which no connection has been opened.
	 */
	private final AtomicReference<@Nullable HttpRequest> waiting = new AtomicReference<>();

	private final boolean watched;

	private volatile boolean watchesWaits;

	private volatile @Nullable JettyExchange exchange;

	private volatile boolean hasDialed;

	// Guarded by this
	private @Nullable List<NetTrace> dials;

	/**
	 * Create a request.
	 * @param trace its trace
	 * @param watched whether its exchanges, or their connections, call hooks
	 * @param watchesWaits whether its waits do
	 */
	JettyRequest(RequestTrace trace, boolean watched, boolean watchesWaits) {
		this(trace.hooks(), watched);
		this.trace = trace;
		this.watchesWaits = watchesWaits;
	}

	private JettyRequest(NetTrace hooks, boolean watched) {
		this.hooks = hooks;
		this.watched = watched;
	}

	/**
	 * Begin a request with its first exchange, on the thread that queues it.
	 * @return the request, which another thread may have begun
	 */
	static JettyRequest begin(HttpRequest exchange, RequestTrace trace, boolean watched, boolean watchesWaits) {
		JettyRequest request = new JettyRequest(trace, watched, watchesWaits);
		JettyRequest begun = (JettyRequest) attribute(exchange, request);
		if (begun != request) {
			begun.belongsTo(trace, watchesWaits);
		}
		return begun;
	}

	/**
	 * Begin a request that nothing listens to.
	 */
	static void unwatched(HttpRequest exchange) {
		if (attribute(exchange, UNWATCHED) instanceof JettyRequest begun) {
			begun.belongsTo(RequestTrace.NONE, false);
		}
	}

	/**
	 * Begin a request on another thread than the one that queues its first exchange.
	 * @return the request, {@code null} if nothing listens to it
	 */
	static @Nullable JettyRequest early(HttpRequest exchange) {
		return (attribute(exchange, new JettyRequest(new DeferredTrace(), true)) instanceof JettyRequest request)
				? request : null;
	}

	private static Object attribute(HttpRequest exchange, Object value) {
		HttpConversation conversation = exchange.getConversation();
		synchronized (conversation) {
			Object present = conversation.getAttribute(ATTRIBUTE);
			if (present == null) {
				conversation.setAttribute(ATTRIBUTE, value);
			}
			return (present != null) ? present : value;
		}
	}

	private void belongsTo(RequestTrace trace, boolean watchesWaits) {
		this.trace = trace;
		this.watchesWaits = watchesWaits;
		((DeferredTrace) this.hooks).become(trace.hooks());
	}

	/**
	 * Return the request that an exchange belongs to.
	 * @return the request, {@code null} if nothing listens to it
	 */
	static @Nullable JettyRequest of(HttpRequest exchange) {
		return (exchange.getConversation().getAttribute(ATTRIBUTE) instanceof JettyRequest request) ? request : null;
	}

	/**
	 * Whether the thread that has queued the first exchange has said so.
	 */
	static boolean isAnnounced(HttpRequest exchange) {
		Object request = exchange.getConversation().getAttribute(ATTRIBUTE);
		return request == UNWATCHED || (request instanceof JettyRequest begun && begun.trace != null);
	}

	boolean watchesWaits() {
		return this.watchesWaits;
	}

	/**
	 * An exchange is queued: the one before is over.
	 * @param queued the exchange
	 * @return what calls its hooks, {@code null} if there are none
	 */
	@Nullable JettyExchange queue(HttpRequest queued) {
		if (!this.watched) {
			this.waiting.set(queued);
		}
		return exchange(queued);
	}

	/**
	 * Return what calls the hooks of an exchange.
	 * @return the exchange, {@code null} if there are none, or none any more
	 */
	@Nullable JettyExchange exchange(HttpRequest exchange) {
		JettyExchange current = this.exchange;
		if (current != null && current.isOf(exchange)) {
			return current;
		}
		HttpExchange last = this.watched ? exchange.getConversation().getExchanges().peekLast() : null;
		return (last != null && last.getRequest() == exchange) ? exchange(current, last) : null;
	}

	private @Nullable JettyExchange exchange(@Nullable JettyExchange before, HttpExchange last) {
		if (before != null) {
			before.isFollowed();
		}
		JettyExchange exchange = new JettyExchange(last, this.hooks);
		synchronized (exchange) { // is told of nothing else before it has asked
			if (!follows(before, exchange)) {
				return exchange(last.getRequest());
			}
			exchange.asks();
			exchange.listen();
		}
		return exchange;
	}

	/**
	 * Whether no other thread has made the exchange.
	 */
	private synchronized boolean follows(@Nullable JettyExchange before, JettyExchange exchange) {
		boolean follows = this.exchange == before;
		if (follows) {
			this.waiting.set(exchange.exchange().getRequest());
			this.exchange = exchange;
		}
		return follows;
	}

	/**
	 * Whether something has been told of an exchange, which is therefore in the queue, or
	 * has been.
	 */
	boolean knows(HttpRequest exchange) {
		JettyExchange current = this.exchange;
		return current != null && current.isOf(exchange);
	}

	/**
	 * Whether an exchange waits for the pool, so that a place there is for another one.
	 */
	boolean isWaiting(HttpRequest exchange) {
		JettyExchange queued = exchange(exchange);
		return queued != null && queued.isWaiting();
	}

	/**
	 * Whether an exchange takes the connection that is being opened, because none has
	 * been opened for it yet.
	 */
	boolean takes(HttpRequest exchange) {
		JettyExchange taking = exchange(exchange);
		boolean taken = this.waiting.compareAndSet(exchange, null);
		if (taken && taking != null) {
			taking.dials();
		}
		return taken;
	}

	/**
	 * Return what was bound to the thread that sent the request. It comes too late for a
	 * connection that is opened before that thread has said so.
	 */
	NetTraceContext context() {
		RequestTrace trace = this.trace;
		return (trace != null) ? trace.context() : NetTraceContext.empty();
	}

	/**
	 * Begin to set up a connection. The hooks are kept for as long as the request is
	 * there: see {@link DialTrace}.
	 * @param destination the pool that the connection is for, if Jetty tells
	 * @return the dial's hooks, {@link NetTrace#NONE} if nothing listens
	 */
	NetTrace newDial(@Nullable HttpDestination destination) {
		this.hasDialed = true;
		NetTrace hooks = this.hooks.forDial();
		if (hooks != NetTrace.NONE) {
			keep(hooks);
		}
		else if (!this.watched) {
			return hooks;
		}
		return new DialTrace(hooks, destination, this);
	}

	/**
	 * Whether Jetty has begun to set up a connection for the request.
	 */
	boolean hasDialed() {
		return this.hasDialed;
	}

	private synchronized void keep(NetTrace dial) {
		if (this.dials == null) {
			this.dials = new ArrayList<>(1);
		}
		this.dials.add(dial);
	}

}
