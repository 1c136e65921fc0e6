package io.nettrace.observation;

import io.nettrace.observation.NetTraceObservationDocumentation.StepKeyName;
import io.nettrace.observation.NetTraceObservationDocumentation.ValueType;

/**
 * Keys of a proxy step on spans only.
 */
public enum ProxyConnectHighCardinalityKeyNames implements StepKeyName {

	/**
	 * The IP address of the proxy.
	 */
	PEER_ADDRESS("network.peer.address", ValueType.ADDRESS),

	/**
	 * The port of the proxy.
	 */
	PEER_PORT("network.peer.port", ValueType.NUMBER),

	/**
	 * The port of the host.
	 */
	SERVER_PORT("server.port", ValueType.NUMBER);

	private final String key;

	private final ValueType valueType;

	ProxyConnectHighCardinalityKeyNames(String key, ValueType valueType) {
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
