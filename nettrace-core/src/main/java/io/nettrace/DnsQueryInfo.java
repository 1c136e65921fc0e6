package io.nettrace;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;

import org.jspecify.annotations.Nullable;

/**
 * One query that a lookup has sent to a name server. A lookup sends several: for IPv4 and
 * IPv6, for each search domain, to the next server if one does not help, and for the name
 * that an alias stands for.
 *
 * @param name the name asked for, with the search domain and a final dot
 * @param type the type of the records asked for: {@code A} or {@code AAAA}
 * @param server the name server
 * @param tcp whether the query went over TCP in the end, because the answer over UDP was
 * truncated or, if the resolver is set to, did not come
 * @param alias the name that the server has said to be an alias (CNAME) of this one,
 * {@code null} if this one was not found by an alias
 * @param outcome how the query ended
 * @param responseCode the server's response code as the IANA registry writes it,
 * {@code NXDOMAIN} for one, {@code null} if there was no response
 * @param start when the query was sent
 * @param duration how long it took
 */
public record DnsQueryInfo(String name, String type, InetSocketAddress server, boolean tcp, @Nullable String alias,
		Outcome outcome, @Nullable String responseCode, Instant start, Duration duration) {

	public DnsQueryInfo {
		Objects.requireNonNull(name, "'name' must not be null");
		Objects.requireNonNull(type, "'type' must not be null");
		Objects.requireNonNull(server, "'server' must not be null");
		Objects.requireNonNull(outcome, "'outcome' must not be null");
		Objects.requireNonNull(start, "'start' must not be null");
		Objects.requireNonNull(duration, "'duration' must not be null");
	}

	/**
	 * How a query ends.
	 */
	public enum Outcome {

		/**
		 * With records, or with an alias.
		 */
		ANSWERED,

		/**
		 * The name has no records of this type.
		 */
		NO_DATA,

		/**
		 * The server refers to other servers.
		 */
		REFERRED,

		/**
		 * The name does not exist (NXDOMAIN).
		 */
		NOT_FOUND,

		/**
		 * With another response code, SERVFAIL for one.
		 */
		ERROR,

		/**
		 * The server did not answer in time.
		 */
		TIMED_OUT,

		/**
		 * The lookup had its answer before, or was given up.
		 */
		CANCELLED,

		/**
		 * The query could not be sent, or the answer not be read.
		 */
		FAILED;

		/**
		 * Whether a server did not do what it is there for. That a name does not exist is
		 * an answer.
		 * @return whether the query went wrong
		 */
		public boolean isFailure() {
			return this == ERROR || this == TIMED_OUT || this == FAILED;
		}

	}

}
