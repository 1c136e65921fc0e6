package io.nettrace.observation;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationConvention;

/**
 * Names and key values of a DNS lookup. A bean of this type replaces
 * {@link DefaultDnsLookupObservationConvention}; it is easiest to extend that.
 */
public interface DnsLookupObservationConvention extends ObservationConvention<DnsLookupContext> {

	@Override
	default boolean supportsContext(Observation.Context context) {
		return context instanceof DnsLookupContext;
	}

}
