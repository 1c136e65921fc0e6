package io.nettrace.observation.saving;

import io.micrometer.tracing.Span;
import io.micrometer.tracing.handler.TracingObservationHandler.TracingContext;
import org.jspecify.annotations.Nullable;

/**
 * Where handlers find a context's span. It is not there while the timer records a time
 * that wants no exemplar: Micrometer's {@code TracingAwareMeterObservationHandler} would
 * make the span current for it.
 */
public class ThinnedTracingContext extends TracingContext {

	private final CompactContext context;

	/**
	 * Create a tracing context.
	 * @param context the context of an observation
	 */
	public ThinnedTracingContext(CompactContext context) {
		this.context = context;
	}

	@Override
	public @Nullable Span getSpan() {
		return this.context.isWithoutExemplar() ? null : super.getSpan();
	}

	/**
	 * Return the span, also while the timer records.
	 * @return the span, if there is one
	 */
	public final @Nullable Span span() {
		return super.getSpan();
	}

}
