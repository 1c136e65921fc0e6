package io.nettrace.observation;

import io.micrometer.observation.Observation;
import io.nettrace.NetTrace;
import io.nettrace.RequestInfo;
import org.jspecify.annotations.Nullable;

/**
 * The observations of one request: those of each of its dials, of which it may have two
 * under way at once, are made by an object of its own.
 */
final class ObservationNetTrace implements NetTrace {

	private final ObservationNetTraceFactory factory;

	private final String client;

	private final @Nullable Observation parent;

	ObservationNetTrace(ObservationNetTraceFactory factory, RequestInfo request, @Nullable Observation parent) {
		this.factory = factory;
		this.client = request.client();
		this.parent = parent;
	}

	@Override
	public NetTrace forDial() {
		return new ObservationDial(this.factory, this.client, this.parent);
	}

}
