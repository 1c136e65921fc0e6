package io.nettrace.observation.span;

import io.nettrace.observation.StepContext;
import io.nettrace.observation.saving.ThinnedTracingContext;

/**
 * What a handler of ours knows of a step from its start to its end, on whatever threads
 * they are.
 */
final class StepTracingContext extends ThinnedTracingContext {

	private final long startNanos = System.nanoTime();

	private boolean ended;

	StepTracingContext(StepContext step) {
		super(step);
	}

	long nanos() {
		return System.nanoTime() - this.startNanos;
	}

	/**
	 * End the step.
	 * @return {@code false} if it has ended before
	 */
	boolean end() {
		boolean first = !this.ended;
		this.ended = true;
		return first;
	}

}
