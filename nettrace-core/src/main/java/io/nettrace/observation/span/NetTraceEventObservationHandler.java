package io.nettrace.observation.span;

import io.nettrace.observation.OperationContext;
import java.time.Duration;
import java.util.Objects;

import io.micrometer.observation.Observation;
import io.micrometer.tracing.Span;
import io.micrometer.tracing.Tracer;
import io.micrometer.tracing.handler.TracingObservationHandler;
import org.jspecify.annotations.Nullable;

/**
 * Makes an event on the request's span of each lookup and connect, when it ends: for
 * services that open thousands of connections a second, whose spans a batch processor
 * would drop. Micrometer's events have no attributes, so with OpenTelemetry it writes to
 * the span itself; with another tracer an event has its name and time.
 */
public final class NetTraceEventObservationHandler implements TracingObservationHandler<Observation.Context> {

	/**
	 * Attribute of an event: how long the lookup or connect took, in seconds.
	 */
	public static final String DURATION = "nettrace.duration";

	private final Tracer tracer;

	private final boolean hideAddresses;

	private final long minNanos;

	private final OperationContext.Ending ending = this::end;

	/**
	 * Create a handler.
	 * @param tracer knows the request's span
	 * @param hideAddresses whether no IP address is shown in names and attributes
	 * @param minDuration shorter lookups and connects make no event, unless they failed
	 */
	public NetTraceEventObservationHandler(Tracer tracer, boolean hideAddresses, Duration minDuration) {
		this.tracer = Objects.requireNonNull(tracer, "'tracer' must not be null");
		this.hideAddresses = hideAddresses;
		this.minNanos = minDuration.toNanos();
	}

	/**
	 * What the start leaves for the end, which may come on a thread without the request's
	 * span.
	 */
	private record Started(@Nullable Span span, long nanos) {
	}

	@Override
	public Tracer getTracer() {
		return this.tracer;
	}

	@Override
	public TracingContext getTracingContext(Observation.Context context) {
		return OperationTracingContext.of(context);
	}

	@Override
	public @Nullable Span getParentSpan(Observation.ContextView context) {
		Span parent = ParentSpan.of(context);
		return (parent != null) ? parent : TracingObservationHandler.super.getParentSpan(context);
	}

	@Override
	public boolean supportsContext(Observation.Context context) {
		return context instanceof OperationContext;
	}

	/**
	 * The request's span stands where a span of ours would: exemplars are taken from it.
	 */
	@Override
	public void onStart(Observation.Context context) {
		Span parent = getParentSpan(context);
		Span span = (parent != null) ? parent : this.tracer.currentSpan();
		getTracingContext(context).setSpan(span);
		context.put(Started.class, new Started(span, System.nanoTime()));
		((OperationContext) context).setSpanEnding(this.ending);
	}

	@Override
	public void onEvent(Observation.Event event, Observation.Context context) {
		if (event == OperationContext.STARTED && !((OperationContext) context).hasSpan()) {
			onStart(context);
		}
	}

	/**
	 * An error of ours is not one of the request.
	 */
	@Override
	public void onError(Observation.Context context) {
	}

	@Override
	public void onStop(Observation.Context context) {
		if (context instanceof OperationContext operation && operation.hasSpan()) {
			end(operation);
		}
	}

	private void end(OperationContext context) {
		context.setSpanEnding(null);
		Started started = context.getRequired(Started.class);
		long nanos = System.nanoTime() - started.nanos();
		Span span = started.span();
		if (span == null || span.isNoop() || (nanos < this.minNanos && context.getError() == null)) {
			return;
		}
		OpenTelemetryBridge.Target target = OpenTelemetryBridge.target(span);
		if (target == null) {
			span.event(getSpanName(context));
			return;
		}
		OpenTelemetryBridge.SpanEvent event = new OpenTelemetryBridge.SpanEvent();
		SpanAttributes.write(context, this.hideAddresses, event);
		event.put(DURATION, nanos / 1e9);
		target.addEvent(getSpanName(context), event);
	}

	@Override
	public String getSpanName(Observation.Context context) {
		String name = TracingObservationHandler.super.getSpanName(context);
		return this.hideAddresses ? AddressMask.mask(name, ((OperationContext) context).host()) : name;
	}

}
