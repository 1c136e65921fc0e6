package io.nettrace.demo;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import io.micrometer.tracing.exporter.SpanExportingPredicate;
import io.micrometer.tracing.exporter.SpanFilter;
import io.micrometer.tracing.otel.bridge.CompositeSpanExporter;
import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.ReadWriteSpan;
import io.opentelemetry.sdk.trace.ReadableSpan;
import io.opentelemetry.sdk.trace.SpanProcessor;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.stereotype.Component;

/**
 * The exporter behind the page: keeps the spans of the last traces that began in this
 * process. Boot's batch processor would export seconds later, and waits for a collector
 * that does not answer; this one exports each span as it ends, after the same predicates
 * and filters.
 */
@Component
final class RecentTraces implements SpanProcessor {

	static final int MAX_TRACES = 50;

	private final SpanExporter exporter;

	// Oldest first. Guarded by this, like the traces in it
	private final Map<String, Recent> traces = new LinkedHashMap<>();

	RecentTraces(ObjectProvider<SpanExportingPredicate> predicates, ObjectProvider<SpanFilter> filters) {
		this.exporter = new CompositeSpanExporter(List.of(new Keeper()), predicates.orderedStream().toList(), List.of(),
				filters.orderedStream().toList());
	}

	@Override
	public synchronized void onStart(Context parentContext, ReadWriteSpan span) {
		String traceId = span.getSpanContext().getTraceId();
		if (!span.getParentSpanContext().isValid()) {
			this.traces.put(traceId, new Recent());
			if (this.traces.size() > MAX_TRACES) {
				this.traces.remove(this.traces.keySet().iterator().next());
			}
		}
		Recent trace = this.traces.get(traceId);
		if (trace != null) {
			trace.open++;
		}
	}

	@Override
	public boolean isStartRequired() {
		return true;
	}

	@Override
	public synchronized void onEnd(ReadableSpan span) {
		Recent trace = this.traces.get(span.getSpanContext().getTraceId());
		if (trace != null) {
			this.exporter.export(List.of(span.toSpanData()));
			trace.open--;
			notifyAll();
		}
	}

	@Override
	public boolean isEndRequired() {
		return true;
	}

	/**
	 * Wait until every span of a trace that was started has ended and been exported. The
	 * root is open as long as its work may start further spans.
	 * @param traceId the trace
	 * @param patience how long to wait
	 * @return the trace, complete or not
	 */
	synchronized TraceView await(String traceId, Duration patience) {
		long deadline = System.nanoTime() + patience.toNanos();
		Recent trace = this.traces.get(traceId);
		while (trace != null && trace.open > 0) {
			long millis = (deadline - System.nanoTime()) / 1_000_000;
			if (millis <= 0) {
				break;
			}
			try {
				wait(millis);
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
				break;
			}
			trace = this.traces.get(traceId);
		}
		return view(traceId, trace);
	}

	private static TraceView view(String traceId, @Nullable Recent trace) {
		return (trace != null) ? TraceView.of(traceId, trace.open == 0, trace.spans)
				: TraceView.of(traceId, false, List.of());
	}

	private static final class Recent {

		private final List<SpanData> spans = new ArrayList<>();

		private int open;

	}

	/**
	 * Called by {@link #onEnd}, which holds the lock.
	 */
	private final class Keeper implements SpanExporter {

		@Override
		public CompletableResultCode export(Collection<SpanData> spans) {
			for (SpanData span : spans) {
				Recent trace = RecentTraces.this.traces.get(span.getTraceId());
				if (trace != null) {
					trace.spans.add(span);
				}
			}
			return CompletableResultCode.ofSuccess();
		}

		@Override
		public CompletableResultCode flush() {
			return CompletableResultCode.ofSuccess();
		}

		@Override
		public CompletableResultCode shutdown() {
			return CompletableResultCode.ofSuccess();
		}

	}

}
