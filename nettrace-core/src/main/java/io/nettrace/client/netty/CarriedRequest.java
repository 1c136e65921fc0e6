package io.nettrace.client.netty;

import io.nettrace.instrument.RequestTrace;
import org.jspecify.annotations.Nullable;

/**
 * The request that the thread of an event loop does something for.
 */
final class CarriedRequest {

	private static final ThreadLocal<@Nullable RequestTrace> CURRENT = new ThreadLocal<>();

	private CarriedRequest() {
	}

	/**
	 * Return the request's trace, {@code null} if there is none.
	 */
	static @Nullable RequestTrace current() {
		return CURRENT.get();
	}

	/**
	 * Have the current thread do something for another request, or for none.
	 * @param request the other request's trace
	 * @return the one of before, to be put back
	 */
	static @Nullable RequestTrace exchange(@Nullable RequestTrace request) {
		RequestTrace before = CURRENT.get();
		if (request != null) {
			CURRENT.set(request);
		}
		else if (before != null) {
			CURRENT.remove();
		}
		return before;
	}

}
