package io.nettrace.autoconfigure;

import java.util.List;

import io.opentelemetry.sdk.trace.data.SpanData;

/**
 * Something that nettrace says.
 */
interface Signal {

	/**
	 * Whether it has been said.
	 * @param spans the spans that have ended
	 * @param scrape the meters as Prometheus gets them
	 */
	boolean isGiven(List<SpanData> spans, Scrape scrape);

}
