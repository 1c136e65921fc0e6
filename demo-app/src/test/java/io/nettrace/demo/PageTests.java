package io.nettrace.demo;

import java.util.List;
import java.util.regex.Pattern;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.http.HttpHeaders;
import org.springframework.web.client.RestClient;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The page is complete and loads nothing from outside.
 */
@SpringBootTest(webEnvironment = WebEnvironment.RANDOM_PORT)
class PageTests {

	private static final Pattern ASSET = Pattern.compile("(?:src|href)=\"([^\"]*)\"");

	private final RestClient server;

	PageTests(@LocalServerPort int port) {
		this.server = RestClient.create("http://127.0.0.1:" + port);
	}

	@Test
	void everyAssetIsServedByTheDemo() {
		List<String> assets = ASSET.matcher(get("/")).results().map((result) -> result.group(1)).toList();
		assertThat(assets).containsExactlyInAnyOrder("icon.svg", "nettrace/waterfall.css", "style.css", "app.js");
		assertThat(assets).allSatisfy((asset) -> assertThat(get("/" + asset)).isNotBlank());
	}

	@Test
	void nothingIsLoadedFromElsewhere() {
		assertThat(headers("/").getFirst("Content-Security-Policy")).contains("default-src 'self'");
		assertThat(
				List.of("/", "/style.css", "/app.js", "/spans.js", "/nettrace/waterfall.js", "/nettrace/waterfall.css"))
			.allSatisfy((path) -> assertThat(get(path)).doesNotContainPattern("https?://"));
	}

	@Test
	void scriptWritesTextOnly() {
		assertThat(get("/app.js") + get("/spans.js")).doesNotContain("innerHTML", "outerHTML", "insertAdjacentHTML",
				"document.write");
	}

	@ParameterizedTest
	@ValueSource(strings = { "/", "/app.js", "/api/scenarios", "/actuator/health" })
	void nothingIsShownInFramesOrTakenForAnotherType(String path) {
		assertThat(headers(path).getFirst("Content-Security-Policy")).contains("frame-ancestors 'none'");
		assertThat(headers(path).getFirst("X-Content-Type-Options")).isEqualTo("nosniff");
	}

	private HttpHeaders headers(String path) {
		return this.server.get().uri(path).retrieve().toBodilessEntity().getHeaders();
	}

	private String get(String path) {
		return this.server.get().uri(path).retrieve().requiredBody(String.class);
	}

}
