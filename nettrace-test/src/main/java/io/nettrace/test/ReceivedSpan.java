package io.nettrace.test;

import java.time.Duration;
import java.util.List;
import java.util.Map;

import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Span.Event;
import io.opentelemetry.proto.trace.v1.Span.SpanKind;
import io.opentelemetry.proto.trace.v1.Status.StatusCode;

/**
 * A span as it arrived.
 *
 * @param traceId the trace, in lower case hexadecimal digits
 * @param spanId the span, in lower case hexadecimal digits
 * @param parentId the parent, in lower case hexadecimal digits; empty for a root
 * @param name the name
 * @param kind the kind
 * @param startNanos the start, in nanoseconds since 1970
 * @param duration the time from start to end
 * @param status the status
 * @param attributes the attributes: strings, longs, doubles, booleans and lists of them
 * @param events the names of the events
 * @param resource the attributes of the sender
 */
public record ReceivedSpan(String traceId, String spanId, String parentId, String name, SpanKind kind, long startNanos,
		Duration duration, StatusCode status, Map<String, Object> attributes, List<String> events,
		Map<String, Object> resource) {

	static List<ReceivedSpan> listOf(ResourceSpans sender) {
		Map<String, Object> resource = Decode.attributes(sender.getResource().getAttributesList());
		return sender.getScopeSpansList()
			.stream()
			.map(ScopeSpans::getSpansList)
			.flatMap(List::stream)
			.map((span) -> of(span, resource))
			.toList();
	}

	private static ReceivedSpan of(Span span, Map<String, Object> resource) {
		return new ReceivedSpan(Decode.hex(span.getTraceId()), Decode.hex(span.getSpanId()),
				Decode.hex(span.getParentSpanId()), span.getName(), span.getKind(), span.getStartTimeUnixNano(),
				Duration.ofNanos(span.getEndTimeUnixNano() - span.getStartTimeUnixNano()), span.getStatus().getCode(),
				Decode.attributes(span.getAttributesList()), span.getEventsList().stream().map(Event::getName).toList(),
				resource);
	}

}
