package io.nettrace.observation.saving;

import io.micrometer.observation.Observation;

/**
 * Lets the registry find the span of a request where it looks for exemplars. What is
 * recorded without an observation of its own is recorded on threads that know no span,
 * the event loops.
 */
public interface RequestExemplars {

	/**
	 * Without tracing.
	 */
	RequestExemplars NONE = new RequestExemplars() {

		@Override
		public boolean isTraced(Observation request) {
			return false;
		}

		@Override
		public Runnable makeCurrent(Observation request) {
			return () -> {
			};
		}

	};

	/**
	 * Whether a request has a span.
	 * @param request the request's observation
	 * @return whether it can be {@linkplain #makeCurrent(Observation) made current}
	 */
	boolean isTraced(Observation request);

	/**
	 * Make the span of a request current on this thread.
	 * @param request the request's observation, which is traced
	 * @return ends that, on this thread
	 */
	Runnable makeCurrent(Observation request);

}
