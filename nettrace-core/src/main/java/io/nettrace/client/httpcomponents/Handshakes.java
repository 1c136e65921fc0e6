package io.nettrace.client.httpcomponents;

import java.security.cert.Certificate;
import java.util.List;

import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;

import io.nettrace.TlsInfo;
import org.jspecify.annotations.Nullable;

/**
 * What a TLS session tells of its handshake.
 */
final class Handshakes {

	private Handshakes() {
	}

	/**
	 * Describe a handshake that has succeeded. A TLS strategy of the application's own
	 * may have a session that tells nothing.
	 * @param serverName whom it was with
	 * @param startedAt when it began, in milliseconds since the epoch
	 * @param session what was agreed on. One that goes on with an earlier session has
	 * that one's time of creation
	 * @param negotiatedProtocol what ALPN has chosen, {@code null} or empty if nothing
	 */
	static TlsInfo succeeded(String serverName, long startedAt, @Nullable SSLSession session,
			@Nullable String negotiatedProtocol) {
		return (session != null) ? new TlsInfo(serverName, session.getProtocol(), session.getCipherSuite(),
				(negotiatedProtocol != null) ? negotiatedProtocol : "", session.getCreationTime() < startedAt,
				peerCertificates(session), null) : TlsInfo.starting(serverName);
	}

	private static List<Certificate> peerCertificates(SSLSession session) {
		try {
			return List.of(session.getPeerCertificates());
		}
		catch (SSLPeerUnverifiedException ex) {
			return List.of();
		}
	}

}
