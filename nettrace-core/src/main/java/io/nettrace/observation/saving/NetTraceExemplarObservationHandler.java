package io.nettrace.observation.saving;

import java.util.Objects;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.tracing.Span;
import io.micrometer.tracing.handler.TracingObservationHandler.TracingContext;

/**
 * Thins out exemplars before they cost anything. Spring Boot makes each span current
 * around its timer, in case the registry wants an exemplar, and tells every listener of
 * that scope. A registry keeps one exemplar a bucket and step (OTLP) or one every 90 ms
 * (Prometheus), so one of each magnitude every 100 ms is plenty. The others are recorded
 * in the span that the thread is in: the request's on blocking clients, which leads to
 * the same trace.
 * <p>
 * It must be told of the end right before the meters, that is stand behind them in the
 * registry: told later it thins out nothing, told earlier it hides the span from those
 * between. Called by the thread that ends the observation.
 */
public final class NetTraceExemplarObservationHandler implements ObservationHandler<Observation.Context> {

	private final HeldTimers timers;

	/**
	 * Create a handler.
	 * @param timers the timers that the meters record with
	 */
	public NetTraceExemplarObservationHandler(HeldTimers timers) {
		this.timers = Objects.requireNonNull(timers, "'timers' must not be null");
	}

	@Override
	public boolean supportsContext(Observation.Context context) {
		return context instanceof CompactContext;
	}

	@Override
	public void onStop(Observation.Context context) {
		if (context.get(TracingContext.class) instanceof ThinnedTracingContext tracing) {
			Span span = tracing.getSpan();
			this.timers.takeUnlessExemplarIsDue((CompactContext) context, span != null && !span.isNoop());
		}
	}

}
