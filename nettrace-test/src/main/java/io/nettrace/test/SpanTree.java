package io.nettrace.test;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.SpanId;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.sdk.trace.data.SpanData;

/**
 * Spans as text, one line each and indented below their parent. Those whose parent is not
 * among them are left out.
 */
public final class SpanTree {

	private static final String OURS = "nettrace.client";

	/**
	 * Only Netty's resolver tells of its queries, and only the JVM's of its cache.
	 */
	private static final Set<String> OF_SOME_RESOLVERS = Set.of("nettrace.dns.source", "nettrace.dns.queries",
			"nettrace.dns.failed_queries", "nettrace.dns.answer_age");

	private final List<SpanData> spans;

	private final Function<? super SpanData, String> line;

	private final StringBuilder text = new StringBuilder();

	private SpanTree(List<SpanData> spans, Function<? super SpanData, String> line) {
		this.line = line;
		this.spans = spans.stream().sorted(Comparator.comparingLong(SpanData::getStartEpochNanos)).toList();
	}

	/**
	 * Return spans with, in each line, the name, {@code !} for an error, and for
	 * nettrace's spans every attribute but those that not every client has. Ports become
	 * {@code PORT}, dates {@code DATE}.
	 * @param spans the spans, in any order
	 * @return the lines, in the order in which spans began
	 */
	public static String render(List<SpanData> spans) {
		return render(spans, SpanTree::describe);
	}

	/**
	 * Return spans.
	 * @param spans the spans, in any order
	 * @param line what to say of a span
	 * @return the lines, in the order in which spans began
	 */
	public static String render(List<SpanData> spans, Function<? super SpanData, String> line) {
		SpanTree tree = new SpanTree(spans, line);
		tree.children(SpanId.getInvalid(), "");
		return tree.text.toString();
	}

	private void children(String parentId, String indent) {
		for (SpanData span : this.spans) {
			if (span.getParentSpanId().equals(parentId) && !isNoticedWait(span)) {
				this.text.append(indent).append(this.line.apply(span)).append('\n');
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
