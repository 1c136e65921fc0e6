package io.nettrace.observation.span;

import io.micrometer.observation.Observation;
import io.micrometer.tracing.Span;
import io.micrometer.tracing.handler.TracingObservationHandler.TracingContext;
import io.nettrace.observation.OperationContext;
import org.jspecify.annotations.Nullable;

/**
 * Where the handlers find an operation's span. It is not there between the moment at
 * which a timer has recorded without an exemplar and Micrometer's
 * {@code TracingAwareMeterObservationHandler}, which would make it current for the timer.
 */
final class OperationTracingContext extends TracingContext {

	private final OperationContext operation;

	private OperationTracingContext(OperationContext operation) {
		this.operation = operation;
	}

	/**
	 * Return an operation's, made when it is asked for.
	 */
	static TracingContext of(Observation.Context context) {
		TracingContext present = context.get(TracingContext.class);
		if (present != null) {
			return present;
		}
		OperationTracingContext made = new OperationTracingContext((OperationContext) context);
		context.put(TracingContext.class, made);
		return made;
	}

	@Override
	public @Nullable Span getSpan() {
		return this.operation.isRecorded() ? null : super.getSpan();
	}

}
