package io.nettrace.observation;

import io.nettrace.observation.NetTraceObservationDocumentation.StepKeyName;
import io.nettrace.observation.NetTraceObservationDocumentation.ValueType;

/**
 * Keys of a proxy step on meters and spans.
 */
public enum ProxyConnectLowCardinalityKeyNames implements StepKeyName {

	/**
	 * The client library, as for a lookup.
	 */
	CLIENT("nettrace.client", ValueType.TEXT),

	/**
	 * The host that the proxy is asked to connect to; on meters one of a bounded set or
	 * {@code _OTHER}.
	 */
	SERVER_ADDRESS("server.address", ValueType.HOST),

	/**
	 * {@code http}, {@code socks4} or {@code socks5}.
	 */
	PROXY_PROTOCOL("nettrace.proxy.protocol", ValueType.TEXT),

	/**
	 * Why the proxy did not connect: {@code timed_out}, {@code connection_closed},
	 * {@code cancelled}, {@code proxy_tunnel_error} if it has answered that it does not,
	 * or the class of the exception; {@code none} if it did.
	 */
	ERROR_TYPE("error.type", ValueType.TEXT);

	private final String key;

	private final ValueType valueType;

	ProxyConnectLowCardinalityKeyNames(String key, ValueType valueType) {
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
