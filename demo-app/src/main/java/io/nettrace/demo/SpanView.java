package io.nettrace.demo;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
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
 * @param queries what a lookup asked: the type, the name and what came of it
 */
record SpanView(String spanId, @Nullable String parentId, String name, SpanKind kind, long startMicros,
		long durationMicros, StatusCode status, Map<String, Object> attributes, List<String> queries) {

	private static final String QUERY = "DNS query";

	static SpanView of(SpanData span) {
		SpanContext parent = span.getParentSpanContext();
		Map<String, Object> attributes = new TreeMap<>();
		span.getAttributes().forEach((key, value) -> attributes.put(key.getKey(), value));
		return new SpanView(span.getSpanId(), parent.isValid() ? parent.getSpanId() : null, span.getName(),
				span.getKind(), TimeUnit.NANOSECONDS.toMicros(span.getStartEpochNanos()),
				TimeUnit.NANOSECONDS.toMicros(span.getEndEpochNanos() - span.getStartEpochNanos()),
				span.getStatus().getStatusCode(), attributes, queries(span));
	}

	private static List<String> queries(SpanData span) {
		return span.getEvents()
			.stream()
			.filter((event) -> event.getName().equals(QUERY))
			.map((event) -> query(event.getAttributes()))
			.toList();
	}

	private static String query(Attributes query) {
		String code = query.get(AttributeKey.stringKey("dns.response_code"));
		return query.get(AttributeKey.stringKey("dns.question.type")) + " "
				+ query.get(AttributeKey.stringKey("dns.question.name")) + " "
				+ ((code != null) ? code : query.get(AttributeKey.stringKey("nettrace.dns.query.outcome")));
	}

}
