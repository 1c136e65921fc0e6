package io.nettrace.slices;

import java.util.Comparator;
import java.util.List;
import java.util.Map;

import io.nettrace.test.ReceivedSpan;

/**
 * Received spans as text, one line each and indented below their parent. Lines of
 * nettrace's spans end with {@code nettrace.client}. Without waits for a connection:
 * whether the first request of an event loop takes the 15 ms that show is up to the
 * machine.
 */
final class SpanTree {

	private final List<ReceivedSpan> spans;

	private final StringBuilder text = new StringBuilder();

	private SpanTree(List<ReceivedSpan> spans) {
		this.spans = spans.stream()
			.filter((span) -> !span.name().equals("wait for connection"))
			.sorted(Comparator.comparingLong(ReceivedSpan::startNanos))
			.toList();
	}

	static String render(List<ReceivedSpan> spans) {
		SpanTree tree = new SpanTree(spans);
		tree.spans.stream().filter(tree::isRoot).forEach((root) -> tree.add(root, ""));
		return tree.text.toString();
	}

	/**
	 * Including spans whose parent has not arrived.
	 */
	private boolean isRoot(ReceivedSpan span) {
		return this.spans.stream().noneMatch((other) -> isBelow(span, other));
	}

	private static boolean isBelow(ReceivedSpan span, ReceivedSpan parent) {
		return span.parentId().equals(parent.spanId()) && span.traceId().equals(parent.traceId());
	}

	private void add(ReceivedSpan span, String indent) {
		Map<String, Object> attributes = span.attributes();
		this.text.append(indent)
			.append(span.name())
			.append(attributes.containsKey("error.type") ? " !" : "")
			.append(attributes.containsKey("nettrace.client") ? " " + attributes.get("nettrace.client") : "")
			.append('\n');
		this.spans.stream().filter((child) -> isBelow(child, span)).forEach((child) -> add(child, indent + "  "));
	}

}
