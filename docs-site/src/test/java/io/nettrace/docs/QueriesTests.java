package io.nettrace.docs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import com.jayway.jsonpath.JsonPath;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Every query of the documentation, the dashboard and the alerts asks for meters and
 * labels that are in the tables of {@code docs/observations.md}. That the tables are true
 * is what the tests of the meters say.
 */
class QueriesTests {

	private static final Path ROOT = Path.of("..");

	private static final Pattern STEP = Pattern.compile("Timer and observation: `([a-z_.]+)`\\n\\n((?:\\|.*\\n)+)");

	private static final Pattern KEY_ON_METERS = Pattern.compile("\\| `([a-z_.]+)` \\| meters and spans \\|");

	private static final Pattern METER = Pattern
		.compile("\\| `([a-z_.]+)` \\| (timer|gauge: seconds|gauge)\\b.* \\| (.*) \\|");

	private static final Pattern COUNTER = Pattern
		.compile("The counter `([a-z_.]+)` has the tags ((?:[^.]|\\.\\S)*)\\.\\n");

	private static final Pattern CODE = Pattern.compile("`([a-z_.]+)`");

	private static final Pattern SELECTOR = Pattern
		.compile("\\b((?:dns|socket|tls|proxy|http|nettrace)[_:][\\w:]+)(?:\\{([^}]*)})?");

	private static final Pattern MATCHER = Pattern.compile("(\\w+) *(?:=~|!~|!=|=)");

	private static final Pattern GROUPING = Pattern
		.compile("\\b(by|on|ignoring|without|group_left|group_right) *\\(([^)]*)\\)");

	private static final Pattern VALUES = Pattern.compile("\\b(\\w+) *(?:=~|!~|!=|=) *\"([^\"]*)\"");

	/**
	 * Meters of Spring Boot.
	 */
	private static final Map<String, Set<String>> OTHERS = Map.of("http_client_requests_seconds",
			Set.of("client_name", "error", "exception", "method", "outcome", "status", "uri"));

	@Test
	void queriesAskForWhatIsDocumented() throws IOException {
		Map<String, Set<String>> known = documented();
		assertThat(known).hasSizeGreaterThan(30);
		recorded(known);
		Map<String, String> queries = queries();
		assertThat(queries).hasSizeGreaterThan(60);
		queries.forEach((query, where) -> check(query, where, known));
	}

	/**
	 * A value that is never there would select nothing, or never exclude anything.
	 */
	@Test
	void valuesOfLabelsAreDocumented() throws IOException {
		String observations = Files.readString(ROOT.resolve("docs/observations.md"));
		Set<String> ofOthers = OTHERS.values().stream().flatMap(Set::stream).collect(Collectors.toSet());
		Set<String> checked = new TreeSet<>();
		queries().forEach((query, where) -> VALUES.matcher(query)
			.results()
			.filter((value) -> !ofOthers.contains(value.group(1)) && !value.group(1).equals("le"))
			.flatMap((value) -> Stream.of(value.group(2).split("\\|", -1)))
			.filter((value) -> value.matches("\\w+"))
			.forEach((value) -> {
				checked.add(value);
				assertThat(observations).as(where + ": " + query).contains("`" + value + "`");
			}));
		assertThat(checked).hasSizeGreaterThan(20);
	}

	private static void check(String query, String where, Map<String, Set<String>> known) {
		String selectors = GROUPING.matcher(query).replaceAll("");
		Set<String> labels = new TreeSet<>(Set.of("job", "instance"));
		int found = 0;
		for (MatchResult selector : SELECTOR.matcher(withoutTexts(selectors)).results().toList()) {
			found++;
			Set<String> ofMeter = known.get(selector.group(1));
			assertThat(ofMeter).as(where + ": " + selector.group(1) + " in " + query).isNotNull();
			labels.addAll(ofMeter);
			String matchers = (selector.group(2) != null) ? selector.group(2) : "";
			Set<String> asked = new TreeSet<>();
			MATCHER.matcher(matchers).results().forEach((matcher) -> asked.add(matcher.group(1)));
			asked.removeAll(Set.of("job", "instance"));
			assertThat(ofMeter).as(where + ": " + selector.group() + " in " + query).containsAll(asked);
		}
		assertThat(found).as(where + ": " + query).isPositive();
		GROUPING.matcher(query)
			.results()
			.map((grouping) -> grouping.group(2))
			.filter((by) -> !by.isBlank())
			.forEach((by) -> assertThat(labels).as(where + ": " + query).contains(by.strip().split(" *, *", -1)));
	}

