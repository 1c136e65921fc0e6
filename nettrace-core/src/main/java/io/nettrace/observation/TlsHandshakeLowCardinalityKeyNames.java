package io.nettrace.observation;

import io.nettrace.observation.NetTraceObservationDocumentation.StepKeyName;
import io.nettrace.observation.NetTraceObservationDocumentation.ValueType;

/**
 * Keys of a TLS handshake on meters and spans.
 */
public enum TlsHandshakeLowCardinalityKeyNames implements StepKeyName {

	/**
	 * The client library, as for a lookup.
	 */
	CLIENT("nettrace.client", ValueType.TEXT),

	/**
	 * The name that is asked for (SNI), or the host that the handshake is with, which is
	 * the proxy if that is an HTTPS proxy; on meters one of a bounded set or
	 * {@code _OTHER}.
	 */
	SERVER_ADDRESS("server.address", ValueType.HOST),

	/**
	 * The version that was agreed on, {@code 1.3} for one; {@code none} if the handshake
	 * failed.
	 */
	PROTOCOL_VERSION("tls.protocol.version", ValueType.TEXT),

	/**
	 * {@code true} if the session of an earlier connection goes on, else {@code false};
	 * {@code none} if the handshake failed.
	 */
	RESUMED("tls.resumed", ValueType.BOOLEAN),

	/**
	 * Why the handshake failed: {@code certificate_expired},
	 * {@code certificate_untrusted}, {@code certificate_hostname_mismatch},
	 * {@code not_tls}, an alert's name, {@code timed_out} or the class of the exception;
	 * {@code none} on success.
	 */
	ERROR_TYPE("error.type", ValueType.TEXT);

	private final String key;

	private final ValueType valueType;

	TlsHandshakeLowCardinalityKeyNames(String key, ValueType valueType) {
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
