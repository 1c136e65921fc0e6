package io.nettrace.observation.span;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

import io.micrometer.tracing.Span;
import io.micrometer.tracing.Tracer;
import io.nettrace.observation.ConnectionWaitContext;
import io.nettrace.observation.StepContext;
import org.jspecify.annotations.Nullable;

/**
 * Makes a span of each lookup and connect. Unlike Micrometer's default handler it gives
 * attributes their OpenTelemetry type, and leaves out what does not apply. It must come
 * before the default one.
 */
public final class NetTraceTracingObservationHandler extends StepObservationHandler {

	/**
	 * Create a handler.
	 * @param tracer makes the spans
	 * @param hideAddresses whether no IP address is shown in names, attributes, status
	 * and exceptions
	 */
	public NetTraceTracingObservationHandler(Tracer tracer, boolean hideAddresses) {
		super(tracer, hideAddresses);
	}

	@Override
	Span start(StepContext step) {
		Span parent = getParentSpan(step);
		Duration elapsed = (step instanceof ConnectionWaitContext wait) ? wait.getWait().elapsed() : Duration.ZERO;
		if (!elapsed.isZero()) {
			return startedBefore(elapsed, parent);
		}
		Span span = (parent != null) ? getTracer().nextSpan(parent) : getTracer().nextSpan();
		return (span != null) ? span.start() : Span.NOOP;
	}

	/**
	 * A wait that is noticed when it ends.
	 */
	private Span startedBefore(Duration elapsed, @Nullable Span parent) {
		Span.Builder builder = getTracer().spanBuilder();
		if (parent != null) {
			builder.setParent(parent.context());
		}
		Instant start = Instant.now().minus(elapsed);
		return builder.startTimestamp(ChronoUnit.MICROS.between(Instant.EPOCH, start), TimeUnit.MICROSECONDS).start();
	}

	@Override
	void end(StepContext step, StepTracingContext tracing) {
		Span span = Objects.requireNonNull(tracing.span(), "a step that was started has a span");
		OpenTelemetryBridge.Target target = OpenTelemetryBridge.target(span);
		try {
			if (!span.isNoop()) {
				write(step, span, target);
			}
		}
		finally {
			if (target != null) {
				target.end(step.getError() != null);
			}
			else {
				span.end();
			}
		}
	}

	private void write(StepContext step, Span span, OpenTelemetryBridge.@Nullable Target target) {
		Throwable error = step.getError();
		if (error != null && !hidesAddresses()) {
			span.error(error);
		}
		else if (error != null) {
			Throwable masked = AddressMask.mask(error, step.getHost());
			if (target != null) {
				target.error(masked, error);
			}
			else {
				span.error(masked);
			}
		}
		span.name(getSpanName(step));
		SpanAttributes.write(step, hidesAddresses(), SpanSink.of(span, target));
		DnsQueryEvents.write(step, hidesAddresses(), span, target);
	}

}
