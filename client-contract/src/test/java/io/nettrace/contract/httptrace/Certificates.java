package io.nettrace.contract.httptrace;

import java.nio.file.Files;
import java.nio.file.Path;

import javax.net.ssl.SSLContext;
import javax.net.ssl.X509TrustManager;

import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.pem.PemSslStoreBundle;
import org.springframework.boot.ssl.pem.PemSslStoreDetails;

/**
 * The certificates of the folder.
 */
final class Certificates {

	private final Path folder;

	Certificates(Path scenarios) {
		this.folder = scenarios.resolve("certificates");
	}

	/**
	 * Make the TLS side of a server. Each has its own sessions: one that is made for each
	 * connection resumes none.
	 * @param certificate the name of its certificate
	 */
	SslBundle server(String certificate) {
		Path file = this.folder.resolve(certificate + ".pem");
		if (!Files.exists(file)) {
			throw new IllegalArgumentException("there is no certificate '" + certificate + "'");
		}
		return SslBundle.of(new PemSslStoreBundle(PemSslStoreDetails.forCertificate(location(file))
			.withPrivateKey(location(this.folder.resolve(certificate + "-key.pem"))), ca()));
	}

	/**
	 * Make the TLS side of a client, which trusts the CA only.
	 */
	SSLContext client() {
		return SslBundle.of(new PemSslStoreBundle(null, ca())).createSslContext();
	}

	/**
	 * Trusts the CA only.
	 */
	X509TrustManager trusting() {
		return (X509TrustManager) SslBundle.of(new PemSslStoreBundle(null, ca())).getManagers().getTrustManagers()[0];
	}

	private PemSslStoreDetails ca() {
		return PemSslStoreDetails.forCertificate(location(this.folder.resolve("ca.pem")));
	}

	private static String location(Path file) {
		return file.toUri().toString();
	}

}
