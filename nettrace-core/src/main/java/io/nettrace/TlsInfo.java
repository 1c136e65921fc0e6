package io.nettrace;

import java.security.cert.Certificate;
import java.util.List;
import java.util.Objects;

import org.jspecify.annotations.Nullable;

/**
 * A TLS handshake: of Go's {@code tls.ConnectionState} what every library can tell. What
 * is agreed on is {@code null} or empty until the handshake has succeeded.
 *
 * @param serverName the name that is asked for (SNI, RFC 6066), or the host that the
 * handshake is with
 * @param version as the JDK names it, {@code TLSv1.3}
 * @param cipherSuite as the JDK names it, {@code TLS_AES_128_GCM_SHA256}
 * @param negotiatedProtocol what ALPN (RFC 7301) has chosen, {@code h2} for one; empty if
 * nothing
 * @param resumed whether the session of an earlier connection goes on
 * @param peerCertificates the server's certificates, its own first
 * @param error why the handshake failed, or {@code null}
 */
public record TlsInfo(String serverName, @Nullable String version, @Nullable String cipherSuite,
		String negotiatedProtocol, boolean resumed, List<Certificate> peerCertificates, @Nullable Throwable error) {

	public TlsInfo {
		Objects.requireNonNull(serverName, "'serverName' must not be null");
		Objects.requireNonNull(negotiatedProtocol, "'negotiatedProtocol' must not be null");
		peerCertificates = List.copyOf(peerCertificates);
	}

	/**
	 * Return a handshake that begins.
	 * @param serverName whom it is with
	 * @return the handshake, of which nothing else is known
	 */
	public static TlsInfo starting(String serverName) {
		return failed(serverName, null);
	}

	/**
	 * Return a handshake that has failed.
	 * @param serverName whom it was with
	 * @param error why it failed
	 * @return the handshake, without anything agreed on
	 */
	public static TlsInfo failed(String serverName, @Nullable Throwable error) {
		return new TlsInfo(serverName, null, null, "", false, List.of(), error);
	}

}
