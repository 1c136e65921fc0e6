package io.nettrace.client.jetty;

import java.io.EOFException;
import java.io.IOException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;

import io.nettrace.CloseReason;
import io.nettrace.WaitInfo.Outcome;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.client.transport.HttpExchange;
import org.eclipse.jetty.client.transport.HttpRequest;
import org.jspecify.annotations.Nullable;

/**
 * What the failure of an exchange means for its wait and for its connection.
 */
final class Failures {

	private Failures() {
	}

	/**
	 * Return what the hooks are told of a failure. A request may be aborted with whatever
	 * exception the application likes, but Jetty itself aborts requests too.
	 * @param request the request that has failed
	 * @param failure why
	 * @return the failure, or a cancellation that it caused
	 */
	static Throwable of(Request request, Throwable failure) {
		return (isAbort(request, failure) && !isLibrarys(failure)) ? cancelled(failure) : failure;
	}

	/**
	 * Whether a request has been aborted: the application has only the first one of its
	 * conversation.
	 */
	static boolean isAbort(Request request, Throwable failure) {
		if (failure == request.getAbortCause()) {
			return true;
		}
		if (request instanceof HttpRequest exchange) {
			for (HttpExchange each : exchange.getConversation().getExchanges()) {
				if (failure == each.getRequest().getAbortCause()) {
					return true;
				}
			}
		}
		return false;
	}

	private static boolean isLibrarys(Throwable failure) {
		return failure instanceof IOException || failure instanceof TimeoutException
				|| failure instanceof RejectedExecutionException || isCancellation(failure)
				|| failure.getClass().getName().startsWith("org.eclipse.jetty.");
	}

	private static boolean isCancellation(Throwable failure) {
		return failure instanceof CancellationException || failure instanceof InterruptedException;
	}

	/**
	 * Return what the hooks are told of something that was given up.
	 */
	static CancellationException cancelled(@Nullable Throwable cause) {
		CancellationException cancellation = new CancellationException("operation was canceled");
		cancellation.initCause(cause);
		return cancellation;
	}

	/**
	 * Return how the failure of an exchange ends its wait.
	 */
	static Outcome outcome(Throwable failure) {
		if (failure instanceof TimeoutException) {
			return Outcome.TIMED_OUT;
		}
		return isCancellation(failure) ? Outcome.CANCELLED : Outcome.FAILED;
	}

	/**
	 * Return why a connection is closed on which an exchange has failed.
	 */
	static CloseReason closeReason(Throwable failure) {
		if (failure instanceof TimeoutException) {
			return CloseReason.TIMED_OUT;
		}
		if (isCancellation(failure)) {
			return CloseReason.CANCELLED;
		}
		if (isReset(failure)) {
			return CloseReason.RESET;
		}
		return (failure instanceof EOFException) ? CloseReason.PEER : CloseReason.UNKNOWN;
	}

	/**
	 * The JDK has no class for it, and says it in English.
	 */
	private static boolean isReset(@Nullable Throwable failure) {
		Throwable cause = failure;
		while (cause instanceof IOException) {
			String message = String.valueOf(cause.getMessage());
			if (message.contains("Connection reset") || message.contains("Broken pipe")) {
				return true;
			}
			cause = cause.getCause();
		}
		return false;
	}

}
