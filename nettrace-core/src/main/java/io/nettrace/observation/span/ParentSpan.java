package io.nettrace.observation.span;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationView;
import io.micrometer.tracing.Span;
import io.micrometer.tracing.handler.TracingObservationHandler.TracingContext;
import io.nettrace.observation.OperationContext;
import org.jspecify.annotations.Nullable;

/**
 * The parent of what is started on an event loop or another thread that knows nothing of
 * the request. To open the parent's scope there would do, and would cost as much as the
 * span.
 */
final class ParentSpan {

	private ParentSpan() {
	}

	/**
	 * Return the span of the parent observation.
	 * @param context that of an operation
	 * @return the span, or {@code null} if Micrometer's rule holds: a span that is
	 * current on the thread comes before that of the parent observation
	 */
	static @Nullable Span of(Observation.ContextView context) {
		return (context instanceof OperationContext operation && operation.isElsewhere()) ? ofParent(context) : null;
	}

	/**
	 * Whether the span of the parent observation is current, so that it need not be asked
	 * for: Micrometer wraps what it finds, for the price of half a span.
	 * @param context that of an operation
	 */
	static boolean isCurrent(Observation.ContextView context) {
		return OpenTelemetryBridge.isCurrent(ofParent(context));
	}

	private static @Nullable Span ofParent(Observation.ContextView context) {
		ObservationView parent = context.getParentObservation();
		TracingContext tracing = (parent != null) ? parent.getContextView().get(TracingContext.class) : null;
		return (tracing != null) ? tracing.getSpan() : null;
	}

}
