package io.nettrace.observation;

import io.nettrace.observation.NetTraceObservationDocumentation.StepKeyName;
import io.nettrace.observation.NetTraceObservationDocumentation.ValueType;

/**
 * Keys of the time in queue on meters, and of a wait on spans.
 */
public enum ConnectionWaitLowCardinalityKeyNames implements StepKeyName {

	/**
	 * The client library, as for a lookup.
	 */
	CLIENT("nettrace.client", ValueType.TEXT),

	/**
	 * The host that the request is for; on meters one of a bounded set or {@code _OTHER}.
	 */
	SERVER_ADDRESS("server.address", ValueType.HOST),

	/**
	 * {@code reused} if a pooled connection was there or came back, {@code new} if a
	 * connection could be set up; {@code timed_out}, {@code cancelled} or {@code failed}
	 * if the request got neither.
	 */
	OUTCOME("nettrace.queue.outcome", ValueType.TEXT),

	/**
	 * Why the request got nothing: {@code timed_out}, {@code cancelled} or the class of
	 * the exception; {@code none} for {@code reused} and {@code new}.
	 */
	ERROR_TYPE("error.type", ValueType.TEXT);

	private final String key;

	private final ValueType valueType;

	ConnectionWaitLowCardinalityKeyNames(String key, ValueType valueType) {
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
