package io.nettrace.dns;

import java.io.IOException;
import java.net.UnknownHostException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;

/**
 * Why a lookup gave no answer. Every client can pass on an {@link UnknownHostException};
 * its cause tells the kinds apart. Go: {@code DNSError}.
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

	/**
	 * As Go does before it calls {@code DNSDone}: an error of another kind becomes one
	 * that names the host. Unchecked exceptions stay what they are, a client's address
	 * filter throws such.
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

	static UnknownHostException rethrow(Throwable failure) {
		if (failure instanceof RuntimeException unchecked) {
			throw unchecked;
		}
		if (failure instanceof Error error) {
			throw error;
		}
		if (failure instanceof UnknownHostException unknownHost) {
			return unknownHost;
		}
		throw new IllegalStateException(failure);
	}

}
