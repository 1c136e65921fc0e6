package io.nettrace.demo;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;

import io.nettrace.observation.recent.RecentRequest;
import io.opentelemetry.sdk.trace.data.SpanData;

/**
 * A trace as the page gets it.
 *
 * @param traceId the trace, in hexadecimal digits
 * @param complete whether every span that was started is there
 * @param spans the spans by their start
 * @param requests the outgoing requests by their start, each with its phases
 */
record TraceView(String traceId, boolean complete, List<SpanView> spans, List<RecentRequest> requests) {

	static TraceView of(String traceId, boolean complete, Collection<SpanData> spans) {
		return new TraceView(traceId, complete,
				spans.stream().sorted(Comparator.comparing(SpanData::getStartEpochNanos)).map(SpanView::of).toList(),
				List.of());
	}

	/**
	 * Return the trace with its requests.
	 * @param requests in any order
	 * @return the trace with these in place of its own
	 */
	TraceView with(List<RecentRequest> requests) {
		return new TraceView(this.traceId, this.complete, this.spans,
				requests.stream().sorted(Comparator.comparing(RecentRequest::time)).toList());
	}

}