	/**
	 * Values of labels, and the labels that label_replace names, are no selectors.
	 */
	private static String withoutTexts(String query) {
		return query.replaceAll("\"[^\"]*\"", "\"\"");
	}

	/**
	 * What the recording rules make has the labels of what they are made of.
	 */
	private static void recorded(Map<String, Set<String>> known) throws IOException {
		List<Map<String, String>> rules = JsonPath.read(rules(), "$.groups[*].rules[?(@.record)]");
		assertThat(rules).isNotEmpty();
		for (Map<String, String> rule : rules) {
			Set<String> labels = new TreeSet<>(Set.of("server_address"));
			SELECTOR.matcher(withoutTexts(String.valueOf(rule.get("expr"))))
				.results()
				.filter((selector) -> known.containsKey(selector.group(1)))
				.forEach((selector) -> labels.addAll(known.getOrDefault(selector.group(1), Set.of())));
			known.put(String.valueOf(rule.get("record")), labels);
		}
	}

	/**
	 * All queries, each with the file that has it.
	 */
	private static Map<String, String> queries() throws IOException {
		Map<String, String> queries = new LinkedHashMap<>();
		try (Stream<Path> files = Files.list(ROOT.resolve("docs"))) {
			for (Path file : files.filter((path) -> path.toString().endsWith(".md")).sorted().toList()) {
				Pattern.compile("```promql\\n(.*?)```", Pattern.DOTALL)
					.matcher(Files.readString(file))
					.results()
					.forEach((block) -> queries.put(block.group(1), file.toString()));
			}
		}
		List<String> rules = JsonPath.read(rules(), "$.groups[*].rules[*].expr");
		rules.forEach((query) -> queries.put(query, "rules.yml"));
		List<String> panels = JsonPath.read(Files.readString(ROOT.resolve("docker/grafana/dashboards/nettrace.json")),
				"$.panels[*].targets[*].expr");
		panels.forEach((query) -> queries.put(query, "nettrace.json"));
		assertThat(List.copyOf(queries.values())).contains("rules.yml", "nettrace.json", "../docs/symptoms.md");
		return queries;
	}

	private static Object rules() throws IOException {
		return new Yaml(new SafeConstructor(new LoaderOptions()))
			.load(Files.readString(ROOT.resolve("docker/prometheus/rules.yml")));
	}

	/**
	 * Each series that Prometheus scrapes, with its labels.
	 */
	private static Map<String, Set<String>> documented() throws IOException {
		String observations = Files.readString(ROOT.resolve("docs/observations.md"));
		Map<String, Set<String>> series = new TreeMap<>();
		STEP.matcher(observations)
			.results()
			.forEach((step) -> timer(series, prometheus(step.group(1)) + "_seconds",
					labels(KEY_ON_METERS, step.group(2))));
		METER.matcher(observations).results().forEach((meter) -> {
			String name = prometheus(meter.group(1));
			Set<String> labels = labels(CODE, meter.group(3).replaceAll("\\(.*?\\)", ""));
			switch (meter.group(2)) {
				case "timer" -> timer(series, name + "_seconds", labels);
				case "gauge" -> series.put(name, labels);
				default -> series.put(name + "_seconds", labels);
			}
		});
		COUNTER.matcher(observations)
			.results()
			.forEach((counter) -> series.put(prometheus(counter.group(1)) + "_total", labels(CODE, counter.group(2))));
		OTHERS.forEach((name, labels) -> timer(series, name, labels));
		return series;
	}

	private static void timer(Map<String, Set<String>> series, String name, Set<String> labels) {
		for (String suffix : List.of("count", "sum", "max")) {
			series.put(name + "_" + suffix, labels);
		}
		List<String> ofBuckets = new ArrayList<>(labels);
		ofBuckets.add("le");
		series.put(name + "_bucket", Set.copyOf(ofBuckets));
	}

	private static Set<String> labels(Pattern pattern, String text) {
		return pattern.matcher(text).results().map((key) -> prometheus(key.group(1))).collect(Collectors.toSet());
	}

	private static String prometheus(String name) {
		return name.replace('.', '_');
	}

}
