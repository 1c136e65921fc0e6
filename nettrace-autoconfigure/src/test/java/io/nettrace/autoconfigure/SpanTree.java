package io.nettrace.autoconfigure;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.SpanId;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.sdk.trace.data.SpanData;

/**
 * Spans as text, one line each and indented below their parent: the name, {@code !} for
 * an error, and for nettrace's spans every attribute but those that not every client has.
 * Ports become {@code PORT}, dates {@code DATE}.
 */
final class SpanTree {

	private static final String OURS = "nettrace.client";

	/**
	 * Only Netty's resolver tells of its queries, and only the JVM's of its cache.
	 */
	private static final Set<String> OF_SOME_RESOLVERS = Set.of("nettrace.dns.source", "nettrace.dns.queries",
			"nettrace.dns.failed_queries", "nettrace.dns.answer_age");

	private final List<SpanData> spans;

	private final StringBuilder text = new StringBuilder();

	private SpanTree(List<SpanData> spans) {
		this.spans = spans.stream().sorted(Comparator.comparingLong(SpanData::getStartEpochNanos)).toList();
	}

	static String render(List<SpanData> spans) {
		SpanTree tree = new SpanTree(spans);
		tree.children(SpanId.getInvalid(), "");
		return tree.text.toString();
	}

	private void children(String parentId, String indent) {
		for (SpanData span : this.spans) {
			if (span.getParentSpanId().equals(parentId) && !isNoticedWait(span)) {
				this.text.append(indent).append(describe(span)).append('\n');
				children(span.getSpanId(), indent + "  ");
			}
		}
	}

	/**
	 * On Reactor Netty any request of a busy machine may have one.
	 */
	private static boolean isNoticedWait(SpanData span) {
		return span.getName().equals("wait for connection")
				&& span.getAttributes().get(AttributeKey.stringKey("nettrace.queue.reason")) == null;
	}

	private static String describe(SpanData span) {
		String name = span.getName() + ((span.getStatus().getStatusCode() == StatusCode.ERROR) ? " !" : "");
		Map<String, String> attributes = new TreeMap<>();
		span.getAttributes().forEach((key, value) -> attributes.put(key.getKey(), String.valueOf(value)));
		if (!attributes.containsKey(OURS)) {
			return name;
		}
		attributes.remove(OURS);
		attributes.keySet().removeAll(OF_SOME_RESOLVERS);
		attributes.replaceAll(SpanTree::shown);
		return name + " " + attributes;
	}

	private static String shown(String key, String value) {
		if (key.endsWith(".port")) {
			return "PORT";
		}
		return key.endsWith("not_after") ? "DATE" : value.replaceAll("[\\[\\] ]", "");
	}

}
