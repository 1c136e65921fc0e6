package io.nettrace.conformance;

import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

import io.nettrace.concurrent.VirtualTime;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * nettrace does what Go was recorded to do. {@code -Dnettrace.conformance.dir=FOLDER}
 * runs the scenarios of another folder.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class GoConformanceTests {

	private static final String FOLDER = "nettrace.conformance.dir";

	private static final int SEEDS = 10;

	private int passed;

	private final List<String> skipped = new ArrayList<>();

	@TestFactory
	Stream<DynamicTest> doesAsGo() throws Exception {
		List<Path> files;
		try (Stream<Path> all = Files.list(folder())) {
			files = all.filter((file) -> file.toString().endsWith(".json")).sorted().toList();
		}
		assertThat(files).as("scenarios").isNotEmpty();
		return files.stream().map((file) -> DynamicTest.dynamicTest(file.getFileName().toString(), () -> check(file)));
	}

	private static Path folder() throws URISyntaxException {
		String folder = System.getProperty(FOLDER);
		if (folder != null && !folder.isEmpty()) {
			return Path.of(folder);
		}
		URL copy = Objects.requireNonNull(GoConformanceTests.class.getResource("/go-conformance"));
		return Path.of(copy.toURI());
	}

	private void check(Path file) throws IOException {
		try {
			Scenario scenario = Scenario.read(file);
			for (ScenarioRun.Mode mode : ScenarioRun.Mode.values()) {
				check(scenario, mode, VirtualTime.inOrder(), "in order");
				for (int seed = 0; seed < SEEDS; seed++) {
					check(scenario, mode, VirtualTime.shuffled(seed), "seed " + seed);
				}
			}
			this.passed++;
		}
		catch (UnsupportedScenarioException ex) {
			this.skipped.add(file.getFileName() + ": " + ex.getMessage());
			Assumptions.abort(String.valueOf(ex.getMessage()));
		}
	}

	private static void check(Scenario scenario, ScenarioRun.Mode mode, VirtualTime time, String order) {
		List<Event.At> events = new ScenarioRun(scenario, mode, time).run();
		String differences = new Comparison(scenario, events).differences();
		assertThat(differences).as("%s, %s, %s", scenario.name(), mode, order).isNull();
	}

	@AfterAll
	void count() {
		System.out.println("go-conformance: " + this.passed + " passed, " + this.skipped.size() + " skipped");
		this.skipped.forEach((reason) -> System.out.println("  skipped " + reason));
	}

}
