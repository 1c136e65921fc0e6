package io.nettrace.benchmarks;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * Where and when something was measured.
 */
final class Surroundings {

	private static final Path CPU_INFO = Path.of("/proc/cpuinfo");

	private Surroundings() {
	}

	/**
	 * Return lines for the head of a table.
	 * @param command what makes the table again
	 */
	static List<String> describe(String command) {
		return List.of("- command: `" + command + "`",
				"- JVM: " + System.getProperty("java.vm.name") + " " + System.getProperty("java.vm.version"),
				"- CPU: " + Runtime.getRuntime().availableProcessors() + " x " + processor() + ", "
						+ System.getProperty("os.name") + " " + System.getProperty("os.version"),
				String.format(Locale.ROOT, "- date: %s, load at the end %.2f", LocalDate.now(ZoneOffset.UTC),
						ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage()),
				"");
	}

	private static String processor() {
		if (Files.isReadable(CPU_INFO)) {
			try (Stream<String> lines = Files.lines(CPU_INFO)) {
				return lines.filter((line) -> line.startsWith("model name"))
					.map((line) -> line.substring(line.indexOf(':') + 1).trim())
					.findFirst()
					.orElse(System.getProperty("os.arch"));
			}
			catch (IOException ex) {
				return System.getProperty("os.arch");
			}
		}
		return System.getProperty("os.arch");
	}

}
