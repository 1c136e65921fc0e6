package io.nettrace.observation.span;

import java.time.Duration;

import io.micrometer.tracing.Span;
import io.micrometer.tracing.Tracer;
import io.nettrace.observation.StepContext;
import org.jspecify.annotations.Nullable;

/**
 * Makes an event on the request's span of each lookup and connect, when it ends: for
 * services that open thousands of connections a second, whose spans a batch processor
 * would drop. Micrometer's events have no attributes, so with OpenTelemetry it writes to
 * the span itself; with another tracer an event has its name and time.
 */
public final class NetTraceEventObservationHandler extends StepObservationHandler {

	/**
	 * Attribute of an event: how long the lookup or connect took, in seconds.
	 */
	public static final String DURATION = "nettrace.duration";

	private final long minNanos;

	/**
	 * Create a handler.
	 * @param tracer knows the request's span
	 * @param hideAddresses whether no IP address is shown in names and attributes
	 * @param minDuration shorter lookups and connects make no event, unless they failed
	 */
	public NetTraceEventObservationHandler(Tracer tracer, boolean hideAddresses, Duration minDuration) {
		super(tracer, hideAddresses);
		this.minNanos = minDuration.toNanos();
	}

	/**
	 * The request's span stands where a span of ours would: exemplars are taken from it,
	 * and the end may come on a thread that does not know it.
	 */
	@Override
	@Nullable Span start(StepContext step) {
		Span parent = getParentSpan(step);
		return (parent != null) ? parent : getTracer().currentSpan();
	}

	@Override
	void end(StepContext step, StepTracingContext tracing) {
		long nanos = tracing.nanos();
		Span span = tracing.span();
		if (span == null || span.isNoop() || (nanos < this.minNanos && step.getError() == null)) {
			return;
		}
		OpenTelemetryBridge.Target target = OpenTelemetryBridge.target(span);
		DnsQueryEvents.write(step, hidesAddresses(), span, target);
		if (target == null) {
			span.event(getSpanName(step));
			return;
		}
		OpenTelemetryBridge.SpanEvent event = new OpenTelemetryBridge.SpanEvent();
		SpanAttributes.write(step, hidesAddresses(), event);
		event.put(DURATION, nanos / 1e9);
		target.addEvent(getSpanName(step), event);
	}

}
