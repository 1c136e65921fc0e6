package io.nettrace.client.jetty;

import java.lang.ref.WeakReference;
import java.util.Map;

import io.nettrace.Hook;
import io.nettrace.instrument.NetTracing;
import io.nettrace.instrument.RequestTrace;
import org.eclipse.jetty.client.Destination;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.client.transport.HttpDestination;
import org.eclipse.jetty.client.transport.HttpExchange;
import org.eclipse.jetty.client.transport.HttpRequest;
import org.jspecify.annotations.Nullable;

/**
 * Finds the request for which Jetty opens a connection. Jetty queues each exchange at its
 * destination and then opens connections without saying what for, for a redirect on
 * another thread. So the trace of the request is made when its first exchange is queued,
 * and kept in its conversation, which all its exchanges share. Each connection is counted
 * to one exchange of the queue: to that which the thread has just queued, else to the
 * first for which no connection has been opened yet.
 */
final class QueuedRequests implements Request.QueuedListener {

	/**
	 * What the thread has queued last. Without it each connection of a burst would have
	 * to search the queue, which Jetty can only copy. Weak, since it stays there if the
	 * request gets a connection of the pool.
	 */
	private static final ThreadLocal<@Nullable WeakReference<HttpRequest>> QUEUED_LAST = new ThreadLocal<>();

	private final NetTracing tracing;

	private final JettyConnections connections;

	/**
	 * Whether something has listened to a request: from then on there may be one that
	 * another thread begins. Without it, what nothing listens to costs nothing.
	 */
	private volatile boolean watching;

	QueuedRequests(NetTracing tracing, JettyConnections connections) {
		this.tracing = tracing;
		this.connections = connections;
	}

	/**
	 * Called by the thread that sends, before a connection is opened. Another thread may
	 * take the exchange from the queue at the same time.
	 */
	@Override
	public void onQueued(Request request) {
		if (request instanceof HttpRequest exchange) {
			JettyRequest queued = announced(exchange);
			if (queued == null) {
				QUEUED_LAST.set(null);
				return;
			}
			QUEUED_LAST.set(new WeakReference<>(exchange));
			JettyExchange traced = queued.queue(exchange);
			if (traced == null) {
				return;
			}
			Throwable aborted = exchange.getAbortCause();
			if (aborted != null) {
				traced.aborted(aborted); // before it has listened, perhaps
			}
			else if (queued.watchesWaits() && isInQueue(exchange) && !this.connections.hasPlace(traced.exchange())) {
				traced.waits();
			}
		}
	}

	/**
	 * Return the request of an exchange that the thread has queued. What is bound to the
	 * thread belongs to the first one only: Jetty queues the next ones itself, perhaps
	 * before the first has been said to be queued.
	 */
	private @Nullable JettyRequest announced(HttpRequest exchange) {
		if (JettyRequest.isAnnounced(exchange) || !isFirst(exchange)) {
			return of(exchange);
		}
		RequestTrace trace = this.tracing.request(NetTraceJetty.CLIENT, exchange.getHost(), exchange.getPort());
		boolean watchesConnections = this.tracing.watchesConnections();
		if (trace == RequestTrace.NONE && !watchesConnections) {
			if (this.watching) {
				JettyRequest.unwatched(exchange);
			}
			return null;
		}
		this.watching = true;
		return JettyRequest.begin(exchange, trace, watchesConnections || this.tracing.watchesExchanges(),
				this.tracing.watches(Hook.WAIT));
	}

	private static boolean isFirst(HttpRequest exchange) {
		HttpExchange first = exchange.getConversation().getExchanges().peekFirst();
		return first == null || first.getRequest() == exchange;
	}

	/**
	 * Return the request that an exchange belongs to, on whichever thread.
	 * @return the request, {@code null} if nothing listens to it
	 */
	private @Nullable JettyRequest of(HttpRequest exchange) {
		JettyRequest request = JettyRequest.of(exchange);
		boolean early = request == null && this.watching && !ExchangeEvents.isTunnel(exchange);
		return early ? JettyRequest.early(exchange) : request;
	}

	/**
	 * Return what calls the hooks of an exchange.
	 * @return the exchange, {@code null} if nothing listens to it
	 */
	@Nullable JettyExchange find(HttpRequest exchange) {
		JettyRequest request = of(exchange);
		return (request != null) ? request.exchange(exchange) : null;
	}

	/**
	 * An exchange has been rejected, unless it has been queued.
	 * @return whether it has been
	 */
	boolean isRejected(HttpRequest exchange, Throwable failure) {
		JettyRequest known = JettyRequest.of(exchange);
		if (known != null && known.knows(exchange)) {
			return false;
		}
		JettyRequest request = announced(exchange);
		JettyExchange traced = (request != null) ? request.queue(exchange) : null;
		if (traced != null) {
			traced.rejected(failure);
		}
		return true;
	}

	/**
	 * Return the request for which a connection is being opened. If it has been served
	 * otherwise by now, the connection still is its own. Jetty also opens some for which
	 * there is none: they belong to what is bound to the thread, or else to nothing.
	 * @param context what Jetty knows of the connection
	 */
	JettyRequest next(Map<String, Object> context) {
		HttpDestination destination = destination(context);
		if (destination == null) {
			return unbound();
		}
		HttpRequest last = lastQueued(destination);
		JettyRequest request = (last != null) ? JettyRequest.of(last) : null;
		if (last != null && request != null && isInQueue(last) && !request.isWaiting(last) && request.takes(last)) {
			return request;
		}
		JettyRequest first = firstQueued(destination);
		if (first != null) {
			return first;
		}
		return (request != null) ? request : unbound();
	}

	private JettyRequest unbound() {
		RequestTrace trace = this.tracing.hasParent() ? this.tracing.request(NetTraceJetty.CLIENT, null, -1)
				: RequestTrace.NONE;
		return new JettyRequest(trace, this.tracing.watchesConnections(), false);
	}

	static @Nullable HttpDestination destination(Map<String, Object> context) {
		return (context.get(Destination.CONTEXT_KEY) instanceof HttpDestination destination) ? destination : null;
	}

	private static @Nullable HttpRequest lastQueued(HttpDestination destination) {
		WeakReference<HttpRequest> last = QUEUED_LAST.get();
		HttpRequest queued = (last != null) ? last.get() : null;
		HttpExchange exchange = (queued != null) ? queued.getConversation().getExchanges().peekLast() : null;
		return (exchange != null && exchange.getRequest() == queued && exchange.getHttpDestination() == destination)
				? queued : null;
	}

	private static boolean isInQueue(HttpRequest queued) {
		return queued.getConnection() == null && queued.getAbortCause() == null;
	}

	private @Nullable JettyRequest firstQueued(HttpDestination destination) {
		JettyRequest first = null;
		for (HttpExchange exchange : destination.getHttpExchanges()) {
			JettyRequest request = of(exchange.getRequest());
			if (request != null && request.takes(exchange.getRequest())) {
				return request;
			}
			first = (first != null) ? first : request;
		}
		return first;
	}

}
