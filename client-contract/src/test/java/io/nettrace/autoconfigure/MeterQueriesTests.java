package io.nettrace.autoconfigure;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import com.jayway.jsonpath.JsonPath;
import io.micrometer.common.docs.KeyName;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.nettrace.autoconfigure.TracedClient.Caller;
import io.nettrace.observation.NetTraceObservationDocumentation;
import io.nettrace.test.DnsAnswer;
import io.nettrace.test.DnsServer;
import io.nettrace.test.TestAuthority;
import io.opentelemetry.sdk.trace.data.SpanData;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.http.HttpMethod;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The meters of the phases and of connections, asked of a real Prometheus: each is there
 * with the labels that the documentation says. Skipped where {@code prometheus} is not on
 * the path, unless NETTRACE_PROMETHEUS_REQUIRED is true.
 */
@Tag("one-jdk")
class MeterQueriesTests {

	private static final TracedClient CLIENT = TracedClient.REST_CLIENT_ON_HTTP_COMPONENTS;

	private static final String SERVER = "127.0.0.9";

	private static final String HOST = "api.test";

	private static final Path OBSERVATIONS = Path.of("../docs/observations.md");

	private static final Pattern ROW = Pattern
		.compile("\\| `([a-z_.]+)` \\| (timer|gauge: seconds|gauge)\\b.* \\| (.*) \\|");

	private static final Pattern TAG = Pattern.compile("`([a-z_.]+)`");

	private static final String PHASES = "http_client_request_phase_duration_seconds";

	private static final TestAuthority AUTHORITY = TestAuthority.create("nettrace");

	private final DnsServer dns = DnsServer.start().set(HOST, DnsAnswer.addresses(SERVER));

	private final PhaseServer server;

	private final LoopbackProxy proxy;

	@TempDir
	private Path temp;

	MeterQueriesTests() {
		TestAuthority.Server identity = AUTHORITY.server(HOST);
		this.server = PhaseServer.start(identity.context().getServerSocketFactory(), SERVER);
		this.proxy = LoopbackProxy.start(SERVER, new InetSocketAddress(SERVER, this.server.port()));
	}

	@BeforeEach
	void useNames() {
		LoopbackNames.use(this.dns);
	}

	@AfterEach
	void stop() {
		this.proxy.close();
		this.server.close();
		this.dns.close();
	}

	/**
	 * An application whose requests go through a proxy and over TLS.
	 */
	private TracedApplication start(String... properties) throws IOException, GeneralSecurityException {
		return start(CLIENT, properties);
	}

	private TracedApplication start(TracedClient client, String... properties)
			throws IOException, GeneralSecurityException {
		Path trusted = this.temp.resolve("trusted.p12");
		try (OutputStream out = Files.newOutputStream(trusted)) {
			AUTHORITY.trusted().store(out, TestAuthority.PASSWORD.toCharArray());
		}
		Stream<String> all = Stream.of("proxy.host=" + SERVER, "proxy.port=" + this.proxy.port(),
				"spring.http.clients.ssl.bundle=trusting",
				"spring.ssl.bundle.jks.trusting.truststore.location=file:" + trusted,
				"spring.ssl.bundle.jks.trusting.truststore.password=" + TestAuthority.PASSWORD,
				"management.prometheus.metrics.export.enabled=true",
				// Micrometer puts exemplars on counts too, which Prometheus 2.42 does not
				// take
				"management.prometheus.metrics.export.properties[io.prometheus.exporter.exemplarsOnAllMetricTypes]=false");
		return client.start(List.of(LoopbackNames.class, ClientSettings.Proxied.class),
				Stream.concat(all, Stream.of(properties)).toArray(String[]::new));
	}

	/**
	 * A scrape after a request whose connection is closed, and one whose connection is
	 * kept.
	 */
	private String scrape(TracedApplication application, Caller caller) {
		for (String path : List.of("/last", "/")) {
			caller.exchange(HttpMethod.GET, "https://" + HOST + ":" + this.server.port() + path, Map.of(), null);
		}
		return application.bean(PrometheusMeterRegistry.class).scrape(PrometheusTests.OPEN_METRICS);
	}

