package io.nettrace.observation;

import io.nettrace.observation.NetTraceObservationDocumentation.StepKeyName;
import io.nettrace.observation.NetTraceObservationDocumentation.ValueType;

/**
 * Keys of a TLS handshake on spans only.
 */
public enum TlsHandshakeHighCardinalityKeyNames implements StepKeyName {

	/**
	 * {@code tls}.
	 */
	PROTOCOL_NAME("tls.protocol.name", ValueType.TEXT),

	/**
	 * The cipher suite, {@code TLS_AES_128_GCM_SHA256} for one.
	 */
	CIPHER("tls.cipher", ValueType.TEXT),

	/**
	 * What ALPN has chosen: {@code h2} or {@code http/1.1}.
	 */
	NEXT_PROTOCOL("tls.next_protocol", ValueType.TEXT),

	/**
	 * Whose certificate the server has shown.
	 */
	SERVER_SUBJECT("tls.server.subject", ValueType.TEXT),

	/**
	 * Who has issued it.
	 */
	SERVER_ISSUER("tls.server.issuer", ValueType.TEXT),

	/**
	 * Until when it is valid.
	 */
	SERVER_NOT_AFTER("tls.server.not_after", ValueType.TIME);

	private final String key;

	private final ValueType valueType;

	TlsHandshakeHighCardinalityKeyNames(String key, ValueType valueType) {
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
