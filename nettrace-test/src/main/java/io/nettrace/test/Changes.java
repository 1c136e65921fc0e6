package io.nettrace.test;

import java.time.Duration;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;

/**
 * Waits for a state that other threads reach. They announce each change, so there is no
 * polling or sleeping.
 */
final class Changes {

	private static final Duration PATIENCE = Duration.ofSeconds(20);

	synchronized void announce() {
		notifyAll();
	}

	/**
	 * Wait until a state has come about.
	 * @param state returns what is waited for, or {@code null} while it is not there
	 * @param otherwise describes the actual state if the time is up
	 */
	synchronized <T> T await(Supplier<? extends @Nullable T> state, Supplier<String> otherwise) {
		long deadline = System.nanoTime() + PATIENCE.toNanos();
		while (true) {
			T result = state.get();
			if (result != null) {
				return result;
			}
			long millis = (deadline - System.nanoTime()) / 1_000_000;
			if (millis <= 0) {
				throw new AssertionError(otherwise.get());
			}
			try {
				wait(millis);
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
				throw new AssertionError("Interrupted. " + otherwise.get(), ex);
			}
		}
	}

}
