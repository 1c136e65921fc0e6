package io.nettrace.client.jetty;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;

import io.nettrace.NetTrace;
import io.nettrace.NetTraceContext;
import io.nettrace.instrument.RequestTrace;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.client.transport.HttpDestination;
import org.eclipse.jetty.client.transport.HttpExchange;
import org.eclipse.jetty.client.transport.HttpRequest;
import org.jspecify.annotations.Nullable;

/**
 * A request on its way through its conversation, which all its exchanges share: the
 * first, and those of redirects and of further attempts. Jetty calls each of them a
 * request.
 */
final class JettyRequest {

	private static final String ATTRIBUTE = JettyRequest.class.getName();

	private final RequestTrace trace;

	/**
	 * The exchange that is queued and for which no connection has been opened.
	 */
	private final AtomicReference<@Nullable HttpRequest> waiting = new AtomicReference<>();

	private final boolean watched;

	private final boolean watchesWaits;

	private volatile @Nullable JettyExchange exchange;

	// Guarded by this
	private @Nullable List<NetTrace> dials;

	/**
	 * Create a request.
	 * @param trace its trace
	 * @param watched whether its exchanges, or their connections, call hooks
	 * @param watchesWaits whether its waits do
	 */
	JettyRequest(RequestTrace trace, boolean watched, boolean watchesWaits) {
		this.trace = trace;
		this.watched = watched;
		this.watchesWaits = watchesWaits;
	}

	/**
	 * Begin a request with its first exchange.
	 */
	static JettyRequest begin(HttpRequest exchange, RequestTrace trace, boolean watched, boolean watchesWaits) {
		JettyRequest request = new JettyRequest(trace, watched, watchesWaits);
		exchange.getConversation().setAttribute(ATTRIBUTE, request);
		return request;
	}

	/**
	 * Return the request that an exchange belongs to.
	 * @return the request, {@code null} if nothing listens to it
	 */
	static @Nullable JettyRequest of(HttpRequest exchange) {
		return (JettyRequest) exchange.getConversation().getAttribute(ATTRIBUTE);
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
		JettyExchange before = this.exchange;
		if (before != null) {
			before.isFollowed();
		}
		this.waiting.set(queued);
		HttpExchange last = queued.getConversation().getExchanges().peekLast();
		if (!this.watched || last == null) {
			return null;
		}
		JettyExchange exchange = new JettyExchange(last, this.trace.hooks());
		exchange.asks();
		exchange.listen();
		this.exchange = exchange;
		return exchange;
	}

	/**
	 * Return what calls the hooks of an exchange.
	 * @return the exchange, {@code null} if there are none
	 */
	@Nullable JettyExchange exchange(Request exchange) {
		JettyExchange current = this.exchange;
		return (current != null && current.isOf(exchange)) ? current : null;
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
		boolean taken = this.waiting.compareAndSet(exchange, null);
		JettyExchange taking = taken ? exchange(exchange) : null;
		if (taking != null) {
			taking.dials();
		}
		return taken;
	}

	/**
	 * Return what was bound to the thread that sent the request.
	 */
	NetTraceContext context() {
		return this.trace.context();
	}

	/**
	 * Begin to set up a connection. The hooks are kept for as long as the request is
	 * there: see {@link DialTrace}.
	 * @param destination the pool that the connection is for, if Jetty tells
	 * @return the dial's hooks, {@link NetTrace#NONE} if nothing listens
	 */
	NetTrace newDial(@Nullable HttpDestination destination) {
		NetTrace hooks = this.trace.dial();
		if (hooks != NetTrace.NONE) {
			keep(hooks);
		}
		else if (!this.watched) {
			return hooks;
		}
		return new DialTrace(hooks, destination);
	}

	private synchronized void keep(NetTrace dial) {
		if (this.dials == null) {
			this.dials = new ArrayList<>(1);
		}
		this.dials.add(dial);
	}

}
