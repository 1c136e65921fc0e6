package io.nettrace.autoconfigure;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import io.nettrace.observation.Phase;
import io.nettrace.observation.recent.RecentRequest;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class HarTests {

	private static final RecentRequest.Connection CONNECTION = new RecentRequest.Connection("7", true, 1.5, 30.0, 3,
			"2001:db8::1", 443, "2", "TLSv1.3", null);

	private static Map<String, Double> phases(double queue, double dns, double connect, double tls) {
		Map<String, Double> phases = new LinkedHashMap<>();
		Phase.ALL.forEach((phase) -> phases.put(phase.toString(), 0.0));
		phases.putAll(Map.of("queue", queue, "dns", dns, "connect", connect, "tls", tls, "send", 0.001, "wait", 0.25,
				"receive", 0.003, "other", 0.0001));
		return phases;
	}

	private static RecentRequest request(@Nullable String host, int port, boolean secure, @Nullable String uri,
			@Nullable String status, RecentRequest.@Nullable Connection connection, Map<String, Double> phases) {
		double duration = phases.values().stream().mapToDouble(Double::doubleValue).sum();
		return new RecentRequest("1", Instant.parse("2026-01-01T10:00:00.123Z"), "jetty", "GET", uri, host, port,
				secure, status, (status != null) ? null : "timed_out", duration, "wait",
				"Waiting for the first byte took longest", null, null, 1, connection, phases, List.of(), 0, List.of());
	}

	private static String json(RecentRequest... requests) {
		return JsonMapper.shared().writeValueAsString(Har.of(List.of(requests)));
	}

	private static JsonNode entry(RecentRequest request) {
		return HarFile.read(json(request)).entries().get(0);
	}

	@Test
	void requestIsAnEntryWithItsTimings() {
		JsonNode entry = entry(
				request("api.test", 443, true, "/orders/{id}", "200", CONNECTION, phases(0.5, 0.01, 0.02, 0.03)));
		assertThat(entry.get("startedDateTime").asString()).isEqualTo("2026-01-01T10:00:00.123Z");
		assertThat(entry.at("/request/method").asString()).isEqualTo("GET");
		assertThat(entry.at("/request/url").asString()).isEqualTo("https://api.test/orders/%7Bid%7D");
		assertThat(entry.at("/response/status").asInt()).isEqualTo(200);
		assertThat(entry.at("/response/httpVersion").asString()).isEqualTo("HTTP/2");
		assertThat(entry.get("connection").asString()).isEqualTo("443");
		assertThat(entry.get("_connectionId").asString()).isEqualTo("7");
		assertThat(entry.get("serverIPAddress").asString()).isEqualTo("2001:db8::1");
		assertThat(entry.get("timings").valueStream().map(JsonNode::asDouble).map(Math::round)).containsExactly(500L,
				10L, 50L, 30L, 1L, 250L, 3L);
		assertThat(entry.at("/_nettrace/verdict").asString()).isEqualTo("wait");
		assertThat(entry.at("/_nettrace/connection/reused").asBoolean()).isTrue();
	}

	@Test
	void whatThereWasNotIsMinusOne() {
		JsonNode entry = entry(request("api.test", 80, false, "/", "200", CONNECTION, phases(0, 0, 0, 0)));
		assertThat(entry.at("/timings/dns").asDouble()).isEqualTo(-1);
		assertThat(entry.at("/timings/connect").asDouble()).isEqualTo(-1);
		assertThat(entry.at("/timings/ssl").asDouble()).isEqualTo(-1);
	}

	@Test
	void requestWithoutResponseAndConnectionHasItsError() {
		JsonNode entry = entry(request("api.test", 80, false, "/", null, null, phases(0, 0.01, 0.02, 0)));
		assertThat(entry.at("/response/status").asInt()).isZero();
		assertThat(entry.at("/response/statusText").asString()).isEqualTo("timed_out");
		assertThat(entry.at("/response/_error").asString()).isEqualTo("timed_out");
		assertThat(entry.has("connection")).isFalse();
		assertThat(entry.has("serverIPAddress")).isFalse();
	}

	@ParameterizedTest
	@CsvSource({ "api.test, 8080, false, /a, http://api.test:8080/a", "::1, 443, true, /a, https://[::1]/a",
			"fe80::1%eth0, 443, true, /a, https://[fe80::1]/a", "_IP, 80, false, /a, http://_ip/a",
			"api.test, 80, false, none, http://api.test/", "api.test, 80, false, , http://api.test/",
			", 80, false, /a, http://unknown/a", "bücher.test, 80, false, /ä b, http://xn--bcher-kva.test/%C3%A4%20b",
			"a b@c?e#f, 80, false, /a, http://a_b_c_e_f/a", "/run/app.sock, 0, false, /a, http://_run_app.sock:0/a",
			"not:an[address, 80, false, /a, http://unknown/",
			"api.test, 80, false, //evil.test/a, http://api.test//evil.test/a" })
	void urlIsAlwaysOne(@Nullable String host, int port, boolean secure, @Nullable String uri, String url) {
		RecentRequest request = request(host, port, secure, uri, "200", CONNECTION, phases(0, 0, 0, 0));
		assertThat(entry(request).at("/request/url").asString()).isEqualTo(url);
	}

	@Test
	void entriesAreInTheOrderOfTime() {
		HarFile file = HarFile.read(json(request("b.test", 80, false, "/", "200", null, phases(0, 0, 0, 0)),
				request("a.test", 80, false, "/", "200", null, phases(0, 0, 0, 0))));
		assertThat(file.entries()).extracting((entry) -> entry.at("/request/url").asString())
			.containsExactly("http://a.test/", "http://b.test/");
	}

	@Test
	void checkOfTheFileCanFail() {
		String json = json(request("a.test", 80, false, "/", "200", null, phases(0, 0, 0, 0)));
		HarFile.read(json);
		for (String wrong : List.of(json.replace("\"send\"", "\"sent\""), json.replace("http://a.test/", "/"),
				json.replace("http://a.test/", "http://a.test/?q"), json.replace("2026-01-01T", ""),
				json.replace("\"wait\":250.0", "\"wait\":251.0"),
				json.replace("\"status\":200", "\"status\":\"200\""))) {
			assertThat(wrong).isNotEqualTo(json);
			assertThatExceptionOfType(AssertionError.class).as(wrong).isThrownBy(() -> HarFile.read(wrong));
		}
	}

}
