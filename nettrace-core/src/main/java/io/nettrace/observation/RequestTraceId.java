package io.nettrace.observation;

import io.micrometer.observation.Observation;
import org.jspecify.annotations.Nullable;

/**
 * Finds the trace that a request belongs to.
 */
@FunctionalInterface
public interface RequestTraceId {

	/**
	 * Return the trace id of a request.
	 * @param request the context of its observation
	 * @return the id, {@code null} if the request is not traced
	 */
	@Nullable String of(Observation.Context request);

}
