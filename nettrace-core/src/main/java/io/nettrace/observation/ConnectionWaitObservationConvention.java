package io.nettrace.observation;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationConvention;

/**
 * Names and key values of a wait for a connection, and of the time in queue. A bean of
 * this type replaces {@link DefaultConnectionWaitObservationConvention}; it is easiest to
 * extend that.
 */
public interface ConnectionWaitObservationConvention extends ObservationConvention<ConnectionWaitContext> {

	@Override
	default boolean supportsContext(Observation.Context context) {
		return context instanceof ConnectionWaitContext;
	}

}
