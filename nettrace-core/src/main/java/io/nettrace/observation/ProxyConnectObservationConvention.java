package io.nettrace.observation;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationConvention;

/**
 * Names and key values of a proxy step. A bean of this type replaces
 * {@link DefaultProxyConnectObservationConvention}; it is easiest to extend that.
 */
public interface ProxyConnectObservationConvention extends ObservationConvention<ProxyConnectContext> {

	@Override
	default boolean supportsContext(Observation.Context context) {
		return context instanceof ProxyConnectContext;
	}

}
