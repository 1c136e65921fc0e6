package io.nettrace.demo;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import com.jayway.jsonpath.DocumentContext;
import com.jayway.jsonpath.JsonPath;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.http.HttpStatusCode;
import org.springframework.web.client.RestClient;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The endpoint over HTTP, in an application that exposes it.
 */
@SpringBootTest(webEnvironment = WebEnvironment.RANDOM_PORT)
class ActuatorTests {

	private static final String HOST = "first-address-refused.demo.test";

	private final RestClient server;

	ActuatorTests(@LocalServerPort int port) {
		this.server = RestClient.create("http://127.0.0.1:" + port);
	}

	@BeforeEach
	void run() {
		this.server.post().uri("/api/scenarios/first-address-refused").retrieve().toBodilessEntity();
	}

	@Test
	void tellsWhatHappenedToEachHostLast() {
		DocumentContext hosts = get("/actuator/nettrace");
		DocumentContext host = get("/actuator/nettrace/" + HOST);
		assertThat(host.<Map<String, Object>>read("$")).containsOnlyKeys("lookup", "connects")
			.isEqualTo(hosts.read("$.hosts['" + HOST + "']"));
		assertThat(host.<Map<String, Object>>read("$.lookup"))
			.containsOnlyKeys("start", "duration", "client", "answers", "coalesced")
			.containsEntry("client", "httpcomponents")
			.containsEntry("answers", List.of("127.0.0.3", "127.0.0.2"))
			.containsEntry("coalesced", false);
		assertThat(host.<String>read("$.lookup.start")).matches("\\d{4}-\\d\\d-\\d\\dT[\\d:.]+Z");
		assertThat(host.<String>read("$.lookup.duration")).matches("PT[\\d.]+S");
		assertThat(host.<Map<String, Object>>read("$.connects[0]"))
			.containsOnlyKeys("start", "duration", "client", "address", "outcome")
			.containsEntry("outcome", "connected");
		assertThat(host.<Map<String, Object>>read("$.connects[1]"))
			.containsOnlyKeys("start", "duration", "client", "address", "outcome", "error")
			.containsEntry("outcome", "failed")
			.containsEntry("error", "connection_refused");
	}

	@Test
	void unknownHostIsNotFound() {
		HttpStatusCode status = this.server.get()
			.uri("/actuator/nettrace/unheard.of")
			.exchange((request, response) -> response.getStatusCode());
		assertThat(status.value()).isEqualTo(404);
	}

	/**
	 * While requests run, a reader sees whole entries, and never more than the limit.
	 */
	@Test
	void isConsistentWhileRequestsRun() {
		ExecutorService threads = Executors.newFixedThreadPool(6);
		try {
			CompletableFuture<?> running = CompletableFuture.allOf(Stream.generate(
					() -> CompletableFuture.runAsync(() -> IntStream.range(0, 10).forEach((round) -> run()), threads))
				.limit(6)
				.toArray(CompletableFuture<?>[]::new));
			do {
				DocumentContext host = JsonPath
					.parse(get("/actuator/nettrace").<Map<String, Object>>read("$.hosts['" + HOST + "']"));
				assertThat(host.<List<String>>read("$.lookup.answers")).containsExactly("127.0.0.3", "127.0.0.2");
				assertThat(connects(host)).hasSizeBetween(2, 20);
				assertThat(connects(get("/actuator/nettrace/" + HOST))).hasSizeBetween(2, 20);
			}
			while (!running.isDone());
			running.join();
			assertThat(connects(get("/actuator/nettrace/" + HOST))).hasSize(20)
				.contains("127.0.0.3 failed connection_refused", "127.0.0.2 connected");
		}
		finally {
			threads.shutdownNow();
		}
	}

	private static List<String> connects(DocumentContext host) {
		List<Map<String, String>> connects = host.read("$.connects");
		List<String> result = connects.stream()
			.map((connect) -> String.valueOf(connect.get("address")).replaceAll(":\\d+$", "") + " "
					+ connect.get("outcome") + (connect.containsKey("error") ? " " + connect.get("error") : ""))
			.toList();
		assertThat(result).allMatch(List.of("127.0.0.3 failed connection_refused", "127.0.0.2 connected")::contains);
		return result;
	}

	@Test
	void metersAreThereToScrape() {
		assertThat(this.server.get().uri("/actuator/prometheus").retrieve().body(String.class))
			.contains("dns_lookup_duration_seconds_bucket", "socket_connect_duration_seconds_bucket");
	}

	private DocumentContext get(String path) {
		return JsonPath.parse(this.server.get().uri(path).retrieve().requiredBody(String.class));
	}

}
