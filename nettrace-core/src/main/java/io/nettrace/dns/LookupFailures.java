package io.nettrace.dns;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.channels.ClosedByInterruptException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;

/**
 * Why a lookup gave no answer. What a resolver throws reaches its caller as it is. What
 * is added here is an {@link UnknownHostException}, which every client can pass on; its
 * cause tells the kinds apart. Go: {@code DNSError}.
 */
final class LookupFailures {

	private LookupFailures() {
	}

	static UnknownHostException timedOut(Question question) {
		return unknownHost(question, "the lookup timed out", new TimeoutException("i/o timeout"));
	}

	static UnknownHostException cancelled(Question question) {
		return unknownHost(question, "the lookup was cancelled", new CancellationException("operation was canceled"));
	}

	static UnknownHostException refused(Question question, RejectedExecutionException cause) {
		return unknownHost(question, String.valueOf(cause.getMessage()), cause);
	}

	static UnknownHostException noThread(Question question, OutOfMemoryError cause) {
		return unknownHost(question, "no thread could be started for the lookup", cause);
	}

	/**
	 * Return the error for the hooks. As in Go before {@code DNSDone}, an error of
	 * another kind becomes one that names the host. Unchecked exceptions stay what they
	 * are: a client's address filter throws them.
	 */
	static Throwable named(Question question, Throwable failure) {
		if (failure instanceof IOException && !(failure instanceof UnknownHostException)) {
			return unknownHost(question, String.valueOf(failure.getMessage()), failure);
		}
		return failure;
	}

	private static UnknownHostException unknownHost(Question question, String reason, Throwable cause) {
		UnknownHostException failure = new UnknownHostException(question.host() + ": " + reason);
		failure.initCause(cause);
		return failure;
	}

	/**
	 * Return the failure for a caller that has joined another one's lookup. What one
	 * caller does to the exception, such as adding suppressed ones, must not show up at
	 * the others. An exception of an unusual class cannot be copied; all callers get the
	 * same one.
	 */
	static Throwable forJoiner(Throwable failure) {
		if (failure.getClass() != UnknownHostException.class) {
			return failure;
		}
		UnknownHostException copy = new UnknownHostException(failure.getMessage());
		if (failure.getCause() != null) {
			copy.initCause(failure.getCause());
		}
		copy.setStackTrace(failure.getStackTrace());
		for (Throwable suppressed : failure.getSuppressed()) {
			copy.addSuppressed(suppressed);
		}
		return copy;
	}

	/**
	 * Whether a resolver failed because the thread that called it was interrupted.
	 */
	static boolean isInterruption(Throwable failure) {
		return Thread.currentThread().isInterrupted() || failure instanceof ClosedByInterruptException
				|| failure.getCause() instanceof InterruptedException
				|| (failure instanceof InterruptedIOException && !(failure instanceof SocketTimeoutException));
	}

	/**
	 * Throw a failure as it is, of whatever class.
	 * @return never
	 */
	static IllegalStateException rethrow(Throwable failure) throws IOException {
		LookupFailures.<IOException>throwAs(failure);
		return new IllegalStateException(failure);
	}

	@SuppressWarnings("unchecked")
	private static <E extends Throwable> void throwAs(Throwable failure) throws E {
		throw (E) failure;
	}

}
