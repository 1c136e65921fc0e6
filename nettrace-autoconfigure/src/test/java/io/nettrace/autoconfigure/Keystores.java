package io.nettrace.autoconfigure;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;

import io.nettrace.test.TestAuthority;

/**
 * The SSL bundles of an application and of the server that it trusts.
 */
final class Keystores {

	private Keystores() {
	}

	/**
	 * Return the properties of the bundles {@code server} and {@code trusting}.
	 * @param directory where their keystores are put
	 * @param host the name in the server's certificate
	 */
	static String[] properties(Path directory, String host) throws IOException, GeneralSecurityException {
		TestAuthority authority = TestAuthority.create("Authority");
		Path server = write(authority.server(host).keys(), directory.resolve("server.p12"));
		Path trusted = write(authority.trusted(), directory.resolve("trusted.p12"));
		return new String[] { "spring.ssl.bundle.jks.server.keystore.location=file:" + server,
				"spring.ssl.bundle.jks.server.keystore.password=" + TestAuthority.PASSWORD,
				"spring.ssl.bundle.jks.trusting.truststore.location=file:" + trusted,
				"spring.ssl.bundle.jks.trusting.truststore.password=" + TestAuthority.PASSWORD };
	}

	private static Path write(KeyStore keystore, Path file) throws IOException, GeneralSecurityException {
		try (OutputStream out = Files.newOutputStream(file)) {
			keystore.store(out, TestAuthority.PASSWORD.toCharArray());
		}
		return file;
	}

}
