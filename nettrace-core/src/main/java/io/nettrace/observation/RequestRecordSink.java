package io.nettrace.observation;

import io.micrometer.observation.Observation;

/**
 * Where the record of a request goes when its observation stops, or when its response has
 * been read.
 */
@FunctionalInterface
public interface RequestRecordSink {

	/**
	 * Write a record. Called by the thread that stops the observation, before its
	 * handlers, or by the one that has read the response; what it throws is logged.
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

	/**
	 * Whether a response that is still being read when the observation stops is waited
	 * for. What writes to the request's span cannot wait: it ends with the observation. A
	 * response that the application neither reads nor cancels is never written then.
	 * @return by default {@code false}
	 */
	default boolean waitsForResponse() {
		return false;
	}

}
