package io.nettrace.observation.recent;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.BinaryOperator;
import java.util.function.UnaryOperator;

import org.jspecify.annotations.Nullable;

/**
 * A request that is over, and where its time went. It holds values only, all of them
 * bounded; never a query string, user info, header value or body. Its components are the
 * members of the JSON that the endpoint returns; those that are {@code null} are left out
 * there. Times are seconds.
 *
 * @param id tells the request from others of the application instance: the newest has the
 * highest number
 * @param time when it began
 * @param client as in {@link io.nettrace.RequestInfo#client()}, {@code null} if the
 * library has not asked for a connection
 * @param method the HTTP method, {@code null} if the observation does not say
 * @param uri the path of the URI template, {@code null} if the observation does not say
 * @param host the host as the last exchange had it, or the name that was looked up;
 * {@code null} if neither is known
 * @param port the host's port, {@code null} if there was no exchange
 * @param secure whether the last exchange was over TLS
 * @param status the status code, {@code null} without a response
 * @param error as in {@code error.type}, {@code null} if the request has not failed
 * @param duration how long it took, the reading of the response included
 * @param verdict the phase in which it failed, or else the one that took longest
 * @param words the verdict as a sentence
 * @param traceId the trace, {@code null} if it is not recorded
 * @param spanId the request's own span, {@code null} if it is not recorded
 * @param exchanges how many exchanges there were, 0 if the library does not tell
 * @param connection the connection of the last exchange that had one, or {@code null}
 * @param phases how long it was in each phase, all of them in their order; they add up to
 * the duration
 * @param steps what happened, in the order in which it began
 * @param moreSteps how many further steps are left out
 * @param failures what has failed, also if the library got over it
 */
public record RecentRequest(String id, Instant time, @Nullable String client, @Nullable String method,
		@Nullable String uri, @Nullable String host, @Nullable Integer port, boolean secure, @Nullable String status,
		@Nullable String error, double duration, String verdict, String words, @Nullable String traceId,
		@Nullable String spanId, int exchanges, @Nullable Connection connection, Map<String, Double> phases,
		List<Step> steps, int moreSteps, List<Failure> failures) {

	/**
	 * Return a copy without the values that must not be shown.
	 * @param host maps the host to what is shown
	 * @param value maps the key of an attribute, {@code dns.answers} or
	 * {@code network.peer.address}, and one of its values to what is shown
	 * @return the copy
	 */
	public RecentRequest sanitize(UnaryOperator<String> host, BinaryOperator<String> value) {
		return new RecentRequest(this.id, this.time, this.client, this.method, this.uri,
				(this.host != null) ? host.apply(this.host) : null, this.port, this.secure, this.status, this.error,
				this.duration, this.verdict, this.words, this.traceId, this.spanId, this.exchanges,
				(this.connection != null) ? this.connection.sanitize(value) : null, this.phases,
				this.steps.stream().map((step) -> step.sanitize(value)).toList(), this.moreSteps, this.failures);
	}

	RecentRequest with(String id, @Nullable Connection connection) {
		return new RecentRequest(id, this.time, this.client, this.method, this.uri, this.host, this.port, this.secure,
				this.status, this.error, this.duration, this.verdict, this.words, this.traceId, this.spanId,
				this.exchanges, connection, this.phases, this.steps, this.moreSteps, this.failures);
	}

	/**
	 * A connection, as the exchange has found it.
	 *
	 * @param id the number of the connection
	 * @param reused whether it carried a request, or was kept for one, before
	 * @param idle how long it was idle before, {@code null} if it was not
	 * @param age how long it was there
	 * @param requests how many requests it had carried, this one included
	 * @param peerAddress the address of the server or proxy, {@code null} if the library
	 * does not tell
	 * @param peerPort the port of that address, or {@code null}
	 * @param protocol {@code 1.1} or {@code 2}, {@code null} if it was not known
	 * @param tls the version of TLS, {@code null} without, or if the handshake was not
	 * watched
	 * @param openedBy the request that has opened a reused connection, {@code null} if it
	 * is not known
	 */
	public record Connection(String id, boolean reused, @Nullable Double idle, double age, int requests,
			@Nullable String peerAddress, @Nullable Integer peerPort, @Nullable String protocol, @Nullable String tls,
			@Nullable Opener openedBy) {

		private Connection sanitize(BinaryOperator<String> value) {
			return new Connection(this.id, this.reused, this.idle, this.age, this.requests,
					(this.peerAddress != null) ? value.apply(Step.PEER_ADDRESS, this.peerAddress) : null, this.peerPort,
					this.protocol, this.tls, this.openedBy);
		}

		Connection with(@Nullable Opener openedBy) {
			return new Connection(this.id, this.reused, this.idle, this.age, this.requests, this.peerAddress,
					this.peerPort, this.protocol, this.tls, openedBy);
		}

	}

	/**
	 * A request that has opened a connection.
	 *
	 * @param traceId its trace, {@code null} if it is not recorded
	 * @param spanId its span, {@code null} if it is not recorded
	 * @param requestId its {@link RecentRequest#id()}, {@code null} if the request is not
	 * among the last ones any more
	 */
	public record Opener(@Nullable String traceId, @Nullable String spanId, @Nullable String requestId) {

		Opener withoutRequest() {
			return new Opener(this.traceId, this.spanId, null);
		}

	}

	/**
	 * A step of the request: a wait for the pool, a lookup, an attempt, a proxy's
	 * connect, a handshake, or sending, waiting and receiving.
	 *
	 * @param phase the phase that it belongs to
	 * @param name what it is, {@code DNS lookup} for one
	 * @param start when it began, after the beginning of the request
	 * @param duration how long it took
	 * @param error as in {@code error.type}, {@code null} if it did not fail
	 * @param addresses the answers of a lookup in their order, or what an attempt or a
	 * proxy's connect was for, with the port; empty for other steps
	 * @param detail what else is known, or {@code null}
	 * @param exchange the number of the exchange, from 1; 0 if the library does not tell
	 */
	public record Step(String phase, String name, double start, double duration, @Nullable String error,
			List<String> addresses, @Nullable String detail, int exchange) {

		static final String ANSWERS = "dns.answers";

		static final String PEER_ADDRESS = "network.peer.address";

		private Step sanitize(BinaryOperator<String> value) {
			String key = this.phase.equals("dns") ? ANSWERS : PEER_ADDRESS;
			return new Step(this.phase, this.name, this.start, this.duration, this.error,
					this.addresses.stream().map((address) -> value.apply(key, address)).toList(), this.detail,
					this.exchange);
		}

	}

	/**
	 * What has failed.
	 *
	 * @param phase the phase in which it failed
	 * @param error as in {@code error.type}
	 * @param detail what became of the connection, or {@code null}
	 */
	public record Failure(String phase, String error, @Nullable String detail) {
	}

}
