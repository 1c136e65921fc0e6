package io.nettrace;

import java.security.cert.CertPathValidatorException;
import java.security.cert.Certificate;
import java.util.List;
import java.util.Objects;

import org.jspecify.annotations.Nullable;

/**
 * A TLS handshake: of Go's {@code tls.ConnectionState} what every library can tell. What
 * is agreed on is {@code null} or empty until the handshake has succeeded, but the
 * server's certificates, if the reason for the failure has them: if one of them has
 * expired, is not valid yet, or was revoked.
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

	private static final int MAX_CAUSES = 8;

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
	 * @return the handshake, without anything agreed on, but with the certificates if the
	 * error has them
	 */
	public static TlsInfo failed(String serverName, @Nullable Throwable error) {
		return new TlsInfo(serverName, null, null, "", false, certificates(error), error);
	}

	/**
	 * The JDK has none in the session of a handshake that fails, but has those that it
	 * has checked in its reason, without the one that it trusts.
	 */
	private static List<Certificate> certificates(@Nullable Throwable error) {
		Throwable cause = error;
		for (int i = 0; cause != null && i < MAX_CAUSES; i++, cause = cause.getCause()) {
			if (cause instanceof CertPathValidatorException path && path.getCertPath() != null) {
				return List.copyOf(path.getCertPath().getCertificates());
			}
		}
		return List.of();
	}

}
