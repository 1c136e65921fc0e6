package io.nettrace.observation;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

import io.nettrace.DnsAnswerInfo;
import io.nettrace.DnsQueryInfo;
import io.nettrace.instrument.IpText;
import org.jspecify.annotations.Nullable;

/**
 * Where the answers of lookups come from, and their queries, as spans and meters have
 * them.
 */
public final class DnsQueries {

	private static final int DNS_PORT = 53;

	private static final Map<DnsQueryInfo.Outcome, String> OUTCOMES = new EnumMap<>(DnsQueryInfo.Outcome.class);

	static {
		for (DnsQueryInfo.Outcome outcome : DnsQueryInfo.Outcome.values()) {
			OUTCOMES.put(outcome, outcome.name().toLowerCase(Locale.ROOT));
		}
	}

	/**
	 * Most queries go to the same server as the one before.
	 */
	private static volatile Server lastServer = new Server(InetSocketAddress.createUnresolved("", 0), "");

	private DnsQueries() {
	}

	private record Server(InetSocketAddress address, String text) {
	}

	/**
	 * Return where an answer came from.
	 * @param source the source
	 * @return the source in lower case
	 */
	public static String source(DnsAnswerInfo.Source source) {
		return source.name().toLowerCase(Locale.ROOT);
	}

	/**
	 * Return how a query ended.
	 * @param query the query
	 * @return the outcome in lower case
	 */
	public static String outcome(DnsQueryInfo query) {
		return Objects.requireNonNull(OUTCOMES.get(query.outcome()));
	}

	/**
	 * Return the server of a query.
	 * @param query the query
	 * @return the IP address, with the port unless that is 53
	 */
	public static String server(DnsQueryInfo query) {
		Server last = lastServer;
		if (!last.address().equals(query.server())) {
			last = new Server(query.server(), text(query.server()));
			lastServer = last;
		}
		return last.text();
	}

	private static String text(InetSocketAddress server) {
		InetAddress address = server.getAddress();
		String text = (address != null) ? IpText.of(address) : server.getHostString();
		if (server.getPort() == DNS_PORT) {
			return text;
		}
		return ((text.indexOf(':') >= 0) ? "[" + text + "]" : text) + ":" + server.getPort();
	}

	/**
	 * Return the response code of a query.
	 * @param query the query
	 * @return the code, {@value NetTraceObservationDocumentation#NONE} if there was no
	 * response
	 */
	public static String responseCode(DnsQueryInfo query) {
		String code = query.responseCode();
		return (code != null) ? code : NetTraceObservationDocumentation.NONE;
	}

	/**
	 * Return how a query went.
	 * @param query the query
	 * @return {@code udp} or {@code tcp}
	 */
	public static String transport(DnsQueryInfo query) {
		return query.tcp() ? "tcp" : "udp";
	}

	/**
	 * Say where an answer came from.
	 * @param answer the answer
	 * @return a few words, {@code null} if there is nothing to say
	 */
	public static @Nullable String words(DnsAnswerInfo answer) {
		Duration age = answer.age();
		return switch (answer.source()) {
			case JVM_CACHE -> "answer of the JVM's cache"
					+ ((age != null) ? ", " + RequestSummary.millis(age.toNanos()) + " old" : "");
			case NAME_SERVER -> words(answer.queries().size(), answer.failedQueries());
			default -> null;
		};
	}

	private static String words(int queries, int failed) {
		if (queries == 1) {
			return (failed == 0) ? "1 DNS query" : "1 DNS query, which failed";
		}
		return queries + " DNS queries, " + ((failed == 0) ? "none" : failed + " of them") + " failed";
	}

}
