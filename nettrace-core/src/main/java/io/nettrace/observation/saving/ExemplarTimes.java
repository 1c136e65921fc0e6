package io.nettrace.observation.saving;

import java.util.Arrays;
import java.util.concurrent.TimeUnit;

/**
 * When a timer was last offered an exemplar, by the magnitude of the time that it
 * recorded, so that the many fast ones do not displace the slow one, and by whether the
 * span is sampled, so that the many that are not, which most registries refuse, do not
 * displace the one that is. Two threads at once may both offer.
 */
final class ExemplarTimes {

	/**
	 * Prometheus' client takes none for 90 ms after it has taken one.
	 */
	private static final long INTERVAL_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

	// Up to 2^30 us, 18 minutes
	private static final int MAGNITUDES = 31;

	private final long[] offered = new long[2 * MAGNITUDES];

	/**
	 * Create times at which the next one of each magnitude is due.
	 * @param now the time
	 */
	ExemplarTimes(long now) {
		Arrays.fill(this.offered, now - INTERVAL_NANOS);
	}

	/**
	 * Whether an exemplar is due, in which case the next one is so an interval later.
	 * @param nanos what is recorded
	 * @param now the time
	 * @param sampled whether the span is
	 */
	boolean isDue(long nanos, long now, boolean sampled) {
		int magnitude = magnitude(nanos);
		int index = sampled ? magnitude : MAGNITUDES + magnitude;
		if (now - this.offered[index] < INTERVAL_NANOS) {
			return false;
		}
		this.offered[index] = now;
		return true;
	}

	/**
	 * Whether an exemplar with a sampled span would be due: less to ask than whether the
	 * span is.
	 */
	boolean mayBeDue(long nanos, long now) {
		return now - this.offered[magnitude(nanos)] >= INTERVAL_NANOS;
	}

	private static int magnitude(long nanos) {
		return Math.min(Long.SIZE - Long.numberOfLeadingZeros(nanos / 1_000), MAGNITUDES - 1);
	}

}
