package io.nettrace.autoconfigure;

import java.time.Duration;
import java.util.Map;

import io.micrometer.tracing.exporter.FinishedSpan;
import io.micrometer.tracing.exporter.SpanExportingPredicate;

/**
 * Prevents the export of short lookups and connects that succeeded. Other spans pass. The
 * bean always exists, because a duration may be set only at run time, after the
 * application was processed ahead of time.
 */
final class MinDurationPredicate implements SpanExportingPredicate {

	private final Duration minDuration;

	MinDurationPredicate(Duration minDuration) {
		this.minDuration = minDuration;
	}

	@Override
	public boolean isExportable(FinishedSpan span) {
		if (this.minDuration.isZero() || span.getKind() != null) {
			return true; // nettrace's spans are internal, most others are a server's or a
							// client's
		}
		Duration duration = Duration.between(span.getStartTimestamp(), span.getEndTimestamp());
		return duration.compareTo(this.minDuration) >= 0 || span.getError() != null || !isOurSuccess(span.getTags());
	}

	private static boolean isOurSuccess(Map<String, String> tags) {
		return tags.containsKey("nettrace.client") && !tags.containsKey("error.type");
	}

}
