package io.nettrace.observation;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationConvention;

/**
 * Names and key values of a TLS handshake. A bean of this type replaces
 * {@link DefaultTlsHandshakeObservationConvention}; it is easiest to extend that.
 */
public interface TlsHandshakeObservationConvention extends ObservationConvention<TlsHandshakeContext> {

	@Override
	default boolean supportsContext(Observation.Context context) {
		return context instanceof TlsHandshakeContext;
	}

}