	@Test
	void everyMeterHasTheLabelsThatAreDocumented() throws Exception {
		Map<String, Set<String>> documented = documented();
		assertThat(documented).hasSize(10);
		try (TracedApplication application = start()) {
			Caller caller = CLIENT.caller(application);
			try (Scraper prometheus = Scraper.start(this.temp, () -> scrape(application, caller))) {
				for (Map.Entry<String, Set<String>> meter : documented.entrySet()) {
					String answer = prometheus.await("query", Map.of("query", meter.getKey()),
							(body) -> body.contains("\"value\""));
					List<Map<String, String>> series = JsonPath.read(answer, "$.data.result[*].metric");
					assertThat(series).as(meter.getKey())
						.isNotEmpty()
						.allSatisfy((labels) -> assertThat(labels.keySet())
							.containsExactlyInAnyOrderElementsOf(meter.getValue()));
				}
				String buckets = prometheus.await("query", Map.of("query", PHASES + "_bucket"),
						(body) -> body.contains("success"));
				assertThat(buckets).contains("success").doesNotContain("\"value\"");
			}
		}
	}

	@Test
	void histogramOfAPhaseIsThereIfItIsAskedFor() throws Exception {
		try (TracedApplication application = start(
				"management.metrics.distribution.percentiles-histogram.http.client.request.phase.duration=true")) {
			Caller caller = CLIENT.caller(application);
			try (Scraper prometheus = Scraper.start(this.temp, () -> scrape(application, caller))) {
				String query = "histogram_quantile(0.95, sum by (le) (rate(" + PHASES
						+ "_bucket{nettrace_phase_name=\"wait\"}[1m])))";
				String answer = prometheus.await("query", Map.of("query", query), MeterQueriesTests::hasANumber);
				assertThat(hasANumber(answer)).as(answer).isTrue();
			}
		}
	}

	/**
	 * On an event loop, which knows no span of its own.
	 */
	@Test
	void exemplarsLeadToExportedSpans() throws Exception {
		try (TracedApplication application = start(TracedClient.WEB_CLIENT_ON_REACTOR_NETTY,
				"management.metrics.distribution.percentiles-histogram.http.client.request.phase.duration=true")) {
			Caller caller = TracedClient.WEB_CLIENT_ON_REACTOR_NETTY.caller(application);
			try (Scraper prometheus = Scraper.start(this.temp, () -> scrape(application, caller))) {
				long now = Instant.now().getEpochSecond();
				for (String timer : List.of("http_client_request_time_in_queue_seconds",
						"tls_handshake_duration_seconds", PHASES)) {
					String answer = prometheus.await("query_exemplars",
							Map.of("query", timer + "_bucket", "start", now - 300, "end", now + 60),
							(body) -> body.contains("trace_id"));
					List<String> traces = JsonPath.read(answer, "$.data[*].exemplars[*].labels.trace_id");
					assertThat(traces).as(timer).isNotEmpty();
					assertThat(application.spans()).extracting(SpanData::getTraceId).as(timer).containsAll(traces);
				}
			}
		}
	}

	private static boolean hasANumber(String answer) {
		return answer.contains("success") && JsonPath.<List<String>>read(answer, "$.data.result[*].value[1]")
			.stream()
			.anyMatch((value) -> !value.equals("NaN"));
	}

	/**
	 * The series that each meter of the documentation is, with their labels.
	 */
	private static Map<String, Set<String>> documented() throws IOException {
		Map<String, Set<String>> series = new TreeMap<>();
		ROW.matcher(Files.readString(OBSERVATIONS)).results().forEach((row) -> {
			String suffix = switch (row.group(2)) {
				case "timer" -> "_seconds_count";
				case "gauge" -> "";
				default -> "_seconds";
			};
			Stream<String> tags = TAG.matcher(row.group(3).replaceAll("\\(.*?\\)", ""))
				.results()
				.map((tag) -> tag.group(1));
			series.put(prometheus(row.group(1)) + suffix, labels(tags));
		});
		for (NetTraceObservationDocumentation step : List.of(NetTraceObservationDocumentation.PROXY_CONNECT,
				NetTraceObservationDocumentation.TLS_HANDSHAKE)) {
			Stream<String> tags = Arrays.stream(step.getLowCardinalityKeyNames()).map(KeyName::asString);
			series.put(prometheus(step.name().toLowerCase(Locale.ROOT) + ".duration") + "_seconds_count", labels(tags));
		}
		return series;
	}

	/**
	 * With those that Prometheus adds.
	 */
	private static Set<String> labels(Stream<String> tags) {
		return Stream.concat(tags.map(MeterQueriesTests::prometheus), Stream.of("__name__", "instance", "job"))
			.collect(Collectors.toCollection(TreeSet::new));
	}

	private static String prometheus(String name) {
		return name.replace('.', '_');
	}

}
