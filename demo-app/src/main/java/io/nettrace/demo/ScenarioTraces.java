package io.nettrace.demo;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
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

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.stereotype.Component;

/**
 * The exporter behind the page: keeps the spans of the scenarios that are under way.
 * Boot's batch processor would export seconds later, and would wait for a collector that
 * does not answer. This one exports each span when it ends, after the same predicates and
 * filters.
 */
@Component
final class ScenarioTraces implements SpanProcessor {

	/**
	 * How many spans of one trace are kept. A scenario has a dozen.
	 */
	static final int MAX_SPANS = 1_000;

	private final SpanExporter exporter;

	// Guarded by this, like the traces in it
	private final Map<String, Trace> traces = new HashMap<>();

	ScenarioTraces(ObjectProvider<SpanExportingPredicate> predicates, ObjectProvider<SpanFilter> filters) {
		this.exporter = new CompositeSpanExporter(List.of(new Keeper()), predicates.orderedStream().toList(), List.of(),
				filters.orderedStream().toList());
	}

	/**
	 * Keep a trace until it is {@linkplain #await taken}.
	 * @param traceId the trace, of which only the root has started so far
	 */
	synchronized void keep(String traceId) {
		this.traces.put(traceId, new Trace());
	}

	@Override
	public synchronized void onStart(Context parentContext, ReadWriteSpan span) {
		Trace trace = this.traces.get(span.getSpanContext().getTraceId());
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
		Trace trace = this.traces.get(span.getSpanContext().getTraceId());
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
	 * Wait until every span of a trace that was started has ended and been exported, and
	 * keep it no longer. The root is open as long as its work may start further spans.
	 * @param traceId the trace
	 * @param patience how long to wait
	 * @return the trace, complete or not
	 */
	synchronized TraceView await(String traceId, Duration patience) {
		long deadline = System.nanoTime() + patience.toNanos();
		Trace trace = this.traces.getOrDefault(traceId, new Trace());
		while (trace.open > 0) {
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
		}
		this.traces.remove(traceId);
		return TraceView.of(traceId, trace.open == 0 && !trace.spansLeftOut, trace.spans);
	}

	private static final class Trace {

		private final List<SpanData> spans = new ArrayList<>();

		// The root
		private int open = 1;

		private boolean spansLeftOut;

		void add(SpanData span) {
			if (this.spans.size() < MAX_SPANS) {
				this.spans.add(span);
			}
			else {
				this.spansLeftOut = true;
			}
		}

	}

	/**
	 * Called by {@link #onEnd}, which holds the lock.
	 */
	private final class Keeper implements SpanExporter {

		@Override
		public CompletableResultCode export(Collection<SpanData> spans) {
			for (SpanData span : spans) {
				Trace trace = ScenarioTraces.this.traces.get(span.getTraceId());
				if (trace != null) {
					trace.add(span);
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
