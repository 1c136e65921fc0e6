package io.nettrace.observation.jfr;

import io.nettrace.TlsInfo;
import io.nettrace.observation.StepContext;
import io.nettrace.observation.TlsHandshakeContext;
import jdk.jfr.Label;
import jdk.jfr.Name;
import org.jspecify.annotations.Nullable;

/**
 * A TLS handshake.
 */
@Name("nettrace.TlsHandshake")
@Label("TLS Handshake")
final class TlsHandshakeEvent extends StepEvent {

	@Label("Protocol Version")
	@Nullable String protocolVersion;

	@Label("Cipher Suite")
	@Nullable String cipherSuite;

	@Label("Next Protocol")
	@Nullable String nextProtocol;

	@Label("Resumed")
	boolean resumed;

	@Override
	void write(StepContext step, boolean hideAddresses) {
		TlsInfo handshake = ((TlsHandshakeContext) step).getHandshake();
		this.protocolVersion = handshake.version();
		this.cipherSuite = handshake.cipherSuite();
		this.nextProtocol = handshake.negotiatedProtocol();
		this.resumed = handshake.resumed();
	}

}
