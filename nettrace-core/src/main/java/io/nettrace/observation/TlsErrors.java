package io.nettrace.observation;

import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertPathValidatorException.BasicReason;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.CertificateRevokedException;
import java.security.cert.PKIXReason;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;

import org.jspecify.annotations.Nullable;

/**
 * What goes wrong in a TLS handshake. The JDK says most of it by a cause far below the
 * handshake's exception, and the rest in words, which are English in every locale.
 */
final class TlsErrors {

	private static final String HOSTNAME_MISMATCH = "certificate_hostname_mismatch";

	private static final String CLOSED = "connection_closed";

	private static final String UNTRUSTED = "certificate_untrusted";

	private static final Map<CertPathValidatorException.Reason, String> REASONS = Map.of(BasicReason.EXPIRED,
			"certificate_expired", BasicReason.NOT_YET_VALID, "certificate_not_yet_valid", BasicReason.REVOKED,
			"certificate_revoked", BasicReason.INVALID_SIGNATURE, UNTRUSTED, PKIXReason.NO_TRUST_ANCHOR, UNTRUSTED);

	/**
	 * The names of RFC 8446, section 6.
	 */
	private static final Pattern ALERT = Pattern.compile("Received fatal alert: ([a-z_]{1,40})");

	private TlsErrors() {
	}

	/**
	 * Name the fault of a certificate. A path that cannot be built may have the better
	 * reason below it: the only authority that would do has expired.
	 * @param failure the failure of a handshake, or one of its causes
	 * @return the fault, or {@code null}
	 */
	static @Nullable String ofCertificate(Throwable failure) {
		if (failure instanceof CertificateExpiredException) {
			return "certificate_expired";
		}
		if (failure instanceof CertificateNotYetValidException) {
			return "certificate_not_yet_valid";
		}
		if (failure instanceof CertificateRevokedException) {
			return "certificate_revoked";
		}
		if (failure instanceof CertPathValidatorException path) {
			return REASONS.get(path.getReason());
		}
		if (failure instanceof SSLPeerUnverifiedException
				&& (says(failure, "Certificate for <") || says(failure, "Hostname "))) { // HttpComponents,
																							// OkHttp
			return HOSTNAME_MISMATCH;
		}
		if (failure.getClass() == CertificateException.class
				&& (says(failure, "No subject alternative ") || says(failure, "No name matching "))) {
			return HOSTNAME_MISMATCH;
		}
		return null;
	}

	/**
	 * Name what a failure says if no cause of it says more.
	 * @param failure the failure of a handshake, or one of its causes
	 * @return the fault, or {@code null}
	 */
	static @Nullable String likely(Throwable failure) {
		if (failure instanceof CertPathBuilderException) {
			return UNTRUSTED;
		}
		String message = String.valueOf(failure.getMessage());
		if (!(failure instanceof SSLException)) {
			return isEndBeforeHttp(failure, message) ? CLOSED : null;
		}
		if (message.equals("TLS handshake failed")) { // HttpComponents async, HTTP/1.1
			return CLOSED;
		}
		if (message.equals("Unsupported or unrecognized SSL message") || message.contains("plaintext connection?")) {
			return "not_tls";
		}
		if (message.equals("Abruptly closed by peer")) { // Jetty
			return "connection_closed";
		}
		Matcher alert = ALERT.matcher(message);
		return alert.find() ? alert.group(1) : null;
	}

	/**
	 * HttpComponents async hands the end of a connection on to what waits for the
	 * handshake to say whether HTTP/2 is spoken.
	 */
	private static boolean isEndBeforeHttp(Throwable failure, String message) {
		return message.equals("Unexpected input") && failure.getClass()
			.getName()
			.equals("org.apache.hc.core5.http2.impl.nio.ProtocolNegotiationException");
	}

	private static boolean says(Throwable failure, String beginning) {
		return failure.getMessage() != null && failure.getMessage().startsWith(beginning);
	}

}
