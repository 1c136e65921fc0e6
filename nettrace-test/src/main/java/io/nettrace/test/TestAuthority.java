package io.nettrace.test;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.Duration;
import java.time.Instant;

import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;

/**
 * A certificate authority of a test, with the keys and certificates that it issues to
 * servers, good ones and bad ones. Everything is made in memory.
 */
public final class TestAuthority {

	/**
	 * Of the keystores, and of the keys in them.
	 */
	public static final String PASSWORD = "changeit";

	private final X509Bundle root;

	private TestAuthority(X509Bundle root) {
		this.root = root;
	}

	/**
	 * Make an authority that only its own clients trust.
	 * @param name the common name of its certificate
	 * @return the authority
	 */
	public static TestAuthority create(String name) {
		try {
			return new TestAuthority(
					new CertificateBuilder().subject("CN=" + name).setIsCertificateAuthority(true).buildSelfSigned());
		}
		catch (Exception ex) {
			throw new IllegalStateException("no certificate was made", ex);
		}
	}

	/**
	 * Return what clients trust: this authority and no other.
	 * @return a keystore with the authority's certificate
	 */
	public KeyStore trusted() {
		try {
			KeyStore store = empty();
			store.setCertificateEntry("authority", this.root.getCertificate());
			return store;
		}
		catch (GeneralSecurityException ex) {
			throw new IllegalStateException("no keystore was made", ex);
		}
	}

	/**
	 * Return the context of a client that trusts this authority and no other.
	 * @return the context
	 */
	public SSLContext client() {
		try {
			TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
			trust.init(trusted());
			SSLContext context = SSLContext.getInstance("TLS");
			context.init(null, trust.getTrustManagers(), null);
			return context;
		}
		catch (GeneralSecurityException ex) {
			throw new IllegalStateException("no context was made", ex);
		}
	}

	/**
	 * Return the key and certificate of a server, valid for a day.
	 * @param hosts the names that the certificate is for
	 * @return the server's identity
	 */
	public Server server(String... hosts) {
		return server(Duration.ofHours(-1), Duration.ofDays(1), hosts);
	}

	/**
	 * Return the key of a server and a certificate that ended an hour ago.
	 * @param host the name that the certificate is for
	 * @return the server's identity
	 */
	public Server expiredServer(String host) {
		return server(Duration.ofDays(-2), Duration.ofHours(-1), host);
	}

	/**
	 * Return the key of a server and a certificate that begins tomorrow.
	 * @param host the name that the certificate is for
	 * @return the server's identity
	 */
	public Server futureServer(String host) {
		return server(Duration.ofDays(1), Duration.ofDays(2), host);
	}

	private Server server(Duration begin, Duration end, String... hosts) {
		Instant now = Instant.now();
		try {
			CertificateBuilder certificate = new CertificateBuilder().subject("CN=" + hosts[0])
				.notBefore(now.plus(begin))
				.notAfter(now.plus(end));
			for (String host : hosts) {
				certificate.addSanDnsName(host);
			}
			return new Server(certificate.buildIssuedBy(this.root));
		}
		catch (Exception ex) {
			throw new IllegalStateException("no certificate was made", ex);
		}
	}

	private static KeyStore empty() throws GeneralSecurityException {
		KeyStore store = KeyStore.getInstance("PKCS12");
		try {
			store.load(null, null);
		}
		catch (IOException ex) {
			throw new GeneralSecurityException(ex);
		}
		return store;
	}

	/**
	 * What a server shows to its clients.
	 */
	public static final class Server {

		private final X509Bundle identity;

		private Server(X509Bundle identity) {
			this.identity = identity;
		}

		/**
		 * Return the server's key and its certificates, under the alias {@code server}.
		 * @return the keystore
		 */
		public KeyStore keys() {
			try {
				KeyStore store = empty();
				store.setKeyEntry("server", this.identity.getKeyPair().getPrivate(), PASSWORD.toCharArray(),
						this.identity.getCertificatePath());
				return store;
			}
			catch (GeneralSecurityException ex) {
				throw new IllegalStateException("no keystore was made", ex);
			}
		}

		/**
		 * Return the server's context, which asks clients for no certificate.
		 * @return the context
		 */
		public SSLContext context() {
			try {
				KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
				keys.init(keys(), PASSWORD.toCharArray());
				SSLContext context = SSLContext.getInstance("TLS");
				context.init(keys.getKeyManagers(), null, null);
				return context;
			}
			catch (GeneralSecurityException ex) {
				throw new IllegalStateException("no context was made", ex);
			}
		}

	}

}
