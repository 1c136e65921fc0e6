package io.nettrace.autoconfigure;

import java.time.Duration;
import java.util.Map;

import io.micrometer.tracing.exporter.FinishedSpan;
import io.micrometer.tracing.exporter.SpanExportingPredicate;

/**
 * Keeps lookups and connects that are short and went well from being exported. Other
 * spans are none of its business. It is always there: whether a duration is given may be
 * known only when the application runs, long after it was processed ahead of time.
 */
final class MinDurationPredicate implements SpanExportingPredicate {

	private final Duration minDuration;

	MinDurationPredicate(Duration minDuration) {
		this.minDuration = minDuration;
	}

	@Override
	public boolean isExportable(FinishedSpan span) {
		if (this.minDuration.isZero() || span.getKind() != null) {
			return true; // ours are internal, most others a server's or a client's
		}
		Duration duration = Duration.between(span.getStartTimestamp(), span.getEndTimestamp());
		return duration.compareTo(this.minDuration) >= 0 || span.getError() != null || !isOurSuccess(span.getTags());
	}

	private static boolean isOurSuccess(Map<String, String> tags) {
		return tags.containsKey("nettrace.client") && !tags.containsKey("error.type");
	}

}
