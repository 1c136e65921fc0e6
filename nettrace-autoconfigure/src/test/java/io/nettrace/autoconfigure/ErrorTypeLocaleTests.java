package io.nettrace.autoconfigure;

import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * {@code error.type} does not depend on the language of the machine: the operating system
 * refuses connects and lookups in each, in a JVM of its own. With
 * {@code NETTRACE_LOCALES_REQUIRED=true} a language that is not installed is a failure.
 */
class ErrorTypeLocaleTests {

	private static final boolean REQUIRED = Boolean.parseBoolean(System.getenv("NETTRACE_LOCALES_REQUIRED"));

	@ParameterizedTest(name = "{0}")
	@CsvSource(delimiter = '|',
			textBlock = """
					C.UTF-8     | Connection refused       | Connection timed out            | Temporary failure in name resolution
					fr_FR.UTF-8 | Connexion refusée        | Connexion terminée par expiration du délai d'attente | Échec temporaire dans la résolution du nom
					de_DE.UTF-8 | Verbindungsaufbau abgelehnt | Die Wartezeit für die Verbindung ist abgelaufen | Temporärer Fehler bei der Namensauflösung
					ja_JP.UTF-8 | 接続を拒否されました     | 接続がタイムアウトしました      | 名前解決に一時的に失敗しました
					""")
	void isTheSameInEveryLanguage(String locale, String refused, String timedOut, String tryAgain)
			throws IOException, InterruptedException {
		assumeTrue(!System.getProperty("os.name").startsWith("Windows"), "a POSIX shell");
		List<String> lines = run(locale, "timed_out", timedOut, "try_again", tryAgain);
		boolean speaks = lines.stream().anyMatch((line) -> line.endsWith(refused));
		assertThat(speaks || !REQUIRED).as("locale %s is installed: %s", locale, lines).isTrue();
		assumeTrue(speaks, "locale " + locale + " is not installed");
		assertThat(lines).hasSizeGreaterThanOrEqualTo(10).allSatisfy((line) -> {
			String[] words = line.split(" ", 3);
			assertThat(words[1]).as(line).isEqualTo(words[0]);
		});
	}

	private static List<String> run(String locale, String... args) throws IOException, InterruptedException {
		String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
		List<String> command = new ArrayList<>(
				List.of("sh", "-c", "ulimit -n 400; exec \"$@\"", "sh", java, "-Xshare:auto", "-XX:TieredStopAtLevel=1",
						"-cp", System.getProperty("java.class.path"), RealFaults.class.getName()));
		for (String arg : args) {
			command.add(URLEncoder.encode(arg, StandardCharsets.UTF_8)); // in whatever
																			// language
																			// this JVM is
		}
		ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
		builder.environment().keySet().removeIf((name) -> name.startsWith("LC_") || name.equals("LANGUAGE"));
		builder.environment().put("LC_ALL", locale);
		Process process = builder.start();
		try {
			String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
			assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
			return output.lines().toList();
		}
		finally {
			process.destroyForcibly();
		}
	}

}
