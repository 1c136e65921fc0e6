package io.nettrace.observation;

import java.util.Objects;

import io.micrometer.observation.Observation;
import org.jspecify.annotations.Nullable;

/**
 * The ids of a request's span.
 *
 * @param traceId the trace that the request belongs to
 * @param spanId the request's own span
 */
public record RequestSpan(String traceId, String spanId) {

	public RequestSpan {
		Objects.requireNonNull(traceId, "'traceId' must not be null");
		Objects.requireNonNull(spanId, "'spanId' must not be null");
	}

	/**
	 * Finds the span of a request.
	 */
	@FunctionalInterface
	public interface Finder {

		/**
		 * Finds no span: there is no tracer.
		 */
		Finder NONE = (request) -> null;

		/**
		 * Return the span of a request.
		 * @param request the context of its observation
		 * @return the span, {@code null} if the request is not traced
		 */
		@Nullable RequestSpan of(Observation.Context request);

	}

}
