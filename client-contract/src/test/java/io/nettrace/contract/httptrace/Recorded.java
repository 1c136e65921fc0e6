package io.nettrace.contract.httptrace;

import org.jspecify.annotations.Nullable;

/**
 * An event of a client's, in the order in which they happened.
 *
 * @param event the event
 * @param thread the thread that called the hook
 * @param error the exception, whose class is an argument of the event
 * @param whenClosed whether it came while the client was being closed, or later
 */
record Recorded(Event event, String thread, @Nullable Throwable error, boolean whenClosed) {

	@Override
	public String toString() {
		return this.event + ((this.error != null) ? "    <- " + this.error : "") + "    [" + this.thread + "]"
				+ (this.whenClosed ? " when the client was closed" : "");
	}

}
