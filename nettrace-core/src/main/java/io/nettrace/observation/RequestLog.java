package io.nettrace.observation;

import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Objects;
import java.util.StringJoiner;
import java.util.function.Function;

import io.micrometer.observation.Observation;
import io.nettrace.ConnectionInfo;
import io.nettrace.ConnectionTarget;
import io.nettrace.DnsAnswerInfo;
import io.nettrace.instrument.ResolvConf;
import org.jspecify.annotations.Nullable;

/**
 * One line for each slow request, with the time of each phase: what people take from
 * {@code curl -w}. A request without a response is logged at WARN. Of the URL it has the
 * template and the host, and nothing that may be secret.
 */
public final class RequestLog implements RequestRecordSink {

	private static final System.Logger logger = System.getLogger("io.nettrace.requests");

	private final long slowerThanNanos;

	private final boolean hideAddresses;

	private final RequestSpan.Finder spans;

	/**
	 * What the system makes of a name.
	 */
	private final Function<String, @Nullable String> hint;

	/**
	 * Create a log.
	 * @param slowerThan requests that take longer are logged, {@code null} for none
	 * @param hideAddresses whether a host that is an IP address is not shown
	 * @param spans finds the span of a request
	 */
	public RequestLog(@Nullable Duration slowerThan, boolean hideAddresses, RequestSpan.Finder spans) {
		this(slowerThan, hideAddresses, spans, (host) -> ResolvConf.current().hint(host));
	}

	RequestLog(@Nullable Duration slowerThan, boolean hideAddresses, RequestSpan.Finder spans,
			Function<String, @Nullable String> hint) {
		this.hint = hint;
		this.hideAddresses = hideAddresses;
		this.slowerThanNanos = (slowerThan != null) ? slowerThan.toNanos() : Long.MAX_VALUE;
		this.spans = Objects.requireNonNull(spans, "'spans' must not be null");
	}

	@Override
	public void write(Observation.Context request, RequestRecord record) {
		if (record.total() < this.slowerThanNanos) {
			return;
		}
		RequestSummary summary = RequestSummary.of(request, record);
		Level level = (summary.status() != null) ? Level.INFO : Level.WARNING;
		if (logger.isLoggable(level)) {
			logger.log(level, line(request, record, summary));
		}
	}

	@Override
	public boolean isNeeded() {
		return this.slowerThanNanos != Long.MAX_VALUE;
	}

	@Override
	public boolean waitsForResponse() {
		return true;
	}

	String line(Observation.Context request, RequestRecord record, RequestSummary summary) {
		StringJoiner line = new StringJoiner(", ");
		line.add(summary.method() + " " + summary.uri() + host(record) + " took "
				+ RequestSummary.millis(record.total()));
		line.add((summary.status() != null) ? "status " + summary.status() : "no response");
		if (request.getError() != null) {
			line.add(ErrorType.of(request.getError()));
		}
		line.add("verdict " + summary.verdict() + ": " + phases(record));
		String host = record.lookedUp();
		if (host != null && summary.verdict() == Phase.DNS) {
			addLookup(host, record.dnsAnswer(), line);
		}
		ConnectionInfo connection = record.connection();
		if (connection != null) {
			line.add(connection(connection));
		}
		for (RequestRecord.Failure failure : record.failures()) {
			line.add("failed " + failure + ((failure.detail() != null) ? " (" + failure.detail() + ")" : ""));
		}
		if (record.exchanges() > 1) {
			line.add(record.exchanges() + " exchanges");
		}
		RequestSpan span = this.spans.of(request);
		if (span != null) {
			line.add("trace " + span.traceId());
		}
		return line.toString();
	}

	/**
	 * A lookup that took longest or failed: its queries, or what the system makes of the
	 * name.
	 */
	private void addLookup(String host, @Nullable DnsAnswerInfo answer, StringJoiner line) {
		String words = (answer != null) ? DnsQueries.words(answer) : null;
		if (words != null) {
			line.add(words);
		}
		boolean cached = answer != null && answer.source() == DnsAnswerInfo.Source.JVM_CACHE;
		String hint = cached ? null : this.hint.apply(host);
		if (hint != null) {
			line.add(hint);
		}
	}

	private String host(RequestRecord record) {
		ConnectionTarget target = record.target();
		return (target != null) ? " of " + shown(target.host()) + ":" + target.port() : "";
	}

	private String shown(String host) {
		return (this.hideAddresses && HostName.isAddress(host)) ? "_IP" : host;
	}

	private static String phases(RequestRecord record) {
		StringJoiner phases = new StringJoiner(", ");
		for (Phase phase : Phase.ALL) {
			if (record.nanos(phase) > 0) {
				phases.add(phase + " " + RequestSummary.millis(record.nanos(phase)));
			}
		}
		return phases.toString();
	}

	private static String connection(ConnectionInfo connection) {
		return "connection " + connection.id() + (connection.reused() ? " reused" : " new");
	}

}
