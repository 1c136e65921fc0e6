package io.nettrace.client.httpcomponents;

import io.nettrace.NetTrace;
import io.nettrace.NetTraceContext;
import org.jspecify.annotations.Nullable;

/**
 * The dial that the current thread has begun, for as long as the library connects: its
 * resolver and its sockets are called by the same thread, but do not see the request.
 */
final class CurrentDial {

	private static final ThreadLocal<@Nullable NetTrace> DIAL = new ThreadLocal<>();

	private CurrentDial() {
	}

	/**
	 * Begin a dial.
	 * @param dial the trace of the dial
	 * @return what {@link #end} is to be called with
	 */
	static @Nullable NetTrace begin(NetTrace dial) {
		NetTrace outer = DIAL.get();
		DIAL.set(dial);
		return outer;
	}

	/**
	 * End the dial.
	 * @param outer what {@link #begin} has returned
	 */
	static void end(@Nullable NetTrace outer) {
		if (outer != null) {
			DIAL.set(outer);
		}
		else {
			DIAL.remove();
		}
	}

	/**
	 * Return the trace of the dial. What a resolver or a hook connects itself does not
	 * belong to the dial that has called it.
	 * @return the trace, or {@code null} if the current thread has begun no dial: a
	 * resolver or a socket factory is used by itself
	 */
	static @Nullable NetTrace get() {
		return NetTraceContext.current().isSilent() ? null : DIAL.get();
	}

}
