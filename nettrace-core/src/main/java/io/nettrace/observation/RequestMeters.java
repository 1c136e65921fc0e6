package io.nettrace.observation;

import io.micrometer.common.KeyValues;
import io.micrometer.observation.Observation;
import org.jspecify.annotations.Nullable;

/**
 * Meters of each exchange. They are written without an observation, which a request on a
 * pooled connection would pay for most. Called by the threads that call the hooks.
 */
public interface RequestMeters {

	/**
	 * Return what records times with a timer, to be kept and used again.
	 * @param timer the timer's name
	 * @param description what it counts
	 * @param tags its tags
	 * @return records times
	 */
	Times times(String timer, String description, KeyValues tags);

	/**
	 * An exchange begins to wait for the pool, or its wait has ended.
	 * @param client the client library
	 * @param host what stands for the host on meters
	 * @param change 1 or -1
	 */
	void pending(String client, String host, int change);

	/**
	 * Records times with one timer. Safe for use by several threads.
	 */
	@FunctionalInterface
	interface Times {

		/**
		 * Record a time.
		 * @param nanos the time
		 * @param request the observation of the request, whose span may become an
		 * exemplar, or {@code null}
		 */
		void record(long nanos, @Nullable Observation request);

	}

}
