package io.nettrace.observation;

import java.util.List;
import java.util.Objects;

import io.micrometer.observation.Observation;
import io.micrometer.tracing.Span;
import io.micrometer.tracing.Tracer;
import io.micrometer.tracing.handler.TracingObservationHandler;
import org.jspecify.annotations.Nullable;

/**
 * Makes a span of each lookup and connect. Unlike Micrometer's default handler it gives
 * attributes their OpenTelemetry type, and leaves out what does not apply. It must come
 * before the default one.
 */
public final class NetTraceTracingObservationHandler implements TracingObservationHandler<Observation.Context> {

	private final Tracer tracer;

	private final boolean hideAddresses;

	/**
	 * Create a handler.
	 * @param tracer makes the spans
	 * @param hideAddresses whether no IP address is shown in names, attributes, status
	 * and exceptions
	 */
	public NetTraceTracingObservationHandler(Tracer tracer, boolean hideAddresses) {
		this.tracer = Objects.requireNonNull(tracer, "'tracer' must not be null");
		this.hideAddresses = hideAddresses;
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

	@Override
	public void onStart(Observation.Context context) {
		Span parent = ParentSpan.isCurrent(context) ? null : getParentSpan(context);
		Span span = (parent != null) ? this.tracer.nextSpan(parent) : this.tracer.nextSpan();
		getTracingContext(context).setSpan((span != null) ? span.start() : Span.NOOP);
	}

	@Override
	public void onError(Observation.Context context) {
		Throwable error = context.getError();
		Span span = getRequiredSpan(context);
		if (error != null && !span.isNoop()) {
			span.error(this.hideAddresses ? AddressMask.mask(error) : error);
		}
	}

	@Override
	public void onStop(Observation.Context context) {
		Span span = getRequiredSpan(context);
		OpenTelemetryBridge.Target target = OpenTelemetryBridge.target(span);
		if (!span.isNoop()) {
			span.name(getSpanName(context));
			SpanAttributes.write(context, this.hideAddresses, (target != null) ? target : new SpanSink(span));
		}
		if (target != null) {
			getTracingContext(context).close();
			target.end(context.getError() != null);
		}
		else {
			endSpan(context, span);
		}
	}

	@Override
	public String getSpanName(Observation.Context context) {
		String name = TracingObservationHandler.super.getSpanName(context);
		return this.hideAddresses ? AddressMask.mask(name) : name;
	}

	private record SpanSink(Span span) implements SpanAttributes.Sink {

		@Override
		public void put(String key, String value) {
			this.span.tag(key, value);
		}

		@Override
		public void put(String key, Long value) {
			this.span.tag(key, value);
		}

		@Override
		public void put(String key, List<String> values) {
			this.span.tagOfStrings(key, values);
		}

	}

}
