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
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;

import com.sun.net.httpserver.HttpServer;

/**
 * A real Prometheus that scrapes one target each second.
 */
final class Scraper implements AutoCloseable {

	private final HttpClient client = HttpClient.newHttpClient();

	private final HttpServer target;

	private final int port;

	private final Process process;

	private Scraper(HttpServer target, int port, Process process) {
		this.target = target;
		this.port = port;
		this.process = process;
	}

	static Scraper start(Path folder, Supplier<String> scrape) throws IOException {
		Path prometheus = PrometheusTests.program("prometheus");
		HttpServer target = target(scrape);
		Path config = Files.writeString(folder.resolve("prometheus.yml"), """
				scrape_configs:
				  - job_name: application
				    scrape_interval: 1s
				    scrape_timeout: 1s
				    static_configs:
				      - targets: ["127.0.0.1:%d"]
				""".formatted(target.getAddress().getPort()));
		int port = freePort();
		Process process = new ProcessBuilder(prometheus.toString(), "--config.file=" + config,
				"--storage.tsdb.path=" + folder.resolve("data"), "--web.listen-address=127.0.0.1:" + port,
				"--enable-feature=exemplar-storage")
			.redirectErrorStream(true)
			.redirectOutput(folder.resolve("log").toFile())
			.start();
		return new Scraper(target, port, process);
	}

	private static HttpServer target(Supplier<String> scrape) throws IOException {
		HttpServer target = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
		target.createContext("/metrics", (exchange) -> {
			byte[] body = scrape.get().getBytes(StandardCharsets.UTF_8);
			exchange.getResponseHeaders().set("Content-Type", PrometheusTests.OPEN_METRICS);
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
	 * Ask until Prometheus has started and has scraped, at most a minute.
	 * @return the last answer, whatever it is
	 */
	String await(String question, Map<String, ?> parameters, Predicate<String> expected) throws InterruptedException {
		String query = parameters.entrySet()
			.stream()
			.map((each) -> each.getKey() + "="
					+ URLEncoder.encode(String.valueOf(each.getValue()), StandardCharsets.UTF_8))
			.collect(Collectors.joining("&"));
		HttpRequest request = HttpRequest
			.newBuilder(URI.create("http://127.0.0.1:" + this.port + "/api/v1/" + question + "?" + query))
			.build();
		String body = "";
		long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(1);
		while (!expected.test(body) && System.nanoTime() < deadline && this.process.isAlive()) {
			try {
				body = this.client.send(request, HttpResponse.BodyHandlers.ofString()).body();
			}
			catch (IOException notYetThere) {
				body = "";
			}
			this.process.waitFor(250, TimeUnit.MILLISECONDS);
		}
		return body;
	}

	@Override
	public void close() {
		this.process.destroy();
		this.process.onExit().join();
		this.target.stop(0);
	}

}
