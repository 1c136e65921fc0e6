package io.nettrace.observation;

import io.nettrace.observation.NetTraceObservationDocumentation.StepKeyName;
import io.nettrace.observation.NetTraceObservationDocumentation.ValueType;

/**
 * Attributes of the request's own span.
 */
public enum RequestRecordKeyNames implements StepKeyName {

	/**
	 * The IP address of the last exchange's connection: the server, or the proxy.
	 */
	PEER_ADDRESS("network.peer.address", ValueType.ADDRESS),

	/**
	 * The port of that address.
	 */
	PEER_PORT("network.peer.port", ValueType.NUMBER),

	/**
	 * {@code 1.1} or {@code 2}.
	 */
	PROTOCOL_VERSION("network.protocol.version", ValueType.TEXT),

	/**
	 * Tells the connection from others of the application.
	 */
	CONNECTION_ID("nettrace.connection.id", ValueType.NUMBER),

	/**
	 * Whether the connection was there before.
	 */
	CONNECTION_REUSED("nettrace.connection.reused", ValueType.BOOLEAN),

	/**
	 * Seconds that it was idle before the exchange.
	 */
	CONNECTION_IDLE("nettrace.connection.idle", ValueType.SECONDS),

	/**
	 * Seconds since it was opened.
	 */
	CONNECTION_AGE("nettrace.connection.age", ValueType.SECONDS),

	/**
	 * Requests that it has carried, this one included.
	 */
	CONNECTION_REQUESTS("nettrace.connection.requests", ValueType.NUMBER),

	/**
	 * Exchanges of the request: more than one with redirects and retries.
	 */
	EXCHANGES("nettrace.exchanges", ValueType.NUMBER),

	/**
	 * Seconds that the request waited for the pool.
	 */
	PHASE_QUEUE("nettrace.phase.queue", ValueType.SECONDS),

	/**
	 * Seconds of its lookups.
	 */
	PHASE_DNS("nettrace.phase.dns", ValueType.SECONDS),

	/**
	 * Seconds of its connect attempts.
	 */
	PHASE_CONNECT("nettrace.phase.connect", ValueType.SECONDS),

	/**
	 * Seconds in which a proxy connected.
	 */
	PHASE_PROXY("nettrace.phase.proxy", ValueType.SECONDS),

	/**
	 * Seconds of its handshakes.
	 */
	PHASE_TLS("nettrace.phase.tls", ValueType.SECONDS),

	/**
	 * Seconds in which it was written.
	 */
	PHASE_SEND("nettrace.phase.send", ValueType.SECONDS),

	/**
	 * Seconds until the first byte of the response.
	 */
	PHASE_WAIT("nettrace.phase.wait", ValueType.SECONDS),

	/**
	 * Seconds in which the response was read, as far as the request's observation
	 * reaches.
	 */
	PHASE_RECEIVE("nettrace.phase.receive", ValueType.SECONDS),

	/**
	 * Seconds in none of these phases.
	 */
	PHASE_OTHER("nettrace.phase.other", ValueType.SECONDS),

	/**
	 * The phase in which the request failed, or else the one that took longest.
	 */
	VERDICT("nettrace.verdict", ValueType.TEXT),

	/**
	 * What has failed, each with phase and {@code error.type}, also if the library got
	 * over it: {@code wait: connection_closed} for one.
	 */
	FAILURES("nettrace.failures", ValueType.TEXTS),

	/**
	 * What happened to a kept connection that the peer closed before the first byte of
	 * the response, and how long it was idle before; or that the server sent
	 * {@code GOAWAY}, with its error code.
	 */
	VERDICT_DETAIL("nettrace.verdict.detail", ValueType.TEXT);

	private final String key;

	private final ValueType valueType;

	RequestRecordKeyNames(String key, ValueType valueType) {
		this.key = key;
		this.valueType = valueType;
	}

	@Override
	public String asString() {
		return this.key;
	}

	@Override
	public ValueType getValueType() {
		return this.valueType;
	}

}
