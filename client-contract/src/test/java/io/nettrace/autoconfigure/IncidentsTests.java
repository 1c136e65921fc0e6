package io.nettrace.autoconfigure;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import io.nettrace.autoconfigure.Incident.Staged;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * The incidents as a table: each that is shown is staged by a test, and
 * {@code docs/incidents.md} has what the tests see.
 */
class IncidentsTests {

	private static final List<Class<? extends IncidentTest>> TESTS = List.of(PoolIncidentsTests.class,
			KeptConnectionIncidentsTests.class, NameIncidentsTests.class, TlsIncidentsTests.class,
			TimeoutIncidentsTests.class, GoAwayIncidentsTests.class, AddressIncidentsTests.class);

	@Test
	void areNumberedAndEachSaysWhatIsShown() {
		assertThat(Incident.all()).extracting(Incident::number)
			.isEqualTo(IntStream.rangeClosed(1, 67).boxed().toList());
		assertThat(Incident.all()).allSatisfy((incident) -> assertThat(incident.named() != null).as("%s", incident)
			.isEqualTo(incident.isShown())
			.isNotEqualTo(incident.shows().matches("not (possible|yet): .*")));
	}

	@Test
	void thoseThatAreShownAreStaged() {
		Set<Integer> staged = TESTS.stream()
			.flatMap((test) -> Stream.of(test.getDeclaredMethods()))
			.filter((method) -> method.isAnnotationPresent(Staged.class))
			.flatMapToInt((method) -> Arrays.stream(method.getAnnotation(Staged.class).value()))
			.boxed()
			.collect(Collectors.toSet());
		assertThat(staged)
			.isEqualTo(
					Incident.all().stream().filter(Incident::isShown).map(Incident::number).collect(Collectors.toSet()))
			.hasSizeGreaterThanOrEqualTo(45);
	}

	@Test
	void signalIsOnlyGivenByItsOwnSeries() {
		Scrape scrape = new Scrape(List.of(new Scrape.Series("a_count", List.of("x=\"1\"", "y=\"2\""), 3),
				new Scrape.Series("a_count", List.of("x=\"2\""), 0)));
		assertThat(SeriesSignal.parse("rate(a_count{}[5m]) / a_count{y=\"2\", x=\"1\"} > 0"))
			.allMatch((signal) -> signal.isGiven(List.of(), scrape));
		assertThat(SeriesSignal.parse("b_count{} + a_count{x=\"2\"} + a_count{x=\"1\", y=\"3\"}")).hasSize(3)
			.noneMatch((signal) -> signal.isGiven(List.of(), scrape));
		assertThatIllegalArgumentException().isThrownBy(() -> SeriesSignal.parse("a_count > 0"))
			.withMessageContaining("a_count > 0");
	}

	@Test
	void queriesArePromQl(@TempDir Path folder) throws Exception {
		StringBuilder rules = new StringBuilder("groups:\n- name: incidents\n  rules:\n");
		List<String> queries = Incident.all().stream().flatMap((incident) -> incident.queries().stream()).toList();
		queries.forEach((query) -> rules.append("  - record: a\n    expr: '").append(query).append("'\n"));
		Path file = Files.writeString(folder.resolve("rules.yml"), rules);
		Process check = new ProcessBuilder(PrometheusTests.program("promtool").toString(), "check", "rules",
				"--lint=none", file.toString())
			.redirectErrorStream(true)
			.start();
		String output = new String(check.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
		assertThat(check.waitFor()).as(output).isZero();
	}

	@Test
	void documentationHasThem() throws IOException {
		DocumentedBlock.check("incidents.md", "INCIDENTS", documentation());
	}

	private static String documentation() {
		long shown = Incident.all().stream().filter(Incident::isShown).count();
		StringBuilder text = new StringBuilder().append(shown).append(" of them are shown.\n");
		String group = "";
		for (Incident incident : Incident.all()) {
			if (!incident.group().equals(group)) {
				group = incident.group();
				text.append("\n## ").append(group).append("\n\n");
				text.append(
						"| | what was noticed | with | what is shown | attributes and queries | on that client |\n");
				text.append("| --- | --- | --- | --- | --- | --- |\n");
			}
			text.append("| ").append(String.join(" | ", cells(incident))).append(" |\n");
		}
		return text.append('\n').toString();
	}

	private static List<String> cells(Incident incident) {
		return List.of(String.valueOf(incident.number()), incident.what() + " (" + links(incident) + ")",
				incident.client(), incident.shows(), code(incident), Objects.requireNonNullElse(incident.named(), ""));
	}

	private static String links(Incident incident) {
		return incident.threads().stream().map(IncidentsTests::link).collect(Collectors.joining(", "));
	}

	/**
	 * GitHub leads from the issue to the pull request of that number.
	 */
	private static String link(String thread) {
		String[] repositoryAndNumber = thread.split("#", -1);
		return "[" + thread.substring(thread.indexOf('/') + 1) + "](https://github.com/" + repositoryAndNumber[0]
				+ "/issues/" + repositoryAndNumber[1] + ")";
	}

	private static String code(Incident incident) {
		return Stream.concat(incident.attributes().stream(), incident.queries().stream())
			.map((line) -> "`" + line + "`")
			.collect(Collectors.joining("<br>"));
	}

}
