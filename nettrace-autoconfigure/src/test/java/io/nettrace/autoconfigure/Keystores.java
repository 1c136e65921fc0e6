package io.nettrace.autoconfigure;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A server's key, and the SSL bundles of an application that has and trusts it.
 */
final class Keystores {

	private static final String PASSWORD = "changeit";

	private Keystores() {
	}

	static Path create(Path directory, String host) throws IOException, InterruptedException {
		Path keystore = directory.resolve("server.p12");
		Process keytool = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
				"-genkeypair", "-alias", "server", "-keyalg", "EC", "-dname", "CN=" + host, "-ext", "san=dns:" + host,
				"-storetype", "PKCS12", "-keystore", keystore.toString(), "-storepass", PASSWORD)
			.redirectErrorStream(true)
			.start();
		String output = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
		assertThat(keytool.waitFor()).as(output).isZero();
		return keystore;
	}

	/**
	 * The bundles {@code server} and {@code trusting}.
	 */
	static String[] properties(Path keystore) {
		return new String[] { "spring.ssl.bundle.jks.server.keystore.location=file:" + keystore,
				"spring.ssl.bundle.jks.server.keystore.password=" + PASSWORD,
				"spring.ssl.bundle.jks.trusting.truststore.location=file:" + keystore,
				"spring.ssl.bundle.jks.trusting.truststore.password=" + PASSWORD };
	}

}
