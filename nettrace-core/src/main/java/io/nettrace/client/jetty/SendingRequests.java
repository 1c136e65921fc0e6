package io.nettrace.client.jetty;

import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;

import io.nettrace.NetTrace;
import io.nettrace.NetTraceContext;
import io.nettrace.instrument.NetTracing;
import io.nettrace.instrument.RequestTrace;
import org.eclipse.jetty.client.Destination;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.client.transport.HttpConversation;
import org.eclipse.jetty.client.transport.HttpDestination;
import org.eclipse.jetty.client.transport.HttpExchange;
import org.eclipse.jetty.client.transport.HttpRequest;
import org.jspecify.annotations.Nullable;

/**
 * Finds the request for which Jetty opens a connection. Jetty queues the request at its
 * destination and then opens connections without saying what for, for a redirect on a
 * thread of its own. So who sent a request is kept in its conversation, which all hops
 * share, and each connection is counted to one request of the queue: to that which the
 * thread has just queued, else to the first for which there is none yet.
 */
final class SendingRequests implements Request.QueuedListener {

	private static final String SENDER = Sender.class.getName();

	/**
	 * What the thread has queued last. Without it each connection of a burst would have
	 * to search the queue, which Jetty can only copy. Weak, since it stays there if the
	 * request gets a connection of the pool.
	 */
	private static final ThreadLocal<@Nullable WeakReference<HttpRequest>> QUEUED_LAST = new ThreadLocal<>();

	private final NetTracing tracing;

	SendingRequests(NetTracing tracing) {
		this.tracing = tracing;
	}

	/**
	 * Called by the thread that sends, before a connection is opened.
	 */
	@Override
	public void onQueued(Request request) {
		if (request instanceof HttpRequest queued) {
			HttpConversation conversation = queued.getConversation();
			Sender sender = senderOf(queued);
			if (sender == null) {
				sender = new Sender(this.tracing.request(NetTraceJetty.CLIENT, queued.getHost(), queued.getPort()));
				conversation.setAttribute(SENDER, sender);
			}
			sender.waiting.set(queued);
			QUEUED_LAST.set(new WeakReference<>(queued));
		}
	}

	private static @Nullable Sender senderOf(HttpRequest request) {
		return (Sender) request.getConversation().getAttribute(SENDER);
	}

	/**
	 * Return who sent the request for which a connection is being opened.
	 * @param context what Jetty knows of the connection
	 */
	Sender next(Map<String, Object> context) {
		Sender sender = null;
		if (context.get(Destination.CONTEXT_KEY) instanceof HttpDestination destination) {
			sender = justQueued(destination);
			sender = (sender != null) ? sender : firstQueued(destination);
		}
		return (sender != null) ? sender : new Sender(this.tracing.request(NetTraceJetty.CLIENT, null, -1));
	}

	private static @Nullable Sender justQueued(HttpDestination destination) {
		WeakReference<HttpRequest> last = QUEUED_LAST.get();
		HttpRequest request = (last != null) ? last.get() : null;
		if (request == null || request.getConnection() != null || request.getAbortCause() != null) {
			return null;
		}
		HttpExchange exchange = request.getConversation().getExchanges().peekLast();
		Sender sender = senderOf(request);
		return (exchange != null && exchange.getRequest() == request && exchange.getHttpDestination() == destination
				&& sender != null && sender.serve(request)) ? sender : null;
	}

	private static @Nullable Sender firstQueued(HttpDestination destination) {
		Sender first = null;
		for (HttpExchange exchange : destination.getHttpExchanges()) {
			Sender sender = senderOf(exchange.getRequest());
			if (sender != null && sender.serve(exchange.getRequest())) {
				return sender;
			}
			first = (first != null) ? first : sender;
		}
		return first;
	}

	/**
	 * Who sent the requests of a conversation: the first, redirects and further attempts.
	 */
	static final class Sender {

		private final RequestTrace request;

		/**
		 * The request that is queued and for which no connection has been opened.
		 */
		private final AtomicReference<@Nullable HttpRequest> waiting = new AtomicReference<>();

		private @Nullable List<NetTrace> traces;

		Sender(RequestTrace request) {
			this.request = request;
		}

		private boolean serve(HttpRequest request) {
			return this.waiting.compareAndSet(request, null);
		}

		NetTraceContext context() {
			return this.request.context();
		}

		/**
		 * Make the trace of an operation, and keep it as long as the request is there:
		 * see {@link DialTrace}.
		 */
		NetTrace newTrace() {
			NetTrace trace = this.request.dial();
			return (trace != NetTrace.NONE) ? new DialTrace(keep(trace)) : trace;
		}

		private synchronized NetTrace keep(NetTrace trace) {
			if (this.traces == null) {
				this.traces = new ArrayList<>(1);
			}
			this.traces.add(trace);
			return trace;
		}

	}

}
