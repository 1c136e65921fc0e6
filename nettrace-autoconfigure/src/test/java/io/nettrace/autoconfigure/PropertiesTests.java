package io.nettrace.autoconfigure;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

import com.jayway.jsonpath.JsonPath;
import io.nettrace.dial.DialStrategy;
import io.nettrace.dns.SingleFlightPolicy;
import io.nettrace.observation.SpanNames;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.core.io.FileSystemResource;
import org.springframework.util.ClassUtils;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;

/**
 * What the operator reads at start.
 */
@Tag("one-jdk")
@ExtendWith(OutputCaptureExtension.class)
class PropertiesTests {

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '"',
			textBlock = """
					nettrace.dns.timeout=-1s                  | 'nettrace.dns.timeout' must be a duration of more than zero, not PT-1S
					nettrace.dns.timeout=0s                   | 'nettrace.dns.timeout' must be a duration of more than zero, not PT0S
					nettrace.observations.max-hosts=-1        | 'nettrace.observations.max-hosts' must be at least 1, not -1
					nettrace.observations.max-hosts=0         | 'nettrace.observations.max-hosts' must be at least 1, not 0
					nettrace.observations.include-hosts=a,,b  | 'nettrace.observations.include-hosts' must be a list of host patterns such as *.example.org, none of them empty
					nettrace.observations.exclude-hosts[0]=   | 'nettrace.observations.exclude-hosts' must be a list of host patterns such as *.example.org, none of them empty
					nettrace.spans.min-duration=-1ms          | 'nettrace.spans.min-duration' must be a duration of zero or more, not PT-0.001S
					nettrace.meters.coarse-buckets=-1s        | 'nettrace.meters.coarse-buckets' must be a list of durations of more than zero, not [PT-1S]
					nettrace.page.path=nettrace               | 'nettrace.page.path' must be a path that begins with a slash and does not end with one, with letters, digits, '-', '_', '.' and '~' between slashes, not nettrace
					nettrace.log.slower-than=-1s              | 'nettrace.log.slower-than' must be a duration of zero or more, not PT-1S
					nettrace.meters.buckets=5ms,0ms           | 'nettrace.meters.buckets' must be a list of durations of more than zero, not [PT0.005S, PT0S]
					nettrace.endpoint.max-hosts=0             | 'nettrace.endpoint.max-hosts' must be at least 1, not 0
					nettrace.endpoint.max-entries=0           | 'nettrace.endpoint.max-entries' must be at least 1, not 0
					""")
	void startFailsOnAValueOutOfRange(String property, String message, CapturedOutput output) {
		startAndFail(property);
		assertThat(output).contains("APPLICATION FAILED TO START", message);
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '"',
			textBlock = """
					nettrace.spans.as=bananas          | nettrace.spans.as          | EVENTS SPANS
					nettrace.spans.names=bananas       | nettrace.spans.names       | LOW_CARDINALITY SEMCONV
					nettrace.connect.happy-eyeballs.strategy=bananas | nettrace.connect.happy-eyeballs.strategy | GO RFC8305
					nettrace.connect.happy-eyeballs.fallback-delay=soon | nettrace.connect.happy-eyeballs.fallback-delay | java.time.Duration
					nettrace.dns.single-flight=true    | nettrace.dns.single-flight | ALWAYS NEVER SYSTEM
					nettrace.dns.single-flight=false   | nettrace.dns.single-flight | ALWAYS NEVER SYSTEM
					nettrace.dns.timeout=soon          | nettrace.dns.timeout       | java.time.Duration
					nettrace.spans.min-duration=soon   | nettrace.spans.min-duration| java.time.Duration
					nettrace.meters.buckets=soon       | nettrace.meters.buckets    | java.time.Duration
					nettrace.meters.active=perhaps     | nettrace.meters.active     | Invalid boolean value 'perhaps'
					nettrace.observations.max-hosts=x  | nettrace.observations.max-hosts | int
					""")
	void startFailsOnAValueOfTheWrongType(String property, String name, String accepted, CapturedOutput output) {
		startAndFail(property);
		assertThat(output).contains("APPLICATION FAILED TO START", name);
		assertThat(output).contains(accepted.split(" (?=[A-Z0-9_]+( |$))"));
	}

	@Test
	void negativeFallbackDelayMeansNoRaceAndIsAccepted() {
		try (TracedApplication application = TracedApplication.start(List.of(),
				"nettrace.connect.happy-eyeballs.enabled=true",
				"nettrace.connect.happy-eyeballs.fallback-delay=-1ms")) {
			assertThat(application.bean(NetTraceProperties.class).connect().happyEyeballs().fallbackDelay())
				.isEqualTo(Duration.ofMillis(-1));
		}
	}

	/**
	 * Every property there is, with a value that is not its default.
	 */
	@Test
	void everyPropertyIsBoundFromAFile(@TempDir Path folder) throws IOException {
		String text = """
				nettrace:
				  enabled: true
				  dns:
				    enabled: false
				    single-flight: always
				    timeout: 3s
				    queries: false
				  connect:
				    enabled: false
				    happy-eyeballs:
				      enabled: true
				      strategy: rfc8305
				      fallback-delay: 200ms
				  clients:
				    http-components:
				      enabled: false
				      like-jdk: false
				    reactor-netty.enabled: false
				    jetty.enabled: false
				    jdk.enabled: false
				  observations:
				    require-parent: true
				    exchanges: false
				    max-hosts: 7
				    include-hosts: "*.test"
				    exclude-hosts: [a.test, "b?.test"]
				    hide-addresses: true
				  spans:
				    min-duration: 5ms
				    names: semconv
				    as: events
				  meters:
				    buckets: 20ms, 1s
				    coarse-buckets: 30ms
				    active: true
				  log.slower-than: 2s
				  libraries:
				    okhttp.enabled: false
				    elasticsearch.enabled: false
				    by-hand.enabled: false
				    reactor-netty.enabled: false
				    gateway.enabled: false
				    feign.enabled: false
				    lettuce.enabled: false
				    jdbc.enabled: false
				    grpc.enabled: false
				    mongodb.enabled: false
				    r2dbc.enabled: false
				    camel.enabled: false
				    oauth2.enabled: true
				  jvm-resolver.enabled: false
				  endpoint:
				    max-hosts: 8
				    max-entries: 9
				  requests.keep: 10
				  page:
				    enabled: true
				    path: /net
				""";
		Path file = Files.writeString(folder.resolve("application.yml"), text);
		assertThat(new YamlPropertySourceLoader().load("file", new FileSystemResource(file)))
			.flatExtracting((source) -> List.of(((EnumerablePropertySource<?>) source).getPropertyNames()))
			.extracting((name) -> name.replaceAll("\\[\\d+\\]$", ""))
			.containsOnly(properties("$.properties[*].name").toArray(String[]::new));
		try (TracedApplication application = TracedApplication.start(List.of(),
				"spring.config.additional-location=file:" + folder + "/")) {
			NetTraceProperties.Client off = new NetTraceProperties.Client(false);
			assertThat(application.bean(NetTraceProperties.class)).isEqualTo(new NetTraceProperties(true,
					new NetTraceProperties.Dns(false, false, SingleFlightPolicy.ALWAYS, Duration.ofSeconds(3)),
					new NetTraceProperties.Connect(false,
							new NetTraceProperties.Connect.HappyEyeballs(true, DialStrategy.RFC8305,
									Duration.ofMillis(200))),
					new NetTraceProperties.Clients(new NetTraceProperties.HttpComponents(false, false), off, off, off),
					new NetTraceProperties.Libraries(off, off, new NetTraceProperties.ByHand(false), off,
							new NetTraceProperties.Gateway(false), off, off, off, off, off, off, off,
							new NetTraceProperties.Oauth2(true)),
					new NetTraceProperties.Observations(true, false, 7, List.of("*.test"), List.of("a.test", "b?.test"),
							true),
					new NetTraceProperties.Spans(Duration.ofMillis(5), SpanNames.SEMCONV,
							NetTraceProperties.Spans.As.EVENTS),
					new NetTraceProperties.Meters(List.of(Duration.ofMillis(20), Duration.ofSeconds(1)),
							List.of(Duration.ofMillis(30)), true),
					new NetTraceProperties.Log(Duration.ofSeconds(2)), new NetTraceProperties.JvmResolver(false),
					new NetTraceProperties.Endpoint(8, 9), new NetTraceProperties.Requests(10),
					new NetTraceProperties.Page(true, "/net")));
		}
	}

	@Test
	void everyPropertyHasMetadata() throws Exception {
		assertThat(properties("$.properties[?(!@.description || !@.type)].name")).isEmpty();
		assertThat(properties("$.properties[?(!@.defaultValue)].name")).containsExactlyInAnyOrder(
				"nettrace.connect.happy-eyeballs.fallback-delay", "nettrace.dns.timeout", "nettrace.log.slower-than",
				"nettrace.observations.exclude-hosts", "nettrace.observations.include-hosts", "nettrace.page.enabled");
		for (String name : properties("$.properties[*].name")) {
			Class<?> type = ClassUtils.forName(
					properties("$.properties[?(@.name == '" + name + "')].type").get(0).replaceAll("<.*", ""), null);
			if (type.isEnum()) {
				assertThat(properties("$.hints[?(@.name == '" + name + "')].values[*].value")).as(name)
					.extracting((value) -> value.toUpperCase(Locale.ROOT).replace('-', '_'))
					.containsExactlyInAnyOrderElementsOf(
							Stream.of(type.getEnumConstants()).map((value) -> ((Enum<?>) value).name()).toList());
			}
		}
	}

	/**
	 * Of the metadata that stands in the jar.
	 */
	private static List<String> properties(String path) throws IOException {
		List<String> found = JsonPath
			.read(Files.readString(Path.of("target/classes/META-INF/spring-configuration-metadata.json")), path);
		return found.stream().filter((text) -> !text.startsWith("management.")).toList();
	}

	private static void startAndFail(String property) {
		assertThatException().isThrownBy(() -> TracedApplication.start(List.of(), property).close());
	}

	@ParameterizedTest
	@ValueSource(strings = { "nettrace.observation.max-hosts", "nettrace.dns.timeuot", "nettrace.meters.bucket[0]" })
	void startFailsOnAMisspeltProperty(String property, @TempDir Path folder, CapturedOutput output)
			throws IOException {
		Files.writeString(folder.resolve("application.properties"), property + "=5");
		startAndFail("spring.config.additional-location=file:" + folder + "/");
		assertThat(output).contains("APPLICATION FAILED TO START", property, "application.properties");
	}

	@Test
	void aPropertyOfAnotherNameIsNoneOfOurs() {
		TracedApplication.start(List.of(), "nettracer.dns=5", "my.nettrace.dns=5").close();
	}

	@Test
	void everyWayToWriteAKnownPropertyIsAccepted() {
		TracedApplication
			.start(List.of(), "nettrace.observations.maxHosts=5", "nettrace.observations.require_parent=true",
					"nettrace.meters.buckets[0]=5ms", "nettrace.observations.exclude-hosts=a,b")
			.close();
	}

}
