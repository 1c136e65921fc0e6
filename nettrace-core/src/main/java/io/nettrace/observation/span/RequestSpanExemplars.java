package io.nettrace.observation.span;

import java.util.Objects;

import io.micrometer.observation.Observation;
import io.micrometer.tracing.Span;
import io.micrometer.tracing.Tracer;
import io.micrometer.tracing.handler.TracingObservationHandler.TracingContext;
import io.nettrace.observation.saving.RequestExemplars;
import org.jspecify.annotations.Nullable;

/**
 * Makes spans of requests exemplars. Only the span is made current: to open the scope of
 * its observation would tell handlers of the application.
 */
public final class RequestSpanExemplars implements RequestExemplars {

	private final Tracer tracer;

	/**
	 * Create exemplars.
	 * @param tracer knows which span is current
	 */
	public RequestSpanExemplars(Tracer tracer) {
		this.tracer = Objects.requireNonNull(tracer, "'tracer' must not be null");
	}

	@Override
	public boolean isTraced(Observation request) {
		Span span = span(request);
		return span != null && !span.isNoop();
	}

	private static @Nullable Span span(Observation request) {
		TracingContext tracing = request.getContextView().get(TracingContext.class);
		return (tracing != null) ? tracing.getSpan() : null;
	}

	@Override
	public Runnable makeCurrent(Observation request) {
		return this.tracer.withSpan(span(request))::close;
	}

}
