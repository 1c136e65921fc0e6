package io.nettrace.client.okhttp;

import java.io.EOFException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.util.concurrent.CancellationException;

import io.nettrace.CloseReason;
import io.nettrace.WaitInfo.Outcome;
import org.jspecify.annotations.Nullable;

/**
 * What the failure of a call means for its hooks and for its connection.
 */
final class Failures {

	private static final int MAX_CAUSES = 8;

	/**
	 * Of OkHttp's internal packages.
	 */
	private static final String SHUTDOWN = "ConnectionShutdownException";

	private Failures() {
	}

	/**
	 * Return what the hooks are told of something that was given up.
	 * @param cause what that has made fail, or {@code null}
	 */
	static CancellationException cancelled(@Nullable Throwable cause) {
		CancellationException cancellation = new CancellationException("operation was canceled");
		cancellation.initCause(cause);
		return cancellation;
	}

	/**
	 * Return what the hooks are told of a call that took too long, which OkHttp cancels.
	 * @param cause what that has made fail, or {@code null}
	 */
	static SocketTimeoutException timedOut(@Nullable Throwable cause) {
		SocketTimeoutException timeout = new SocketTimeoutException("timeout");
		timeout.initCause(cause);
		return timeout;
	}

	/**
	 * Return why a lookup has failed. OkHttp adds it to the failure of an earlier address
	 * or proxy, if there is one.
	 * @param failure why the exchange has failed
	 */
	static Throwable ofLookup(Throwable failure) {
		for (Throwable suppressed : failure.getSuppressed()) {
			if (suppressed instanceof UnknownHostException && !(failure instanceof UnknownHostException)) {
				return suppressed;
			}
		}
		return failure;
	}

	/**
	 * Return how the failure of a call ends its wait.
	 */
	static Outcome outcome(Throwable failure) {
		if (failure instanceof SocketTimeoutException) {
			return Outcome.TIMED_OUT;
		}
		return isCancellation(failure) ? Outcome.CANCELLED : Outcome.FAILED;
	}

	private static boolean isCancellation(Throwable failure) {
		return failure instanceof CancellationException || failure instanceof InterruptedIOException;
	}

	/**
	 * Return why a connection is closed on which an exchange has failed.
	 */
	static CloseReason closeReason(Throwable failure) {
		Throwable cause = failure;
		for (int i = 0; cause != null && i < MAX_CAUSES; i++, cause = cause.getCause()) {
			if (cause instanceof SocketTimeoutException) {
				return CloseReason.TIMED_OUT;
			}
			if (isCancellation(cause)) {
				return CloseReason.CANCELLED;
			}
			if (cause.getClass().getSimpleName().equals(SHUTDOWN)) {
				return CloseReason.GOAWAY;
			}
			if (isReset(cause)) {
				return CloseReason.RESET;
			}
			if (cause instanceof EOFException) {
				return CloseReason.PEER;
			}
		}
		return CloseReason.UNKNOWN;
	}

	/**
	 * The JDK has no class for it, and says it in English.
	 */
	private static boolean isReset(Throwable failure) {
		String message = String.valueOf(failure.getMessage());
		return failure instanceof IOException
				&& (message.contains("Connection reset") || message.contains("Broken pipe"));
	}

}
