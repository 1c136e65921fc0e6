package io.nettrace.client;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A server's key, and the certificate by which clients trust it.
 */
public final class Keystore {

	/**
	 * Of the keystore and its key.
	 */
	public static final char[] PASSWORD = "changeit".toCharArray();

	private Keystore() {
	}

	/**
	 * Make a key and a certificate of its own.
	 * @param directory where the file is put
	 * @param host the host that the certificate is for
	 * @return the keystore
	 */
	public static KeyStore create(Path directory, String host)
			throws IOException, InterruptedException, GeneralSecurityException {
		Path file = directory.resolve("server.p12");
		Process keytool = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
				"-genkeypair", "-alias", "server", "-keyalg", "EC", "-dname", "CN=" + host, "-ext", "san=dns:" + host,
				"-storetype", "PKCS12", "-keystore", file.toString(), "-storepass", new String(PASSWORD))
			.redirectErrorStream(true)
			.start();
		String output = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
		assertThat(keytool.waitFor()).as(output).isZero();
		return KeyStore.getInstance(file.toFile(), PASSWORD);
	}

}
