package io.nettrace.autoconfigure;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.BinaryOperator;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.OperationResponseBody;

/**
 * The last lookup and connects of one host.
 *
 * @param lookup the last lookup, {@code null} if there was none
 * @param connects the last connect attempts, the newest first
 */
record HostActivity(@Nullable Lookup lookup, List<Connect> connects) implements OperationResponseBody {

	/**
	 * Return a copy without the values that must not be shown.
	 * @param sanitizer maps the key and value of an attribute to what is shown
	 */
	HostActivity sanitize(BinaryOperator<String> sanitizer) {
		return new HostActivity((this.lookup != null) ? this.lookup.sanitize(sanitizer) : null,
				this.connects.stream().map((connect) -> connect.sanitize(sanitizer)).toList());
	}

	/**
	 * A lookup that has ended.
	 *
	 * @param start when it began
	 * @param duration how long its caller waited
	 * @param client the client library
	 * @param answers the addresses in the order in which they are tried
	 * @param coalesced whether it was shared with another caller
	 * @param error the kind of failure, {@code null} if there was none
	 * @param source where the answer came from, {@code null} if it is not known
	 * @param age how old a cached answer is, {@code null} if it is not known
	 * @param queries the queries that it has sent, {@code null} if they are not known
	 * @param hint what {@code /etc/resolv.conf} makes of the name, if the lookup was slow
	 * or has failed
	 */
	record Lookup(Instant start, Duration duration, String client, List<String> answers, boolean coalesced,
			@Nullable String error, @Nullable String source, @Nullable Duration age, @Nullable List<Query> queries,
			@Nullable String hint) {

		private Lookup sanitize(BinaryOperator<String> sanitizer) {
			return new Lookup(this.start, this.duration, this.client,
					this.answers.stream().map((answer) -> sanitizer.apply("dns.answers", answer)).toList(),
					this.coalesced, this.error, this.source, this.age, (this.queries != null)
							? this.queries.stream().map((query) -> query.sanitize(sanitizer)).toList() : null,
					this.hint);
		}

	}

	/**
	 * A query of a lookup.
	 *
	 * @param name the name asked for
	 * @param type the type of the records
	 * @param server the name server
	 * @param transport {@code udp} or {@code tcp}
	 * @param outcome how it ended
	 * @param responseCode the server's response code, {@code null} if there was none
	 * @param duration how long it took
	 */
	record Query(String name, String type, String server, String transport, String outcome,
			@Nullable String responseCode, Duration duration) {

		private Query sanitize(BinaryOperator<String> sanitizer) {
			return new Query(this.name, this.type, sanitizer.apply("nettrace.dns.server", this.server), this.transport,
					this.outcome, this.responseCode, this.duration);
		}

	}

	/**
	 * A connect attempt that has ended.
	 *
	 * @param start when it began
	 * @param duration how long it took
	 * @param client the client library that connected
	 * @param address the address and port, or the path of a Unix domain socket
	 * @param outcome {@code connected}, {@code failed} or {@code cancelled}
	 * @param error the kind of failure, {@code null} if there was none
	 */
	record Connect(Instant start, Duration duration, String client, String address, String outcome,
			@Nullable String error) {

		private Connect sanitize(BinaryOperator<String> sanitizer) {
			return new Connect(this.start, this.duration, this.client,
					sanitizer.apply("network.peer.address", this.address), this.outcome, this.error);
		}

	}

}
