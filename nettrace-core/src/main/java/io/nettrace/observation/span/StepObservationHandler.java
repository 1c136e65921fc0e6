package io.nettrace.observation.span;

import java.util.Objects;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationView;
import io.micrometer.tracing.Span;
import io.micrometer.tracing.Tracer;
import io.micrometer.tracing.handler.TracingObservationHandler;
import io.nettrace.observation.StepContext;
import org.jspecify.annotations.Nullable;

/**
 * What the handler that makes spans and the one that makes events have in common: how a
 * step's parent is found, and that it is started and ended once.
 */
abstract class StepObservationHandler implements TracingObservationHandler<Observation.Context> {

	private final Tracer tracer;

	private final boolean hideAddresses;

	StepObservationHandler(Tracer tracer, boolean hideAddresses) {
		this.tracer = Objects.requireNonNull(tracer, "'tracer' must not be null");
		this.hideAddresses = hideAddresses;
	}

	/**
	 * Begin a step.
	 * @return its span, or the one that it will be an event of
	 */
	abstract @Nullable Span start(StepContext step);

	/**
	 * End a step.
	 */
	abstract void end(StepContext step, StepTracingContext tracing);

	@Override
	public final Tracer getTracer() {
		return this.tracer;
	}

	final boolean hidesAddresses() {
		return this.hideAddresses;
	}

	@Override
	public final boolean supportsContext(Observation.Context context) {
		return context instanceof StepContext;
	}

	@Override
	public final void onStart(Observation.Context context) {
		StepContext step = (StepContext) context;
		StepTracingContext tracing = new StepTracingContext(step);
		tracing.setSpan(start(step));
		step.put(TracingContext.class, tracing);
	}

	@Override
	public final void onStop(Observation.Context context) {
		StepContext step = (StepContext) context;
		StepTracingContext tracing = started(step);
		if (tracing != null && tracing.end()) {
			end(step, tracing);
		}
	}

	private static @Nullable StepTracingContext started(StepContext step) {
		return (step.get(TracingContext.class) instanceof StepTracingContext tracing) ? tracing : null;
	}

	@Override
	public final void onEvent(Observation.Event event, Observation.Context context) {
		StepTracingContext tracing = started((StepContext) context);
		if (event == StepContext.STARTED && tracing == null) {
			onStart(context);
		}
		else if (event == StepContext.STOPPED) {
			onStop(context);
		}
		else if (event != StepContext.STARTED && tracing != null && tracing.getSpan() != null) {
			TracingObservationHandler.super.onEvent(event, context);
		}
	}

	/**
	 * The error is written at the end: the failure of another handler may hide it from
	 * this one now.
	 */
	@Override
	public final void onError(Observation.Context context) {
	}

	/**
	 * Without moving the entry, as {@code computeIfAbsent} does.
	 */
	@Override
	public final TracingContext getTracingContext(Observation.Context context) {
		TracingContext present = context.get(TracingContext.class);
		return (present != null) ? present : TracingObservationHandler.super.getTracingContext(context);
	}

	/**
	 * Micrometer prefers the thread's span to that of the parent observation. On a thread
	 * where the parent is not current that span is another request's. To open the
	 * parent's scope there would tell handlers of the application.
	 */
	@Override
	public final @Nullable Span getParentSpan(Observation.ContextView context) {
		ObservationView parent = context.getParentObservation();
		if (parent != null && parent.getObservationRegistry().getCurrentObservation() != parent) {
			TracingContext tracing = parent.getContextView().get(TracingContext.class);
			if (tracing != null && tracing.getSpan() != null) {
				return tracing.getSpan();
			}
		}
		return TracingObservationHandler.super.getParentSpan(context);
	}

	@Override
	public final String getSpanName(Observation.Context context) {
		String name = TracingObservationHandler.super.getSpanName(context);
		return this.hideAddresses ? AddressMask.mask(name, ((StepContext) context).getHost()) : name;
	}

}
