package io.nettrace.client.httpcomponents;

import java.util.function.Supplier;

import io.nettrace.NetTrace;
import io.nettrace.instrument.RequestTrace;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.jspecify.annotations.Nullable;

/**
 * The trace of a request in its {@link HttpContext}, which its redirects and the
 * library's retries share. An application may use a context for one request after the
 * other: the library's exchange id, which is one for a whole request, tells them apart.
 */
final class CarriedTrace {

	private static final String ATTRIBUTE = CarriedTrace.class.getName();

	private final String exchangeId;

	private final RequestTrace trace;

	private NetTrace dial = NetTrace.NONE;

	private CarriedTrace(String exchangeId, RequestTrace trace) {
		this.exchangeId = exchangeId;
		this.trace = trace;
	}

	/**
	 * Return the trace of the request that a context is at. A context that is not the
	 * library's own does not tell its requests apart, and carries nothing.
	 * @param context the request's context
	 * @param maker makes the trace, if the request has none yet
	 * @return the trace
	 */
	static RequestTrace of(@Nullable HttpContext context, Supplier<RequestTrace> maker) {
		CarriedTrace carried = in(context);
		if (carried != null) {
			return carried.trace;
		}
		RequestTrace trace = maker.get();
		put(context, trace);
		return trace;
	}

	/**
	 * Have a context carry the trace of a request that is about to be connected.
	 * @param context the request's context
	 * @param trace the trace
	 */
	static void carry(HttpContext context, RequestTrace trace) {
		if (in(context) == null) {
			put(context, trace);
		}
	}

	private static void put(@Nullable HttpContext context, RequestTrace trace) {
		String exchangeId = exchangeIdOf(context);
		if (context != null && exchangeId != null) {
			context.setAttribute(ATTRIBUTE, new CarriedTrace(exchangeId, trace));
		}
	}

	/**
	 * Begin a dial for the request that a context is at.
	 * @param context the request's context
	 * @param request the request's trace
	 * @return the trace of the dial
	 */
	static NetTrace beginDial(@Nullable HttpContext context, RequestTrace request) {
		NetTrace dial = request.dial();
		CarriedTrace carried = in(context);
		if (carried != null) {
			carried.dial = dial;
		}
		return dial;
	}

	/**
	 * Return the dial of the request that a context is at.
	 * @param context the request's context
	 * @return the trace of the dial that began last
	 */
	static NetTrace dialOf(@Nullable HttpContext context) {
		CarriedTrace carried = in(context);
		return (carried != null) ? carried.dial : NetTrace.NONE;
	}

	/**
	 * The request that a context is at is over.
	 * @param context the request's context
	 */
	static void end(HttpContext context) {
		if (in(context) != null) {
			context.removeAttribute(ATTRIBUTE);
		}
	}

	private static @Nullable CarriedTrace in(@Nullable HttpContext context) {
		return (context != null && context.getAttribute(ATTRIBUTE) instanceof CarriedTrace carried
				&& carried.exchangeId.equals(exchangeIdOf(context))) ? carried : null;
	}

	private static @Nullable String exchangeIdOf(@Nullable HttpContext context) {
		return (context instanceof HttpClientContext clientContext) ? clientContext.getExchangeId() : null;
	}

}
