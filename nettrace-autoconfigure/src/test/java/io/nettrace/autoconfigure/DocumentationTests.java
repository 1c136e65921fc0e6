package io.nettrace.autoconfigure;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import com.jayway.jsonpath.JsonPath;
import io.micrometer.common.docs.KeyName;
import io.micrometer.observation.ObservationConvention;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.nettrace.CloseReason;
import io.nettrace.observation.DefaultConnectionWaitObservationConvention;
import io.nettrace.observation.DefaultDnsLookupObservationConvention;
import io.nettrace.observation.DefaultProxyConnectObservationConvention;
import io.nettrace.observation.DefaultSocketConnectObservationConvention;
import io.nettrace.observation.DefaultTlsHandshakeObservationConvention;
import io.nettrace.observation.DnsQueryKeyNames;
import io.nettrace.observation.NetTraceObservationDocumentation;
import io.nettrace.observation.RequestRecordKeyNames;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The documentation says what the code does: its tables are made from the documentation
 * enum and the configuration metadata, its examples are those of
 * {@link ExtensionPointTests}, and its queries name meters and labels that exist.
 */
@Tag("one-jdk")
class DocumentationTests {

	private static final Path OBSERVATIONS = Path.of("../nettrace-core/src/main/java/io/nettrace/observation");

	private static final Path EXAMPLES = Path.of("src/test/java/io/nettrace/autoconfigure/ExtensionPointTests.java");

	/**
	 * Without it the phases have no buckets.
	 */
	static final String PHASES_HISTOGRAM = "management.metrics.distribution.percentiles-histogram.http.client.request.phase.duration=true";

	private static final Path METADATA = Path.of("target/classes/META-INF/spring-configuration-metadata.json");

	@Test
	void observationsAreThoseOfTheEnum() throws IOException {
		String source = source();
		for (NetTraceObservationDocumentation observation : NetTraceObservationDocumentation.values()) {
			DocumentedBlock.check("observations.md", observation.name(), table(observation, source));
		}
	}

	@Test
	void requestsRecordIsThatOfTheEnum() throws IOException {
		DocumentedBlock.check("observations.md", "REQUEST_RECORD", attributes(RequestRecordKeyNames.values()));
	}

	@Test
	void queriesOfLookupsAreThoseOfTheEnum() throws IOException {
		DocumentedBlock.check("observations.md", "DNS_QUERY", attributes(DnsQueryKeyNames.values()));
	}

	private static <K extends Enum<K> & KeyName> String attributes(K[] keys) throws IOException {
		StringBuilder table = new StringBuilder("| attribute | what it says |\n| --- | --- |\n");
		String source = source();
		String ofEnum = source.substring(source.indexOf("public enum " + keys[0].getDeclaringClass().getSimpleName()));
		for (K key : keys) {
			table.append("| `" + key.asString() + "` | " + comment(ofEnum, "\\s+" + key.name() + "\\(") + " |\n");
		}
		return table.toString();
	}

	/**
	 * The enum and the key names, which are in it or beside it.
	 */
	private static String source() throws IOException {
		StringBuilder source = new StringBuilder(
				Files.readString(OBSERVATIONS.resolve("NetTraceObservationDocumentation.java")));
		try (Stream<Path> files = Files.list(OBSERVATIONS)) {
			for (Path file : files.filter((path) -> path.toString().endsWith("KeyNames.java")).toList()) {
				source.append(Files.readString(file));
			}
		}
		return source.toString();
	}

	private static String table(NetTraceObservationDocumentation observation, String source) {
		ObservationConvention<?> convention = convention(observation);
		StringBuilder table = new StringBuilder();
		table.append(comment(source, "\\s+" + observation.name() + " \\{")).append("\n\n");
		table.append("Timer and observation: `").append(convention.getName()).append("`\n\n");
		table.append("| key | on | what it says |\n| --- | --- | --- |\n");
		rows(table, "meters and spans", observation.getLowCardinalityKeyNames(), source);
		rows(table, "spans", observation.getHighCardinalityKeyNames(), source);
		return table.toString();
	}

	private static ObservationConvention<?> convention(NetTraceObservationDocumentation observation) {
		return switch (observation) {
			case DNS_LOOKUP -> new DefaultDnsLookupObservationConvention();
			case CONNECTION_WAIT -> new DefaultConnectionWaitObservationConvention();
			case PROXY_CONNECT -> new DefaultProxyConnectObservationConvention();
			case TLS_HANDSHAKE -> new DefaultTlsHandshakeObservationConvention();
			case SOCKET_CONNECT -> new DefaultSocketConnectObservationConvention();
		};
	}

	private static void rows(StringBuilder table, String where, KeyName[] keys, String source) {
		for (KeyName key : keys) {
			String declaringEnum = ((Enum<?>) key).getDeclaringClass().getSimpleName();
			String ofEnum = source.substring(source.indexOf("public enum " + declaringEnum));
			table.append("| `" + key.asString() + "` | " + where + " | "
					+ comment(ofEnum, "\\s+" + ((Enum<?>) key).name() + "\\(") + " |\n");
		}
	}

	/**
	 * The Javadoc before a constant, as Markdown on one line.
	 */
	private static String comment(String source, String constant) {
		Matcher matcher = Pattern.compile("/\\*\\*((?:(?!\\*/).)*)\\*/" + constant, Pattern.DOTALL).matcher(source);
		assertThat(matcher.find()).as(constant).isTrue();
		return matcher.group(1)
			.replaceAll("\\s*\\n\\s*\\* ?", " ")
			.replaceAll("\\{@code ([^}]*)\\}", "`$1`")
			.replaceAll("\\s+", " ")
			.strip();
	}

