package io.nettrace.observation;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationConvention;

/**
 * Names and key values of a connect attempt. A bean of this type replaces
 * {@link DefaultSocketConnectObservationConvention}; it is easiest to extend that.
 */
public interface SocketConnectObservationConvention extends ObservationConvention<SocketConnectContext> {

	@Override
	default boolean supportsContext(Observation.Context context) {
		return context instanceof SocketConnectContext;
	}

}
