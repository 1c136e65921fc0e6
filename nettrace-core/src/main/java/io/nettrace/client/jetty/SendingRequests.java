package io.nettrace.client.jetty;

import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiPredicate;

import io.nettrace.NetTraceRequest;
import io.nettrace.NetTracing;
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
			Sender sender = senderOf(conversation);
			if (sender == null) {
				sender = new Sender(this.tracing.request(NetTraceJetty.CLIENT));
				conversation.setAttribute(SENDER, sender);
			}
			sender.waiting.set(new Hop(queued, Thread.currentThread()));
		}
	}

	private static @Nullable Sender senderOf(HttpConversation conversation) {
		return (Sender) conversation.getAttribute(SENDER);
	}

	/**
	 * Return the request for which a connection is being opened.
	 * @param context what Jetty knows of the connection
	 */
	NetTraceRequest next(Map<String, Object> context) {
		if (context.get(Destination.CONTEXT_KEY) instanceof HttpDestination destination) {
			List<HttpExchange> queue = List.copyOf(destination.getHttpExchanges());
			Thread thread = Thread.currentThread();
			Sender sender = first(queue, (request, each) -> each.serve(request, thread));
			sender = (sender != null) ? sender : first(queue, (request, each) -> each.serve(request, null));
			sender = (sender != null) ? sender : first(queue, (request, each) -> true);
			if (sender != null) {
				return sender.request;
			}
		}
		return this.tracing.request(NetTraceJetty.CLIENT);
	}

	private static @Nullable Sender first(List<HttpExchange> queue, BiPredicate<HttpRequest, Sender> wanted) {
		for (HttpExchange exchange : queue) {
			HttpRequest request = exchange.getRequest();
			Sender sender = senderOf(request.getConversation());
			if (sender != null && wanted.test(request, sender)) {
				return sender;
			}
		}
		return null;
	}

	/**
	 * Who sent the requests of a conversation.
	 */
	private static final class Sender {

		private final NetTraceRequest request;

		/**
		 * The hop that is queued and for which no connection has been opened.
		 */
		private final AtomicReference<@Nullable Hop> waiting = new AtomicReference<>();

		Sender(NetTraceRequest request) {
			this.request = request;
		}

		boolean serve(HttpRequest request, @Nullable Thread thread) {
			Hop hop = this.waiting.get();
			return hop != null && hop.request() == request && (thread == null || hop.thread() == thread)
					&& this.waiting.compareAndSet(hop, null);
		}

	}

	/**
	 * One of the requests of a conversation: the first, a redirect or another attempt.
	 *
	 * @param request the request
	 * @param thread the thread that queued it
	 */
	private record Hop(HttpRequest request, Thread thread) {

	}

}