	@Test
	void propertiesAreThoseOfTheMetadata() throws IOException {
		DocumentedBlock.check("properties.md", "PROPERTIES", propertiesTable());
	}

	private static String propertiesTable() throws IOException {
		String metadata = Files.readString(METADATA);
		List<Map<String, Object>> properties = JsonPath.read(metadata, "$.properties");
		StringBuilder table = new StringBuilder(
				"| property | type | default | what it does |\n| --- | --- | --- | --- |\n");
		Map<String, String> values = accepted(metadata);
		for (Map<String, Object> property : properties) {
			String name = text(property, "name");
			table.append("| `" + name + "` | " + values.getOrDefault(name, type(text(property, "type"))) + " | "
					+ defaultValue(property.get("defaultValue")) + " | " + sentence(text(property, "description"))
					+ " |\n");
		}
		return table.toString();
	}

	private static Map<String, String> accepted(String metadata) {
		Map<String, String> accepted = new HashMap<>();
		List<String> names = JsonPath.read(metadata, "$.hints[*].name");
		for (String name : names) {
			List<String> values = JsonPath.read(metadata, "$.hints[?(@.name == '" + name + "')].values[*].value");
			accepted.put(name, "`" + String.join("` or `", values) + "`");
		}
		return accepted;
	}

	private static String text(Map<String, Object> map, String key) {
		return String.valueOf(map.get(key));
	}

	private static String type(String className) {
		String name = className.replaceAll("[\\w.]+\\.(\\w+)", "$1");
		return switch (name) {
			case "Boolean" -> "`true` or `false`";
			case "Duration" -> "duration";
			case "Integer" -> "number";
			case "String" -> "text";
			case "List<Duration>" -> "durations";
			case "List<String>", "Set<String>" -> "texts";
			default -> "`" + name + "`";
		};
	}

	private static String defaultValue(@Nullable Object value) {
		if (value == null) {
			return "";
		}
		return "`" + String.valueOf(value).replaceAll("[\\[\\] ]", "") + "`";
	}

	private static String sentence(String description) {
		return (Character.toUpperCase(description.charAt(0)) + description.substring(1) + ".").replace("*", "\\*")
			.replace("..", ".");
	}

	@Test
	void examplesAreThoseOfTheTests() throws IOException {
		String examples = Files.readString(EXAMPLES);
		Matcher matcher = Pattern.compile("\\t\\t// docs: (\\S+)\\n(.*?)\\t\\t// end", Pattern.DOTALL)
			.matcher(examples);
		List<MatchResult> found = matcher.results().toList();
		assertThat(found).hasSize(11);
		for (MatchResult example : found) {
			String code = example.group(2).replaceAll("(?m)^\\t\\t", "").replaceAll("\\w+\\.this\\.", "");
			DocumentedBlock.check("extending.md", example.group(1), "```java\n" + code.replace("\t", "    ") + "```\n");
		}
	}

	/**
	 * Every meter that a query names is scraped, with every label that stands beside it.
	 */
	@Test
	void queriesNameWhatIsScraped() throws IOException {
		String scrape;
		try (TracedApplication application = TracedApplication.start(List.of(), PHASES_HISTOGRAM)) {
			SeriesTests.request(application, "api.test");
			new Operations(application).succeed("api.test");
			new Operations(application).fail("api.test");
			scrape = application.bean(PrometheusMeterRegistry.class).scrape();
		}
		List<String> queries = queries();
		assertThat(queries).hasSizeGreaterThan(5);
		for (String query : queries) {
			for (String name : words(query,
					"\\b((?:dns|socket|http)_\\w+_(?:seconds_(?:bucket|count|sum|max)|connections|max))\\b")) {
				assertThat(scrape).as(query).contains(name);
			}
			for (String label : words(query, "\\b(\\w+)(?:=|!=|=~|!~)\"")) {
				assertThat(scrape).as(query).contains(label + "=\"");
			}
			for (String labels : words(query, "by \\(([^)]*)\\)")) {
				assertThat(labels.split(", *")).as(query)
					.allSatisfy((label) -> assertThat(scrape).contains(label + "=\""));
			}
		}
	}

	/**
	 * {@link PrometheusTests} asks them.
	 */
	static List<String> queries() throws IOException {
		Matcher blocks = Pattern.compile("```promql\\n(.*?)```", Pattern.DOTALL)
			.matcher(Files.readString(DocumentedBlock.DOCS.resolve("operating.md")));
		return blocks.results().map((block) -> block.group(1)).toList();
	}

	private static Set<String> words(String query, String pattern) {
		Set<String> words = new TreeSet<>();
		Pattern.compile(pattern).matcher(query).results().forEach((match) -> words.add(match.group(1)));
		return words;
	}

	@Test
	void reasonsWhyConnectionsEndAreThoseOfTheEnum() throws IOException {
		String table = Files.readString(DocumentedBlock.DOCS.resolve("observations.md"))
			.split("`nettrace.connection.closed` says", 2)[1].split("\n\n(?!\\|)", 2)[0];
		assertThat(words(table, "\\| `(\\w+)` \\|")).containsExactlyInAnyOrderElementsOf(
				Stream.of(CloseReason.values()).map((reason) -> reason.name().toLowerCase(Locale.ROOT)).toList());
	}

	@Test
	void everyPropertyNamedInTheDocumentationExists() throws IOException {
		String known = propertiesTable();
		try (Stream<Path> files = Files.list(DocumentedBlock.DOCS)) {
			for (Path file : files.filter((path) -> path.toString().endsWith(".md")).toList()) {
				for (String name : words(Files.readString(file),
						"`(nettrace\\.(?:observations|spans|meters)\\.[a-z.-]+)`")) {
					assertThat(known).as(file.toString()).contains("`" + name + "`");
				}
			}
		}
	}

}
