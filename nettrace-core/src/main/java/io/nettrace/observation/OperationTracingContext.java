package io.nettrace.observation;

import io.micrometer.observation.Observation;
import io.micrometer.tracing.Span;
import io.micrometer.tracing.handler.TracingObservationHandler;
import org.jspecify.annotations.Nullable;

/**
 * Where the handlers find an operation's span. It is not there between the moment at
 * which a timer has recorded without an exemplar and Micrometer's
 * {@code TracingAwareMeterObservationHandler}, which would make it current for the timer.
 */
final class OperationTracingContext extends TracingObservationHandler.TracingContext {

	private final OperationContext operation;

	private OperationTracingContext(OperationContext operation) {
		this.operation = operation;
	}

	/**
	 * Return an operation's, made when it is asked for.
	 */
	static TracingObservationHandler.TracingContext of(Observation.Context context) {
		return context.computeIfAbsent(TracingObservationHandler.TracingContext.class,
				(key) -> new OperationTracingContext((OperationContext) context));
	}

	@Override
	public @Nullable Span getSpan() {
		return this.operation.isRecorded() ? null : super.getSpan();
	}

}
