package io.nettrace.contract.stress;

import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Waits for a request that is sent by other threads.
 */
final class Asynchronous {

	private static final int AT_MOST_SECONDS = 20;

	private Asynchronous() {
	}

	static Outcome await(CompletableFuture<Outcome> result) throws Exception {
		try {
			return result.get(AT_MOST_SECONDS, TimeUnit.SECONDS);
		}
		catch (TimeoutException ex) {
			throw new NeverEndsException();
		}
		catch (ExecutionException ex) {
			if (ex.getCause() instanceof Error error) {
				throw error;
			}
			throw (ex.getCause() instanceof Exception cause) ? cause : ex;
		}
	}

	/**
	 * The caller has given the request up.
	 */
	static void cancelled(CompletableFuture<Outcome> result) {
		result.completeExceptionally(new CancellationException("the caller"));
	}

	/**
	 * A request has no end.
	 */
	static final class NeverEndsException extends RuntimeException {

		private static final long serialVersionUID = 1L;

		NeverEndsException() {
			super("no end after " + AT_MOST_SECONDS + " s");
		}

	}

}
