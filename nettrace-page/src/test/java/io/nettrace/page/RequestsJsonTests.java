package io.nettrace.page;

import java.time.Instant;
import java.util.List;
import java.util.Map;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.nettrace.observation.recent.RecentRequest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The page's JSON is that of the actuator's endpoint: the records' components, without
 * those that are {@code null}.
 */
@Tag("one-jdk")
class RequestsJsonTests {

	private static final JsonMapper JACKSON = JsonMapper.builder()
		.changeDefaultPropertyInclusion((inclusion) -> inclusion.withValueInclusion(JsonInclude.Include.NON_NULL))
		.build();

	@Test
	void isThatOfTheEndpoint() {
		List<RecentRequest> requests = List.of(Requests.everything(), Requests.minimal());
		assertThat(JACKSON.readTree(RequestsJson.of(requests)))
			.isEqualTo(JACKSON.readTree(JACKSON.writeValueAsString(Map.of("requests", requests))));
	}

	@Test
	void textIsEscaped() {
		String hostile = "</script>\"\\\u0000\u2028\ud83d\ude00";
		assertThat(JACKSON.readTree(RequestsJson.of(List.of(Requests.withHost(hostile))))
			.at("/requests/0/host")
			.asString()).isEqualTo(hostile);
	}

	@Test
	void timeIsAnInstant() {
		assertThat(Instant
			.parse(JACKSON.readTree(RequestsJson.of(List.of(Requests.minimal()))).at("/requests/0/time").asString()))
			.isEqualTo(Requests.minimal().time());
	}

}
