package io.nettrace.demo;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.sdk.trace.data.SpanData;
import org.jspecify.annotations.Nullable;

/**
 * A span as the page gets it.
 *
 * @param spanId the span, in hexadecimal digits
 * @param parentId the parent, {@code null} for the root
 * @param name the name
 * @param kind which side of a call it is
 * @param startMicros the start, in microseconds since 1970
 * @param durationMicros the time from start to end, in microseconds
 * @param status {@code ERROR} if it failed
 * @param attributes the attributes: texts, numbers, booleans and lists of them
 */
record SpanView(String spanId, @Nullable String parentId, String name, SpanKind kind, long startMicros,
		long durationMicros, StatusCode status, Map<String, Object> attributes) {

	static SpanView of(SpanData span) {
		SpanContext parent = span.getParentSpanContext();
		Map<String, Object> attributes = new TreeMap<>();
		span.getAttributes().forEach((key, value) -> attributes.put(key.getKey(), value));
		return new SpanView(span.getSpanId(), parent.isValid() ? parent.getSpanId() : null, span.getName(),
				span.getKind(), TimeUnit.NANOSECONDS.toMicros(span.getStartEpochNanos()),
				TimeUnit.NANOSECONDS.toMicros(span.getEndEpochNanos() - span.getStartEpochNanos()),
				span.getStatus().getStatusCode(), attributes);
	}

}
