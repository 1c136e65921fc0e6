package io.nettrace.page;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.regex.Pattern;

import io.nettrace.observation.recent.RecentRequest;
import io.nettrace.page.SampleApplication.Kind;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What the application answers.
 */
@Tag("one-jdk")
@ExtendWith(OutputCaptureExtension.class)
class PageHttpTests {

	private static final JsonMapper JSON = new JsonMapper();

	private static final HttpClient CLIENT = HttpClient.newHttpClient();

	private static final Pattern ASSET = Pattern.compile("(?:src|href|from) ?[=]? ?[\"']([^\"'#]+)[\"']");

	private static final String BASIC = "Basic "
			+ Base64.getEncoder().encodeToString("ada:secret".getBytes(StandardCharsets.UTF_8));

	private static Target target;

	@BeforeAll
	static void start() {
		target = Target.start();
	}

	@AfterAll
	static void stop() {
		target.close();
	}

	@ParameterizedTest
	@EnumSource(names = { "SERVLET", "REACTIVE" })
	void pathLeadsToThePage(Kind kind) {
		SampleApplication application = SampleApplication.get(kind);
		for (String path : List.of("/nettrace", "/nettrace/")) {
			HttpResponse<String> response = get(application.url(path));
			assertThat(response.statusCode()).isEqualTo(302);
			URI page = response.uri().resolve(response.headers().firstValue("Location").orElseThrow());
			assertThat(page).hasToString(application.url("/nettrace/index.html"));
		}
	}

	@ParameterizedTest
	@EnumSource(names = { "SERVLET", "REACTIVE" })
	void everyFileIsThereAndLoadsNothingFromElsewhere(Kind kind) {
		String page = SampleApplication.get(kind).url("/nettrace/");
		String html = get(page + "index.html").body();
		List<String> assets = ASSET.matcher(html).results().map((result) -> result.group(1)).toList();
		assertThat(assets).containsExactlyInAnyOrder("icon.svg", "waterfall.css", "page.css", "page.js", "requests");
		assertThat(get(page + "page.js").body()).contains("from './waterfall.js'");
		for (String file : PageResponses.files()) {
			HttpResponse<String> response = get(page + file);
			assertThat(response.statusCode()).as(file).isEqualTo(200);
			assertThat(response.body().replace("http://www.w3.org/2000/svg", "")).as(file)
				.isNotBlank()
				.doesNotContainPattern("https?://")
				.doesNotContain("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "style=\"",
						"onclick");
		}
		assertThat(html).doesNotContain("<style")
			.containsOnlyOnce("<script")
			.contains("<script type=\"module\" src=\"");
		assertThat(get(page + "page.css").headers().firstValue("Content-Type")).hasValue("text/css;charset=UTF-8");
	}

	@ParameterizedTest
	@EnumSource
	void isStrictAboutWhatMayBeLoadedAndKept(Kind kind) {
		SampleApplication application = SampleApplication.get(kind);
		for (String path : List.of("/nettrace", "/nettrace/index.html", "/nettrace/page.js", "/nettrace/requests")) {
			HttpResponse<String> response = get(application.url(path), "Authorization", BASIC);
			assertThat(response.statusCode()).as(path).isIn(200, 302);
			assertThat(response.headers().allValues("Content-Security-Policy")).as(path)
				.singleElement()
				.asString()
				.contains("default-src 'none'", "frame-ancestors 'none'", "require-trusted-types-for 'script'")
				.doesNotContain("unsafe");
			assertThat(response.headers().allValues("X-Content-Type-Options")).as(path).containsExactly("nosniff");
			assertThat(response.headers().allValues("Cache-Control")).as(path).containsExactly("no-store");
		}
	}

	@ParameterizedTest
	@EnumSource(names = { "SERVLET", "REACTIVE" })
	void nothingElseIsBelowThePath(Kind kind) {
		SampleApplication application = SampleApplication.get(kind);
		for (String path : List.of("/nettrace/other", "/nettrace/OnPageCondition.class", "/nettrace/page/page.js",
				"/nettrace/..%2Fpage%2Fpage.js", "/nettrace/requests/1", "/page.js", "/io/nettrace/page/page.js")) {
			assertThat(get(application.url(path)).statusCode()).as(path).isIn(400, 404);
		}
		for (String method : List.of("POST", "PUT", "DELETE")) {
			assertThat(send(application.url("/nettrace/requests"), method).statusCode()).as(method).isIn(404, 405);
		}
	}

	@ParameterizedTest
	@EnumSource
	void requestsAreTheApplicationsLast(Kind kind) {
		SampleApplication application = SampleApplication.get(kind);
		application.send(target.url("/first"));
		RecentRequest last = application.send(target.url("/second"));
		HttpResponse<String> response = get(application.url("/nettrace/requests"), "Authorization", BASIC);
		assertThat(response.headers().firstValue("Content-Type")).hasValue("application/json");
		JsonNode requests = JSON.readTree(response.body()).path("requests");
		assertThat(requests.at("/0/id").asString()).isEqualTo(last.id());
		assertThat(requests.at("/0/host").asString()).isEqualTo("localhost");
		assertThat(requests.at("/0/connection/reused").asBoolean()).isTrue();
		assertThat(requests.size()).isBetween(2, 50);
		assertThat(Long.parseLong(requests.at("/0/id").asString()))
			.isGreaterThan(Long.parseLong(requests.at("/1/id").asString()));
	}

