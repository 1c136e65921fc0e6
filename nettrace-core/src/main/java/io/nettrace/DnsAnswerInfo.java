package io.nettrace;

import java.time.Duration;
import java.util.List;
import java.util.Objects;

import org.jspecify.annotations.Nullable;

/**
 * Where the answer of a lookup came from, that there is none included. It is only told
 * where it is known for certain.
 *
 * @param source who has answered
 * @param queries the queries that the lookup has sent, in their order; empty unless the
 * source is {@link Source#NAME_SERVER}
 * @param age how long ago the answer was got, {@code null} unless it came from a cache
 * that tells
 */
public record DnsAnswerInfo(Source source, List<DnsQueryInfo> queries, @Nullable Duration age) {

	public DnsAnswerInfo {
		Objects.requireNonNull(source, "'source' must not be null");
		queries = List.copyOf(queries);
	}

	/**
	 * Return the answer of name servers.
	 * @param queries what was sent to them
	 * @return the answer
	 */
	public static DnsAnswerInfo ofQueries(List<DnsQueryInfo> queries) {
		return new DnsAnswerInfo(Source.NAME_SERVER, queries, null);
	}

	/**
	 * Return an answer whose queries, if there were any, cannot be seen.
	 * @param source who has answered
	 * @param age how old the answer is, or {@code null}
	 * @return the answer
	 */
	public static DnsAnswerInfo of(Source source, @Nullable Duration age) {
		return new DnsAnswerInfo(source, List.of(), age);
	}

	/**
	 * Return how many of the queries went wrong.
	 * @return the number of those that a server did not answer, or with an error
	 */
	public int failedQueries() {
		int failed = 0;
		for (DnsQueryInfo query : this.queries) {
			if (query.outcome().isFailure()) {
				failed++;
			}
		}
		return failed;
	}

	/**
	 * Who has answered.
	 */
	public enum Source {

		/**
		 * Name servers: the queries are known.
		 */
		NAME_SERVER,

		/**
		 * The client library's resolver without a query: its cache or the hosts file.
		 */
		LOCAL,

		/**
		 * The system's resolver. What it asks, if anything, cannot be seen.
		 */
		SYSTEM,

		/**
		 * The JVM's cache, without asking the system.
		 */
		JVM_CACHE

	}

}
