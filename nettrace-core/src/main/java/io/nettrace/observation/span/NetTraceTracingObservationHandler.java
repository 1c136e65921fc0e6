package io.nettrace.observation.span;

import io.nettrace.observation.AttributeSink;
import io.nettrace.observation.OperationContext;
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

	private final OperationContext.Ending ending = this::end;

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
		((OperationContext) context).setSpanEnding(this.ending);
	}

	@Override
	public void onEvent(Observation.Event event, Observation.Context context) {
		if (event == OperationContext.STARTED) {
			if (!((OperationContext) context).hasSpan()) {
				onStart(context);
			}
		}
		else {
			TracingObservationHandler.super.onEvent(event, context);
		}
	}

	/**
	 * The error is written at the end: another handler's failure may hide it from this
	 * one now.
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
		Span span = getRequiredSpan(context);
		OpenTelemetryBridge.Target target = OpenTelemetryBridge.target(span);
		try {
			if (!span.isNoop()) {
				write(context, span, target);
			}
		}
		finally {
			if (target != null) {
				getTracingContext(context).close();
				target.end(context.getError() != null);
			}
			else {
				endSpan(context, span);
			}
		}
	}

	private void write(OperationContext context, Span span, OpenTelemetryBridge.@Nullable Target target) {
		Throwable error = context.getError();
		if (error != null && !this.hideAddresses) {
			span.error(error);
		}
		else if (error != null) {
			Throwable masked = AddressMask.mask(error, context.host());
			if (target != null) {
				target.error(masked, error);
			}
			else {
				span.error(masked);
			}
		}
		span.name(getSpanName(context));
		SpanAttributes.write(context, this.hideAddresses, (target != null) ? target : new SpanSink(span));
	}

	@Override
	public String getSpanName(Observation.Context context) {
		String name = TracingObservationHandler.super.getSpanName(context);
		return this.hideAddresses ? AddressMask.mask(name, ((OperationContext) context).host()) : name;
	}

	private record SpanSink(Span span) implements AttributeSink {

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
