package io.nettrace.contract.httptrace;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Each client does what the recordings of Go show.
 * {@code -Dnettrace.httptrace.dir=FOLDER} runs the scenarios of another folder.
 * {@code target/go-httptrace.txt} has what is declared, what is skipped and why, and what
 * has failed.
 */
class GoHttptraceTests {

	private static final Path REPORT = Path.of("target", "go-httptrace.txt");

	private static final int SIDE_BY_SIDE = 6;

	private static final int TRIES = 3;

	/**
	 * The level that each client reaches, on a busy machine, too: how many scenarios of
	 * the default folder pass, how many of those with HTTP/2, and of a hundred that are
	 * not skipped.
	 */
	private static final Map<Library, Bar> BARS = Map.of(Library.CLASSIC, new Bar(76, 0, 85), Library.ASYNC,
			new Bar(74, 0, 85), Library.REACTOR_NETTY, new Bar(80, 12, 94), Library.JETTY, new Bar(84, 12, 85),
			Library.OK_HTTP, new Bar(84, 12, 90));

	private final ScenarioFolder folder = ScenarioFolder.chosen();

	private record Bar(int passed, int http2, int percent) {

	}

	@BeforeAll
	static void begin() throws IOException {
		Files.deleteIfExists(REPORT);
	}

	@ParameterizedTest
	@EnumSource
	void doesAsGo(Library library) throws Exception {
		Collection<Outcome> outcomes = run(library);
		report(library, outcomes);
		long passed = outcomes.stream().filter(Outcome::isPassed).count();
		long run = outcomes.stream().filter((outcome) -> outcome.skipped() == null).count();
		Bar bar = BARS.getOrDefault(library, new Bar(0, 0, 0));
		assertThat(passed * 100).as("%s: passed of a hundred, see %s", library, REPORT)
			.isGreaterThanOrEqualTo(run * bar.percent());
		assertThat(Difference.of(library)).as("%s: differences", library).hasSizeLessThanOrEqualTo(Difference.MOST);
		if (this.folder.isDefault()) {
			assertThat(passed).as("%s: passed, see %s", library, REPORT).isGreaterThanOrEqualTo(bar.passed());
			assertThat(outcomes.stream()
				.filter((outcome) -> outcome.isPassed() && outcome.scenario().client().http2())
				.count()).as("%s: passed with HTTP/2, see %s", library, REPORT).isGreaterThanOrEqualTo(bar.http2());
			if (bar.percent() >= 85) {
				assertThat(rulesNotShown(library, outcomes)).as("%s: rules that no request showed", library).isEmpty();
			}
		}
	}

	private Collection<Outcome> run(Library library) throws Exception {
		Map<String, Outcome> outcomes = new LinkedHashMap<>();
		ExecutorService executor = Executors.newFixedThreadPool(SIDE_BY_SIDE);
		try {
			List<Callable<Outcome>> runs = new ArrayList<>();
			this.folder.scenarios()
				.forEach((scenario) -> runs.add(() -> Outcome.of(scenario, library, this.folder.certificates())));
			for (Future<Outcome> each : executor.invokeAll(runs)) {
				outcomes.put(each.get().scenario().name(), each.get());
			}
		}
		finally {
			executor.shutdownNow();
		}
		outcomes.replaceAll((name, outcome) -> outcome.isFailed() ? alone(library, outcome) : outcome);
		return outcomes.values();
	}

	/**
	 * Run a failed scenario again, alone, as long as the machine stalls: its timing
	 * decides the order of events.
	 */
	private Outcome alone(Library library, Outcome failed) {
		Outcome outcome = failed;
		try (StallWatch watch = new StallWatch()) {
			for (int i = 0; i < TRIES && outcome.isFailed(); i++) {
				long before = watch.stalls();
				outcome = Outcome.of(failed.scenario(), library, this.folder.certificates());
				if (watch.stalls() == before) {
					break;
				}
			}
		}
		return outcome;
	}

	private static List<String> rulesNotShown(Library library, Collection<Outcome> outcomes) {
		TreeSet<String> rules = new TreeSet<>(Rules.ASKED);
		outcomes.forEach((outcome) -> rules.removeAll(outcome.rules()));
		Difference.rulesNotShown(library).forEach(rules::remove);
		return List.copyOf(rules);
	}

	private void report(Library library, Collection<Outcome> outcomes) throws IOException {
		List<Difference> declared = Difference.of(library);
		long skipped = outcomes.stream().filter((outcome) -> outcome.skipped() != null).count();
		String summary = "go-httptrace: " + library + " " + outcomes.stream().filter(Outcome::isPassed).count()
				+ " passed, " + declared.size() + " declared, " + skipped + " skipped";
		System.out.println(summary);
		StringBuilder text = new StringBuilder(summary).append("\n\nDeclared:\n");
		Set<Difference> used = new HashSet<>();
		outcomes.forEach((outcome) -> used.addAll(outcome.used()));
		declared.forEach((each) -> text.append("  ")
			.append(each)
			.append((each.aspects().isEmpty() || used.contains(each)) ? "\n" : " (not seen in this run)\n"));
		text.append("\nSkipped:\n");
		Map<String, List<String>> reasons = new TreeMap<>();
		outcomes.stream()
			.filter((outcome) -> outcome.skipped() != null)
			.forEach((outcome) -> reasons
				.computeIfAbsent(String.valueOf(outcome.skipped()), (reason) -> new ArrayList<>())
				.add(outcome.scenario().name()));
		reasons.forEach((reason,
				names) -> text.append("  ").append(reason).append(": ").append(String.join(", ", names)).append('\n'));
		text.append("\nRules that no request showed: ")
			.append(rulesNotShown(library, outcomes))
			.append("\n\nFailed:\n");
		outcomes.stream().filter(Outcome::isFailed).forEach((outcome) -> text.append(failure(outcome)));
		Files.writeString(REPORT, text.append('\n'), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
	}

	private static String failure(Outcome outcome) {
		StringBuilder text = new StringBuilder("  ").append(outcome.scenario().name())
			.append(' ')
			.append(new TreeSet<>(outcome.scenario().rules()))
			.append('\n');
		outcome.findings().forEach((finding) -> text.append("    ").append(finding).append('\n'));
		outcome.run().forEach((event) -> text.append("        ").append(event).append('\n'));
		return text.toString();
	}

}
