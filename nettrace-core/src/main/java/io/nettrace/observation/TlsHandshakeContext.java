package io.nettrace.observation;

import java.util.Objects;

import io.nettrace.TlsInfo;

/**
 * What happened in one TLS handshake.
 */
public final class TlsHandshakeContext extends StepContext {

	private TlsInfo handshake;

	/**
	 * Create the context of a handshake.
	 * @param client the client library that connects
	 * @param host whom it is with
	 * @param handshake what is known of it
	 */
	public TlsHandshakeContext(String client, String host, TlsInfo handshake) {
		super(client, host);
		this.handshake = Objects.requireNonNull(handshake, "'handshake' must not be null");
	}

	/**
	 * Return what is known of the handshake.
	 * @return whom it is with and, once it has succeeded, what was agreed on
	 */
	public TlsInfo getHandshake() {
		return this.handshake;
	}

	/**
	 * Set what is known of the handshake.
	 * @param handshake what was agreed on; {@link #setError} says why it failed
	 */
	public void setHandshake(TlsInfo handshake) {
		this.handshake = Objects.requireNonNull(handshake, "'handshake' must not be null");
	}

	@Override
	public String getDescription() {
		return "TLS handshakes as the HTTP client sees them";
	}

}
