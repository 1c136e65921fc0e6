package io.nettrace.autoconfigure;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

import com.jayway.jsonpath.JsonPath;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.opentelemetry.sdk.trace.data.SpanData;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.web.client.RestClient;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What a real Prometheus makes of the meters. Skipped where {@code prometheus} and
 * {@code promtool} are not on the path, unless NETTRACE_PROMETHEUS_REQUIRED is true.
 */
@Tag("one-jdk")
class PrometheusTests {

	private static final String TEXT = "text/plain; version=0.0.4";

	static final String OPEN_METRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8";

	private final LoopbackServer server = LoopbackServer.start("127.0.0.9");

	// Micrometer puts exemplars on counts too, which Prometheus 2.42 refuses to scrape
	private final TracedApplication application = TracedApplication.start(
			HttpComponentsCustomizationTests.TwoAddresses.class, DocumentationTests.PHASES_HISTOGRAM,
			"management.prometheus.metrics.export.properties[io.prometheus.exporter.exemplarsOnAllMetricTypes]=false");

	@AfterEach
	void stop() {
		this.application.close();
		this.server.close();
	}

	@Test
	void promtoolFindsNoFault() throws Exception {
		Path promtool = program("promtool");
		sendRequest();
		String scrape = registry().scrape(TEXT);
		assertThat(scrape).contains("dns_lookup_duration_seconds_bucket", "socket_connect_duration_seconds_bucket");
		Process check = new ProcessBuilder(promtool.toString(), "check", "metrics").redirectErrorStream(true).start();
		try (var input = check.getOutputStream()) {
			input.write(scrape.getBytes(StandardCharsets.UTF_8));
		}
		String output = new String(check.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
		check.waitFor();
		assertThat(output).doesNotContain("parsing", "dns_lookup", "socket_connect");
	}

	@Test
	void exemplarsLeadToExportedSpans(@TempDir Path folder) throws Exception {
		try (Scraper scraper = Scraper.start(folder, this::scrape)) {
			sendRequest();
			long now = Instant.now().getEpochSecond();
			String exemplars = scraper.await("query_exemplars",
					Map.of("query", "dns_lookup_duration_seconds_bucket", "start", now - 300, "end", now + 60),
					(body) -> body.contains("trace_id"));
			assertThat(traceIds()).isNotEmpty().anyMatch(exemplars::contains);
		}
	}

	/**
	 * Each answers with a number, so it asks for series that exist, together.
	 */
	@Test
	void queriesOfTheDocumentationAnswer(@TempDir Path folder) throws Exception {
		List<String> queries = DocumentationTests.queries();
		assertThat(queries).hasSizeGreaterThan(5);
		try (Scraper scraper = Scraper.start(folder, this::scrapeOfABusyApplication)) {
			for (String query : queries) {
				String answer = scraper.await("query", Map.of("query", query), PrometheusTests::hasANumber);
				assertThat(answer).as(query).satisfies((body) -> assertThat(hasANumber(body)).isTrue());
			}
		}
	}

	private static boolean hasANumber(String answer) {
		if (!answer.contains("\"status\":\"success\"")) {
			return false;
		}
		List<String> values = JsonPath.read(answer, "$.data.result[*].value[1]");
		return values.stream().anyMatch((value) -> !value.equals("NaN"));
	}

	private String scrape() {
		return registry().scrape(OPEN_METRICS);
	}

	/**
	 * Rates need counters that rise from one scrape to the next.
	 */
	private String scrapeOfABusyApplication() {
		sendRequest();
		Operations operations = new Operations(this.application);
		operations.succeedTogether("b.test");
		operations.failToLookUp("c.test");
		return scrape();
	}

	private void sendRequest() {
		this.application.bean(RestClient.Builder.class)
			.build()
			.get()
			.uri(this.server.url("a.test"))
			.retrieve()
			.toBodilessEntity();
	}

	private PrometheusMeterRegistry registry() {
		return this.application.bean(PrometheusMeterRegistry.class);
	}

	private List<String> traceIds() {
		return this.application.spans().stream().map(SpanData::getTraceId).distinct().toList();
	}

	static Path program(String name) {
		Optional<Path> found = Stream.of(System.getenv("PATH").split(":"))
			.map((folder) -> Path.of(folder, name))
			.filter(Files::isExecutable)
			.findFirst();
		if (found.isEmpty() && "true".equals(System.getenv("NETTRACE_PROMETHEUS_REQUIRED"))) {
			throw new AssertionError(name + " is required and not on the PATH");
		}
		Assumptions.assumeTrue(found.isPresent(), name + " is not on the PATH");
		return found.get();
	}

}
