package io.nettrace.equality;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import io.nettrace.equality.Comparison.Difference;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Nothing changes: each scenario looks the same without nettrace, with it disabled, and
 * with it enabled. Without {@code -Dnettrace.tests=all} the scenarios that take long and
 * the process in which it is disabled are left out.
 */
class EqualityTests {

	private static final int LEAST_SCENARIOS = 40;

	// A difference may be chance, so the scenario runs again
	private static final int ROUNDS = 4;

	private static final int TIMES_WITHOUT = 8;

	private static final int TIMES = 2;

	private static final boolean ALL = "all".equals(System.getProperty("nettrace.tests"));

	private static final Path DIRECTORY = Path.of("target/equality").toAbsolutePath();

	@BeforeAll
	static void writeFiles() throws IOException, InterruptedException {
		Files.createDirectories(DIRECTORY);
		TestFiles.write(DIRECTORY);
	}

	@Test
	void nothingChanges() throws IOException, InterruptedException {
		Run first = Run.of(1, 1, "");
		assertThat(first.without.process()).containsExactly("present false", "lookups 0", "connects 0");
		if (first.disabled != null) {
			assertThat(first.disabled.process()).containsExactly("present true", "lookups 0", "connects 0");
		}
		assertThat(first.enabled.process()).contains("present true").doesNotContain("lookups 0", "connects 0");
		first.without.scenarios()
			.forEach((key, seen) -> assertThat(seen.toString()).as(key).doesNotContain("scenario failed"));
		if (ALL) {
			for (String client : first.without.clients()) {
				assertThat(first.without.scenariosOf(client)).as(client).isGreaterThanOrEqualTo(LEAST_SCENARIOS);
			}
		}
		Comparison comparison = new Comparison(AllowedDifference.ALL);
		List<Difference> differences = first.compare(comparison);
		List<String> again = new ArrayList<>();
		for (int i = 0; i < ROUNDS && !differences.isEmpty(); i++) {
			String keys = differences.stream().map(Difference::key).distinct().collect(Collectors.joining("\n"));
			again.add("played again:\n" + keys + "\n");
			Run run = Run.of(TIMES_WITHOUT, TIMES,
					keys.lines().map(Pattern::quote).collect(Collectors.joining("|", "^(?:", ")$")));
			run.without.add(first.without);
			differences = run.compare(comparison);
			first.without.add(run.without);
		}
		String summary = "equality: %d scenarios x %d clients, %d different".formatted(first.without.scenarioCount(),
				first.without.clients().size(), differences.size());
		System.out.println(summary + (ALL ? "" : " (more with -Dnettrace.tests=all)"));
		String details = differences.stream().map(Difference::toString).collect(Collectors.joining("\n"));
		Files.writeString(Path.of("target/equality.txt"),
				summary + "\n" + first.counts() + "\n" + String.join("\n", again) + "\n" + details);
		assertThat(differences).as("see target/equality.txt:%n%s", details).isEmpty();
		if (ALL) {
			assertThat(comparison.used()).as("allowed differences that were met")
				.containsExactlyInAnyOrderElementsOf(AllowedDifference.ALL);
		}
	}

	/**
	 * What the three processes have written.
	 */
	private record Run(Transcripts without, @Nullable Transcripts disabled, Transcripts enabled) {

		static Run of(int timesWithout, int times, String keys) throws IOException, InterruptedException {
			String extent = ALL ? "full" : "short";
			EqualityProcess.Running without = EqualityProcess.ABSENT.start(DIRECTORY, extent, timesWithout, keys);
			EqualityProcess.Running enabled = EqualityProcess.ENABLED.start(DIRECTORY, extent, times, keys);
			EqualityProcess.Running disabled = ALL ? EqualityProcess.DISABLED.start(DIRECTORY, extent, times, keys)
					: null;
			return new Run(without.await(), (disabled != null) ? disabled.await() : null, enabled.await());
		}

		/**
		 * Nothing is allowed to differ where nettrace is disabled.
		 */
		List<Difference> compare(Comparison comparison) {
			List<Difference> differences = new ArrayList<>();
			if (this.disabled != null) {
				differences.addAll(new Comparison(List.of()).compare("disabled", this.without, this.disabled));
			}
			differences.addAll(comparison.compare("enabled", this.without, this.enabled));
			return differences;
		}

		String counts() {
			return this.without.clients()
				.stream()
				.map((client) -> client + " " + this.without.scenariosOf(client) + "\n")
				.collect(Collectors.joining());
		}

	}

}
