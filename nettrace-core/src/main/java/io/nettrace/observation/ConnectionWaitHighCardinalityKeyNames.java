package io.nettrace.observation;

import io.nettrace.observation.NetTraceObservationDocumentation.StepKeyName;
import io.nettrace.observation.NetTraceObservationDocumentation.ValueType;

/**
 * Keys of a wait on spans only.
 */
public enum ConnectionWaitHighCardinalityKeyNames implements StepKeyName {

	/**
	 * What the request waited for: {@code host_limit} if the host has as many connections
	 * as one host may have, {@code pool_limit} if the pool has as many as it may have in
	 * all; {@code none} if the library does not tell.
	 */
	REASON("nettrace.queue.reason", ValueType.TEXT),

	/**
	 * The port of the host.
	 */
	SERVER_PORT("server.port", ValueType.NUMBER);

	private final String key;

	private final ValueType valueType;

	ConnectionWaitHighCardinalityKeyNames(String key, ValueType valueType) {
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
