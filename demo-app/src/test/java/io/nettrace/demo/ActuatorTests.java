package io.nettrace.demo;

import java.util.List;
import java.util.Map;

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
 * Nettrace's endpoint over HTTP, as an application has it that exposes it.
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

	@Test
	void metersAreThereToScrape() {
		assertThat(this.server.get().uri("/actuator/prometheus").retrieve().body(String.class))
			.contains("dns_lookup_duration_seconds_bucket", "socket_connect_duration_seconds_bucket");
	}

	private DocumentContext get(String path) {
		return JsonPath.parse(this.server.get().uri(path).retrieve().requiredBody(String.class));
	}

}
