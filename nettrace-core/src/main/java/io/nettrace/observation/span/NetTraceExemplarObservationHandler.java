package io.nettrace.observation.span;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.tracing.Span;
import io.micrometer.tracing.handler.TracingObservationHandler.TracingContext;
import io.nettrace.observation.OperationContext;

/**
 * Thins out exemplars before they cost anything. Spring Boot makes each operation's span
 * current around its timer, in case the registry wants an exemplar, and tells every
 * listener of that scope: a third of all that a lookup with a span takes. A registry
 * keeps one exemplar a bucket and step (OTLP) or one every 90 ms (Prometheus), so one of
 * each magnitude every 10 ms is plenty. The others are recorded in whatever span the
 * thread is in: the request's on blocking clients, which leads to the same trace.
 * <p>
 * Has to be the last handler that is told of the end before the meters', that is the
 * first one after them in the registry. Without it every operation has its exemplar.
 * Called by the thread that ends the operation.
 */
public final class NetTraceExemplarObservationHandler implements ObservationHandler<Observation.Context> {

	/**
	 * Create a handler.
	 */
	public NetTraceExemplarObservationHandler() {
	}

	@Override
	public boolean supportsContext(Observation.Context context) {
		return context instanceof OperationContext;
	}

	@Override
	public void onStop(Observation.Context context) {
		OperationContext operation = (OperationContext) context;
		OperationContext.Recording recording = operation.recording();
		if (recording != null && context.get(TracingContext.class) instanceof OperationTracingContext tracing) {
			Span span = tracing.getSpan();
			recording.recordUnlessExemplarIsDue(operation, span != null && !span.isNoop());
		}
	}

}
