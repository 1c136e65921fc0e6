package io.nettrace.client.jetty;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;

import io.nettrace.NetTrace;
import io.nettrace.NetTraceContext;
import io.nettrace.instrument.RequestTrace;
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

	// Guarded by this
	private @Nullable List<NetTrace> dials;

	JettyRequest(RequestTrace trace) {
		this.trace = trace;
	}

	/**
	 * Begin a request with its first exchange.
	 */
	static JettyRequest begin(HttpRequest exchange, RequestTrace trace) {
		JettyRequest request = new JettyRequest(trace);
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

	/**
	 * An exchange waits for a connection.
	 */
	void exchangeWaits(HttpRequest exchange) {
		this.waiting.set(exchange);
	}

	/**
	 * Whether an exchange takes the connection that is being opened, because none has
	 * been opened for it yet.
	 */
	boolean takes(HttpRequest exchange) {
		return this.waiting.compareAndSet(exchange, null);
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
	 * @return the dial's hooks, {@link NetTrace#NONE} if nothing listens
	 */
	NetTrace newDial() {
		NetTrace hooks = this.trace.dial();
		if (hooks == NetTrace.NONE) {
			return hooks;
		}
		keep(hooks);
		return new DialTrace(hooks);
	}

	private synchronized void keep(NetTrace dial) {
		if (this.dials == null) {
			this.dials = new ArrayList<>(1);
		}
		this.dials.add(dial);
	}

}
