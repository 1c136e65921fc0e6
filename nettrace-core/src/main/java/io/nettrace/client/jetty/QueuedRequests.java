package io.nettrace.client.jetty;

import java.lang.ref.WeakReference;
import java.util.Map;

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

	QueuedRequests(NetTracing tracing) {
		this.tracing = tracing;
	}

	/**
	 * Called by the thread that sends, before a connection is opened.
	 */
	@Override
	public void onQueued(Request request) {
		if (request instanceof HttpRequest exchange) {
			JettyRequest queued = JettyRequest.of(exchange);
			if (queued == null) {
				RequestTrace trace = this.tracing.request(NetTraceJetty.CLIENT, exchange.getHost(), exchange.getPort());
				if (trace == RequestTrace.NONE) {
					QUEUED_LAST.set(null);
					return;
				}
				queued = JettyRequest.begin(exchange, trace);
			}
			queued.exchangeWaits(exchange);
			QUEUED_LAST.set(new WeakReference<>(exchange));
		}
	}

	/**
	 * Return the request for which a connection is being opened. Jetty also opens some
	 * for which there is none: they belong to what is bound to the thread.
	 * @param context what Jetty knows of the connection
	 */
	JettyRequest next(Map<String, Object> context) {
		JettyRequest request = null;
		if (context.get(Destination.CONTEXT_KEY) instanceof HttpDestination destination) {
			request = justQueued(destination);
			request = (request != null) ? request : firstQueued(destination);
		}
		return (request != null) ? request : new JettyRequest(this.tracing.request(NetTraceJetty.CLIENT, null, -1));
	}

	private static @Nullable JettyRequest justQueued(HttpDestination destination) {
		WeakReference<HttpRequest> last = QUEUED_LAST.get();
		HttpRequest queued = (last != null) ? last.get() : null;
		if (queued == null || queued.getConnection() != null || queued.getAbortCause() != null) {
			return null;
		}
		HttpExchange exchange = queued.getConversation().getExchanges().peekLast();
		JettyRequest request = JettyRequest.of(queued);
		return (exchange != null && exchange.getRequest() == queued && exchange.getHttpDestination() == destination
				&& request != null && request.takes(queued)) ? request : null;
	}

	private static @Nullable JettyRequest firstQueued(HttpDestination destination) {
		JettyRequest first = null;
		for (HttpExchange exchange : destination.getHttpExchanges()) {
			JettyRequest request = JettyRequest.of(exchange.getRequest());
			if (request != null && request.takes(exchange.getRequest())) {
				return request;
			}
			first = (first != null) ? first : request;
		}
		return first;
	}

}
