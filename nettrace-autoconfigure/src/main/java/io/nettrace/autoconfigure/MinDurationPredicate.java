package io.nettrace.autoconfigure;

import java.time.Duration;

import io.micrometer.tracing.exporter.FinishedSpan;
import io.micrometer.tracing.exporter.SpanExportingPredicate;

/**
 * Keeps lookups and connects that are short and went well from being exported. Other
 * spans are none of its business.
 */
final class MinDurationPredicate implements SpanExportingPredicate {

	private final Duration minDuration;

	MinDurationPredicate(Duration minDuration) {
		this.minDuration = minDuration;
	}

	@Override
	public boolean isExportable(FinishedSpan span) {
		Duration duration = Duration.between(span.getStartTimestamp(), span.getEndTimestamp());
		return duration.compareTo(this.minDuration) >= 0 || !span.getTags().containsKey("nettrace.client")
				|| span.getTags().containsKey("error.type") || span.getError() != null;
	}

}
