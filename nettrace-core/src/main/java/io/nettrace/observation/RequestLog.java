package io.nettrace.observation;

import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Locale;
import java.util.Objects;
import java.util.StringJoiner;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

import io.micrometer.common.KeyValue;
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

	private static final double MILLIS = TimeUnit.MILLISECONDS.toNanos(1);

	private final long slowerThanNanos;

	private final boolean hideAddresses;

	private final RequestTraceId traceId;

	/**
	 * What the system makes of a name.
	 */
	private final Function<String, @Nullable String> hint;

	/**
	 * Create a log.
	 * @param slowerThan requests that take longer are logged, {@code null} for none
	 * @param hideAddresses whether a host that is an IP address is not shown
	 * @param traceId finds the trace of a request
	 */
	public RequestLog(@Nullable Duration slowerThan, boolean hideAddresses, RequestTraceId traceId) {
		this(slowerThan, hideAddresses, traceId, (host) -> ResolvConf.current().hint(host));
	}

	RequestLog(@Nullable Duration slowerThan, boolean hideAddresses, RequestTraceId traceId,
			Function<String, @Nullable String> hint) {
		this.hint = hint;
		this.hideAddresses = hideAddresses;
		this.slowerThanNanos = (slowerThan != null) ? slowerThan.toNanos() : Long.MAX_VALUE;
		this.traceId = Objects.requireNonNull(traceId, "'traceId' must not be null");
	}

	@Override
	public void write(Observation.Context request, RequestRecord record) {
		if (record.total() < this.slowerThanNanos) {
			return;
		}
		String status = value(request, "status");
		boolean answered = status != null && status.length() == 3 && Character.isDigit(status.charAt(0));
		Level level = answered ? Level.INFO : Level.WARNING;
		if (logger.isLoggable(level)) {
			logger.log(level, line(request, record, answered ? "status " + status : "no response"));
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

	String line(Observation.Context request, RequestRecord record, String outcome) {
		StringJoiner line = new StringJoiner(", ");
		line.add(request(request, record) + " took " + millis(record.total()));
		line.add(outcome);
		if (request.getError() != null) {
			line.add(ErrorType.of(request.getError()));
		}
		line.add("verdict " + record.verdict(request.getError() != null) + ": " + phases(record));
		String host = record.lookedUp();
		if (host != null && record.verdict(request.getError() != null) == Phase.DNS) {
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
		String trace = this.traceId.of(request);
		if (trace != null) {
			line.add("trace " + trace);
		}
		return line.toString();
	}

	/**
	 * A lookup that took most or failed: its queries, or what the system makes of the
	 * name.
	 */
	private void addLookup(String host, @Nullable DnsAnswerInfo answer, StringJoiner line) {
		if (answer != null && answer.source() == DnsAnswerInfo.Source.JVM_CACHE) {
			Duration age = answer.age();
			line.add("answer of the JVM's cache" + ((age != null) ? ", " + millis(age.toNanos()) + " old" : ""));
			return;
		}
		if (answer != null && answer.source() == DnsAnswerInfo.Source.NAME_SERVER) {
			line.add(answer.queries().size() + " DNS queries, " + answer.failedQueries() + " of them failed");
		}
		String hint = this.hint.apply(host);
		if (hint != null) {
			line.add(hint);
		}
	}

	private String request(Observation.Context request, RequestRecord record) {
		ConnectionTarget target = record.target();
		String host = (target != null) ? " of " + shown(target.host()) + ":" + target.port() : "";
		return value(request, "method") + " " + path(value(request, "uri")) + host;
	}

	private String shown(String host) {
		return (this.hideAddresses && HostName.isAddress(host)) ? "_IP" : host;
	}

	private static String path(@Nullable String uri) {
		String path = String.valueOf(uri);
		int query = path.indexOf('?');
		return (query >= 0) ? path.substring(0, query) : path;
	}

	private static @Nullable String value(Observation.Context request, String key) {
		KeyValue keyValue = request.getLowCardinalityKeyValue(key);
		return (keyValue != null) ? keyValue.getValue() : null;
	}

	private static String phases(RequestRecord record) {
		StringJoiner phases = new StringJoiner(", ");
		for (Phase phase : Phase.ALL) {
			if (record.nanos(phase) > 0) {
				phases.add(phase + " " + millis(record.nanos(phase)));
			}
		}
		return phases.toString();
	}

	private static String millis(long nanos) {
		return String.format(Locale.ROOT, "%.1f ms", nanos / MILLIS);
	}

	private static String connection(ConnectionInfo connection) {
		return "connection " + connection.id() + (connection.reused() ? " reused" : " new");
	}

}
