package io.nettrace.slices;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import io.micrometer.tracing.exporter.FinishedSpan;
import io.micrometer.tracing.exporter.SpanReporter;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.stereotype.Component;

/**
 * Prints the exported spans, each below its parent. Works with every bridge.
 */
@Component
@ConditionalOnClass(SpanReporter.class)
final class SpanReport implements SpanReporter {

	private static final String OURS = "nettrace.client";

	/**
	 * Whether the first request of an event loop takes the 15 ms that show is up to the
	 * machine.
	 */
	private static final String WAIT = "wait for connection";

	// Guarded by this
	private final List<FinishedSpan> spans = new ArrayList<>();

	@Override
	public synchronized void report(FinishedSpan span) {
		if (!WAIT.equals(span.getName())) {
			this.spans.add(span);
		}
	}

	/**
	 * Called by the exporter's shutdown and as the bean is destroyed.
	 */
	@Override
	public synchronized void close() {
		this.spans.sort(Comparator.comparing(FinishedSpan::getStartTimestamp));
		this.spans.stream().filter(this::isRoot).forEach((root) -> print(root, ""));
		this.spans.clear();
	}

	private boolean isRoot(FinishedSpan span) {
		return this.spans.stream().noneMatch((other) -> other.getSpanId().equals(span.getParentId()));
	}

	private void print(FinishedSpan span, String indent) {
		SliceApplication.print("span", indent + span.getName() + error(span.getError()) + ours(span) + events(span));
		this.spans.stream()
			.filter((child) -> span.getSpanId().equals(child.getParentId()))
			.forEach((child) -> print(child, indent + "  "));
	}

	private static String error(@Nullable Throwable error) {
		return (error != null) ? " !" : "";
	}

	private static String ours(FinishedSpan span) {
		Map<String, String> tags = new TreeMap<>(span.getTags());
		if (!tags.containsKey(OURS)) {
			return "";
		}
		// in Brave, the message of the exception
		tags.remove("error");
		tags.replaceAll((key, value) -> key.endsWith(".port") ? "PORT" : value.replaceAll("[\\[\\] ]", ""));
		return " " + tags;
	}

	/**
	 * Without the exception events.
	 */
	private static String events(FinishedSpan span) {
		List<String> names = span.getEvents()
			.stream()
			.map(Map.Entry::getValue)
			.filter((name) -> !name.equals("exception") && !name.equals(WAIT))
			.toList();
		return names.isEmpty() ? "" : " " + names;
	}

}
