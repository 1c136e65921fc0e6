package io.nettrace.demo;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;

import io.opentelemetry.sdk.trace.data.SpanData;

/**
 * A trace as the page gets it.
 *
 * @param traceId the trace, in hexadecimal digits
 * @param complete whether every span that was started is there
 * @param spans the spans by their start
 */
record TraceView(String traceId, boolean complete, List<SpanView> spans) {

	static TraceView of(String traceId, boolean complete, Collection<SpanData> spans) {
		return new TraceView(traceId, complete,
				spans.stream().sorted(Comparator.comparing(SpanData::getStartEpochNanos)).map(SpanView::of).toList());
	}

}
