package io.nettrace.autoconfigure;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import com.sun.net.httpserver.HttpServer;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.opentelemetry.sdk.trace.data.SpanData;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.web.client.RestClient;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What a real Prometheus makes of the meters. Skipped where {@code prometheus} and
 * {@code promtool} are not on the path, unless NETTRACE_PROMETHEUS_REQUIRED is true.
 */
class PrometheusTests {

	private static final String TEXT = "text/plain; version=0.0.4";

	private static final String OPEN_METRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8";

	private final LoopbackServer server = LoopbackServer.start("127.0.0.9");

	// Micrometer puts exemplars on counts too, which Prometheus 2.42 refuses to scrape
	private final TracedApplication application = TracedApplication.start(
			HttpComponentsCustomizationTests.TwoAddresses.class,
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
		Process check = new ProcessBuilder(promtool.toString(), "check", "metrics").redirectErrorStream(true).start();
		try (var input = check.getOutputStream()) {
			input.write(registry().scrape(TEXT).getBytes(StandardCharsets.UTF_8));
		}
		String output = new String(check.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
		check.waitFor();
		assertThat(output).doesNotContain("parsing", "dns_lookup", "socket_connect");
	}

	@Test
	void exemplarsLeadToExportedSpans(@TempDir Path folder) throws Exception {
		Path prometheus = program("prometheus");
		HttpServer target = target();
		int port = freePort();
		Path config = Files.writeString(folder.resolve("prometheus.yml"), """
				scrape_configs:
				  - job_name: application
				    scrape_interval: 1s
				    static_configs:
				      - targets: ["127.0.0.1:%d"]
				""".formatted(target.getAddress().getPort()));
		sendRequest();
		Process process = new ProcessBuilder(prometheus.toString(), "--config.file=" + config,
				"--storage.tsdb.path=" + folder.resolve("data"), "--web.listen-address=127.0.0.1:" + port,
				"--enable-feature=exemplar-storage")
			.redirectErrorStream(true)
			.redirectOutput(folder.resolve("log").toFile())
			.start();
		try {
			String exemplars = awaitExemplars(port, process);
			assertThat(traceIds()).isNotEmpty().anyMatch(exemplars::contains);
		}
		finally {
			process.destroy();
			process.waitFor();
			target.stop(0);
		}
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

	private HttpServer target() throws IOException {
		HttpServer target = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
		target.createContext("/metrics", (exchange) -> {
			byte[] body = registry().scrape(OPEN_METRICS).getBytes(StandardCharsets.UTF_8);
			exchange.getResponseHeaders().set("Content-Type", OPEN_METRICS);
			exchange.sendResponseHeaders(200, body.length);
			exchange.getResponseBody().write(body);
			exchange.close();
		});
		target.start();
		return target;
	}

	private static int freePort() throws IOException {
		try (ServerSocket socket = new ServerSocket(0)) {
			return socket.getLocalPort();
		}
	}

	/**
	 * Asks until Prometheus has started and has scraped, at most a minute.
	 */
	private static String awaitExemplars(int port, Process process) throws Exception {
		HttpClient client = HttpClient.newHttpClient();
		String body = "";
		long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(1);
		while (!body.contains("trace_id") && System.nanoTime() < deadline && process.isAlive()) {
			String query = URLEncoder.encode("dns_lookup_duration_seconds_bucket", StandardCharsets.UTF_8);
			long now = Instant.now().getEpochSecond();
			HttpRequest request = HttpRequest
				.newBuilder(URI.create("http://127.0.0.1:%d/api/v1/query_exemplars?query=%s&start=%d&end=%d"
					.formatted(port, query, now - 300, now + 60)))
				.build();
			try {
				body = client.send(request, HttpResponse.BodyHandlers.ofString()).body();
			}
			catch (IOException notYetThere) {
				body = "";
			}
			process.waitFor(250, TimeUnit.MILLISECONDS);
		}
		return body;
	}

	private static Path program(String name) {
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
