package io.nettrace.observation;

import io.micrometer.observation.Observation;

/**
 * Where the record of a request goes when its observation stops.
 */
@FunctionalInterface
public interface RequestRecordSink {

	/**
	 * Write a record. Called by the thread that stops the observation, before its
	 * handlers; what it throws is logged.
	 * @param request the context of the request's observation
	 * @param record where the time went
	 */
	void write(Observation.Context request, RequestRecord record);

	/**
	 * Whether records are written at present. If no sink needs them, none is kept. Called
	 * for each request, and throws nothing.
	 * @return by default {@code true}
	 */
	default boolean isNeeded() {
		return true;
	}

}