	/**
	 * Nettrace changes nothing in the application's security.
	 */
	@ParameterizedTest
	@EnumSource(names = ".*_SECURED", mode = EnumSource.Mode.MATCH_ANY)
	void asksForLoginLikeAnyOtherPage(Kind kind) {
		SampleApplication application = SampleApplication.get(kind);
		for (String path : List.of("/any", "/nettrace", "/nettrace/index.html", "/nettrace/page.js",
				"/nettrace/requests")) {
			HttpResponse<String> browser = get(application.url(path), "Accept", "text/html");
			assertThat(browser.statusCode()).as(path).isEqualTo(302);
			assertThat(browser.headers().firstValue("Location").orElseThrow()).as(path).endsWith("/login");
			assertThat(browser.body()).as(path).isEmpty();
			HttpResponse<String> script = get(application.url(path), "X-Requested-With", "XMLHttpRequest");
			assertThat(script.statusCode()).as(path).isIn(302, 401);
			assertThat(get(application.url(path), "Authorization", "Basic YWRhOndyb25n").statusCode()).as(path)
				.isEqualTo(401);
		}
		assertThat(send(application.url("/nettrace/requests"), "POST", "Authorization", BASIC).statusCode())
			.as("CSRF protection as before")
			.isIn(401, 403);
	}

	/**
	 * The page asks every two seconds.
	 */
	@ParameterizedTest
	@EnumSource
	void applicationsOwnObservationsAreNotOfThePage(Kind kind) {
		SampleApplication application = SampleApplication.get(kind);
		for (String path : List.of("/nettrace", "/nettrace/index.html", "/nettrace/requests", "/nettraces", "/other")) {
			get(application.url(path), "Authorization", BASIC);
		}
		assertThat(application.observedPaths()).contains("/nettraces", "/other")
			.noneMatch((path) -> path.equals("/nettrace") || path.startsWith("/nettrace/"));
	}

	@Test
	void isBelowContextAndServletPathAndNotOnTheManagementPort(CapturedOutput output) {
		isBelow("/shop/api", output, SampleApplication.get(Kind.SERVLET, "server.servlet.context-path=/shop",
				"spring.mvc.servlet.path=/api", "nettrace.page.path=/dev/net", "management.server.port=0"));
	}

	@Test
	void isBelowBasePathAndNotOnTheManagementPort(CapturedOutput output) {
		isBelow("/shop", output, SampleApplication.get(Kind.REACTIVE, "spring.webflux.base-path=/shop",
				"nettrace.page.path=/dev/net", "management.server.port=0"));
	}

	private void isBelow(String prefix, CapturedOutput output, SampleApplication application) {
		assertThat(output.getAll().lines().filter((line) -> line.contains("outgoing requests are shown at")))
			.singleElement()
			.asString()
			.contains(" INFO ", " " + prefix + "/dev/net.");
		HttpResponse<String> response = get(application.url(prefix + "/dev/net"));
		URI page = response.uri().resolve(response.headers().firstValue("Location").orElseThrow());
		assertThat(page).hasPath(prefix + "/dev/net/index.html");
		assertThat(response.headers().firstValue("Content-Type")).isEmpty();
		assertThat(get(page.toString()).statusCode()).isEqualTo(200);
		assertThat(get(page.resolve("requests").toString()).body()).isEqualTo("{\"requests\":[]}");
		assertThat(get(application.url("/dev/net")).statusCode()).isEqualTo(404);
		for (String path : List.of("/dev/net", "/dev/net/requests", prefix + "/dev/net/requests")) {
			assertThat(get(application.managementUrl(path)).statusCode()).as(path).isEqualTo(404);
		}
		get(application.url(prefix + "/other"));
		assertThat(application.observedPaths()).contains(prefix + "/other")
			.noneMatch((path) -> path.startsWith(prefix + "/dev/net"));
	}

	/**
	 * What an application does to its own JSON and to all of its controllers is not for
	 * the page.
	 */
	@Test
	void jsonIsNotTheApplications() {
		SampleApplication application = SampleApplication.get(Kind.SERVLET,
				"spring.jackson.property-naming-strategy=SNAKE_CASE",
				"spring.http.converters.preferred-json-mapper=gson");
		application.send(target.url("/"));
		assertThat(
				JSON.readTree(get(application.url("/nettrace/requests")).body()).at("/requests/0/traceId").asString())
			.hasSize(32);
	}

	private static HttpResponse<String> get(String url, String... headers) {
		return send(url, "GET", headers);
	}

	private static HttpResponse<String> send(String url, String method, String... headers) {
		HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url))
			.method(method, HttpRequest.BodyPublishers.noBody());
		if (headers.length > 0) {
			request.headers(headers);
		}
		try {
			return CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofString());
		}
		catch (IOException | InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

}
