package io.nettrace.observation;

import io.micrometer.observation.Observation;
import io.nettrace.NetTrace;
import org.jspecify.annotations.Nullable;

/**
 * The observations of a request whose exchanges are not observed: those of its dials,
 * each of which has an object of its own.
 *
 * @param factory makes the observations
 * @param client the client library
 * @param parent the request's observation, or {@code null}
 */
record ObservationDials(ObservationNetTraceFactory factory, String client,
		@Nullable Observation parent) implements NetTrace {

	@Override
	public NetTrace forDial() {
		return new ObservationDial(this.factory, this.client, this.parent, null);
	}

}
