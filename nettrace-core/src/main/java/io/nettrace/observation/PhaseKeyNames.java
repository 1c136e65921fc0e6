package io.nettrace.observation;

import io.nettrace.observation.NetTraceObservationDocumentation.StepKeyName;
import io.nettrace.observation.NetTraceObservationDocumentation.ValueType;

/**
 * Keys of the time that requests spend in each phase.
 */
public enum PhaseKeyNames implements StepKeyName {

	/**
	 * The client library, as for a lookup.
	 */
	CLIENT("nettrace.client", ValueType.TEXT),

	/**
	 * The host that the request is for; one of a bounded set or {@code _OTHER}.
	 */
	SERVER_ADDRESS("server.address", ValueType.HOST),

	/**
	 * {@code queue}, {@code dns}, {@code connect}, {@code proxy}, {@code tls},
	 * {@code send}, {@code wait} or {@code receive}.
	 */
	PHASE_NAME("nettrace.phase.name", ValueType.TEXT);

	private final String key;

	private final ValueType valueType;

	PhaseKeyNames(String key, ValueType valueType) {
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
