package io.nettrace.observation.span;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.TimeUnit;

import io.micrometer.tracing.Span;
import io.nettrace.DnsAnswerInfo;
import io.nettrace.DnsQueryInfo;
import io.nettrace.observation.DnsLookupContext;
import io.nettrace.observation.DnsQueries;
import io.nettrace.observation.DnsQueryKeyNames;
import io.nettrace.observation.StepContext;
import org.jspecify.annotations.Nullable;

/**
 * Makes an event of each query of a lookup, at the time of its end. With another tracer
 * than OpenTelemetry's, whose events have no attributes, its name says the most.
 */
final class DnsQueryEvents {

	private static final String NAME = "DNS query";

	private DnsQueryEvents() {
	}

	/**
	 * Write the queries of a step, if it is a lookup whose queries are known.
	 */
	static void write(StepContext step, boolean hideAddresses, Span span, OpenTelemetryBridge.@Nullable Target target) {
		DnsAnswerInfo answer = (step instanceof DnsLookupContext lookup) ? lookup.getAnswerInfo() : null;
		if (answer == null) {
			return;
		}
		for (DnsQueryInfo query : answer.queries()) {
			Instant end = query.start().plus(query.duration());
			if (target != null) {
				target.addEvent(NAME, event(query, hideAddresses), end);
			}
			else {
				span.event(text(query), ChronoUnit.MICROS.between(Instant.EPOCH, end), TimeUnit.MICROSECONDS);
			}
		}
	}

	private static OpenTelemetryBridge.SpanEvent event(DnsQueryInfo query, boolean hideAddresses) {
		OpenTelemetryBridge.SpanEvent event = new OpenTelemetryBridge.SpanEvent();
		event.put(DnsQueryKeyNames.QUESTION_NAME.asString(), query.name());
		event.put(DnsQueryKeyNames.QUESTION_TYPE.asString(), query.type());
		event.put(DnsQueryKeyNames.OUTCOME.asString(), DnsQueries.outcome(query));
		String code = query.responseCode();
		if (code != null) {
			event.put(DnsQueryKeyNames.RESPONSE_CODE.asString(), code);
		}
		if (!hideAddresses) {
			event.put(DnsQueryKeyNames.SERVER.asString(), DnsQueries.server(query));
		}
		event.put(DnsQueryKeyNames.NETWORK_TRANSPORT.asString(), DnsQueries.transport(query));
		String alias = query.alias();
		if (alias != null) {
			event.put(DnsQueryKeyNames.ALIAS.asString(), alias);
		}
		event.put(NetTraceEventObservationHandler.DURATION, query.duration().toNanos() / 1e9);
		return event;
	}

	private static String text(DnsQueryInfo query) {
		return NAME + " " + query.type() + " " + query.name() + " " + DnsQueries.outcome(query);
	}

}
