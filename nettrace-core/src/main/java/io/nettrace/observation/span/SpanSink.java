package io.nettrace.observation.span;

import java.util.List;

import io.micrometer.tracing.Span;
import org.jspecify.annotations.Nullable;

/**
 * Writes attributes to a span of any tracer.
 *
 * @param span the span
 */
record SpanSink(Span span) implements SpanAttributes.Sink {

	/**
	 * Return where the attributes of a span go.
	 * @param target OpenTelemetry's span behind it, if there is one
	 */
	static SpanAttributes.Sink of(Span span, OpenTelemetryBridge.@Nullable Target target) {
		return (target != null) ? target : new SpanSink(span);
	}

	@Override
	public void put(String key, String value) {
		this.span.tag(key, value);
	}

	@Override
	public void put(String key, long value) {
		this.span.tag(key, value);
	}

	@Override
	public void put(String key, double value) {
		this.span.tag(key, value);
	}

	@Override
	public void put(String key, boolean value) {
		this.span.tag(key, value);
	}

	@Override
	public void put(String key, List<String> values) {
		this.span.tagOfStrings(key, values);
	}

}
