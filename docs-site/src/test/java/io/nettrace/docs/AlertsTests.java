package io.nettrace.docs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

import com.jayway.jsonpath.JsonPath;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Each alert says how bad it is, on which host and what to do: its runbook is a section
 * of the documentation. promtool has a case in which it fires and one in which it does
 * not.
 */
class AlertsTests {

	private static final Path PROMETHEUS = Path.of("../docker/prometheus");

	private static final String HOST = "\\{\\{ \\$labels\\.(server_address|dns_question_name) }}";

	@Test
	void alertsHaveSeverityHostAndRunbook() throws IOException {
		DocsSite docs = new DocsSite(Path.of(".."));
		List<Map<String, Object>> alerts = JsonPath.read(yaml("rules.yml"), "$.groups[*].rules[?(@.alert)]");
		assertThat(alerts).hasSizeGreaterThanOrEqualTo(12);
		for (Map<String, Object> alert : alerts) {
			String name = JsonPath.read(alert, "$.alert");
			assertThat(JsonPath.<String>read(alert, "$.labels.severity")).as(name).isIn("warning", "critical");
			assertThat(JsonPath.<String>read(alert, "$.annotations.summary")).as(name).containsPattern(HOST);
			String runbook = JsonPath.read(alert, "$.annotations.runbook_url");
			assertThat(runbook).as(name).startsWith(Links.REPOSITORY + "docs/symptoms.md#");
			assertThat(docs.links().resolve("README.md", runbook)).as(name).startsWith("symptoms.html#");
		}
		assertThat(docs.links().broken()).isEmpty();
	}

	@Test
	void everyAlertHasACaseInWhichItFiresAndOneInWhichItDoesNot() throws IOException {
		Set<String> alerts = Set
			.copyOf(JsonPath.<List<String>>read(yaml("rules.yml"), "$.groups[*].rules[?(@.alert)].alert"));
		assertThat(tested((expected) -> !expected.isEmpty())).isEqualTo(alerts);
		// Where one host fires, the test's other hosts do not; promtool compares all
		assertThat(tested(List::isEmpty)).containsAll(alerts);
	}

	private static Set<String> tested(Predicate<List<?>> expectation) throws IOException {
		List<Map<String, Object>> cases = JsonPath.read(yaml("rules-tests.yml"), "$.tests[*].alert_rule_test[*]");
		return cases.stream()
			.filter((each) -> expectation.test(JsonPath.<List<?>>read(each, "$.exp_alerts")))
			.map((each) -> JsonPath.<String>read(each, "$.alertname"))
			.collect(Collectors.toSet());
	}

	private static Object yaml(String file) throws IOException {
		return new Yaml(new SafeConstructor(new LoaderOptions())).load(Files.readString(PROMETHEUS.resolve(file)));
	}

}
