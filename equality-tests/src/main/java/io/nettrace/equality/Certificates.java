package io.nettrace.equality;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;

import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;

/**
 * SSL contexts from the test's keystores.
 */
final class Certificates {

	static final String PASSWORD = "changeit";

	private Certificates() {
	}

	/**
	 * Trusts the certificate of a keystore.
	 */
	static X509TrustManager trust(String directory, String name) {
		try {
			return (X509TrustManager) trust(load(directory, name))[0];
		}
		catch (IOException | GeneralSecurityException ex) {
			throw new IllegalStateException(ex);
		}
	}

	static KeyStore keys(String directory, String name) {
		try {
			return load(directory, name);
		}
		catch (IOException | GeneralSecurityException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private static TrustManager[] trust(KeyStore store) throws GeneralSecurityException {
		TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
		trust.init(store);
		return trust.getTrustManagers();
	}

	private static KeyStore load(String directory, String name) throws IOException, GeneralSecurityException {
		try (InputStream in = Files.newInputStream(Path.of(directory, name + ".p12"))) {
			KeyStore store = KeyStore.getInstance("PKCS12");
			store.load(in, PASSWORD.toCharArray());
			return store;
		}
	}

	/**
	 * A context that presents the certificate of a keystore, and trusts it.
	 */
	static SSLContext of(String directory, String name) {
		try {
			KeyStore store = load(directory, name);
			KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
			keys.init(store, PASSWORD.toCharArray());
			SSLContext context = SSLContext.getInstance("TLS");
			context.init(keys.getKeyManagers(), trust(store), null);
			return context;
		}
		catch (IOException | GeneralSecurityException ex) {
			throw new IllegalStateException(ex);
		}
	}

}
