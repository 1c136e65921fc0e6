package io.nettrace.equality;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The keystores, and the hosts file of the JVM.
 */
final class TestFiles {

	private static final String HOSTS = """
			127.0.0.1 localhost
			127.0.0.1 one.test
			127.0.0.1 good.test
			127.0.0.1 wrong.test
			127.0.0.2 two.test
			127.0.0.3 refused-first.test
			127.0.0.1 refused-first.test
			""";

	private TestFiles() {
	}

	static void write(Path directory) throws IOException, InterruptedException {
		Files.writeString(directory.resolve("hosts"), HOSTS);
		List<Process> keytools = new ArrayList<>();
		keytools.add(keystore(directory, "good"));
		keytools.add(keystore(directory, "other"));
		keytools.add(keystore(directory, "expired", "-startdate", "-10d", "-validity", "5"));
		for (Process keytool : keytools) {
			String output = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
			assertThat(keytool.waitFor()).as(output).isZero();
		}
	}

	private static Process keystore(Path directory, String name, String... options) throws IOException {
		Path file = directory.resolve(name + ".p12");
		Files.deleteIfExists(file);
		List<String> command = new ArrayList<>(
				List.of(Path.of(System.getProperty("java.home"), "bin", "keytool").toString(), "-genkeypair", "-alias",
						"server", "-keyalg", "EC", "-dname", "CN=" + name, "-ext", "san=dns:localhost,dns:good.test",
						"-storetype", "PKCS12", "-keystore", file.toString(), "-storepass", "changeit"));
		command.addAll(List.of(options));
		return new ProcessBuilder(command).redirectErrorStream(true).start();
	}

}
