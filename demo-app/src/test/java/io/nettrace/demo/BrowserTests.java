package io.nettrace.demo;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.Response;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.assertions.LocatorAssertions;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.BoundingBox;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.WaitForSelectorState;
import io.nettrace.observation.recent.RecentRequest;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.web.server.LocalServerPort;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

/**
 * The page in a real browser: Chromium of the operating system, headless. Skipped where
 * there is none, unless {@code NETTRACE_BROWSER_REQUIRED} is {@code true}.
 */
@SpringBootTest(webEnvironment = WebEnvironment.RANDOM_PORT)
class BrowserTests {

	private static final List<String> FLAGS = List.of("--no-sandbox", "--disable-gpu", "--disable-quic",
			"--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync");

	private static final JsonMapper JSON = new JsonMapper();

	private static Playwright playwright;

	private static Browser browser;

	private final String url;

	private final List<String> errors = new ArrayList<>();

	private Page page;

	BrowserTests(@LocalServerPort int port) {
		this.url = "http://127.0.0.1:" + port + "/";
	}

	@BeforeAll
	static void start() {
		Path chromium = Stream.of("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome")
			.map(Path::of)
			.filter(Files::isExecutable)
			.findFirst()
			.orElse(null);
		if (chromium == null) {
			String reason = "no Chromium in /usr/bin; on Debian: apt-get install chromium";
			assertThat(Boolean.parseBoolean(System.getenv("NETTRACE_BROWSER_REQUIRED"))).as(reason).isFalse();
			System.out.println("BrowserTests skipped: " + reason);
			assumeTrue(false, reason);
		}
		playwright = Playwright
			.create(new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
		browser = playwright.chromium()
			.launch(new BrowserType.LaunchOptions().setExecutablePath(chromium).setArgs(FLAGS));
	}

	@AfterAll
	static void stop() {
		if (playwright != null) {
			playwright.close();
		}
	}

	@BeforeEach
	void open() {
		open(new Browser.NewContextOptions().setViewportSize(1280, 900));
	}

	private void open(Browser.NewContextOptions options) {
		this.page = browser.newContext(options).newPage();
		this.page.onConsoleMessage((message) -> {
			if (message.type().equals("error") || message.type().equals("warning")) {
				this.errors.add(message.text());
			}
		});
		this.page.onPageError(this.errors::add);
		this.page.onDialog((dialog) -> {
			this.errors.add("dialog: " + dialog.message());
			dialog.dismiss();
		});
		this.page.navigate(this.url);
		assertThat(this.page.locator("#scenarios button")).hasCount(Scenario.ALL.size());
	}

	@AfterEach
	void consoleIsClean() {
		this.page.context().close();
		assertThat(this.errors).isEmpty();
	}

	static Stream<Arguments> scenarios() {
		return Stream.concat(Runs.on("RestClient").map((scenario) -> arguments("RestClient", scenario)),
				Stream.of(arguments("WebClient", Scenario.named("search-domains").orElseThrow())));
	}

	@ParameterizedTest
	@MethodSource("scenarios")
	void barsAreInOrderAndToScale(String client, Scenario scenario) {
		this.page.getByLabel(client, new Page.GetByLabelOptions().setExact(true)).check();
		TraceView trace = run(scenario.name());
		assertThat(trace.complete()).isTrue();
		assertThat(this.page.locator("#status"))
			.containsText(scenario.title() + " on " + client + " · " + trace.spans().size() + " spans");
		long start = trace.spans().stream().mapToLong(SpanView::startMicros).min().orElseThrow();
		long end = trace.spans()
			.stream()
			.mapToLong((span) -> span.startMicros() + span.durationMicros())
			.max()
			.orElseThrow();
		for (SpanView span : trace.spans()) {
			Locator row = row(span);
			BoundingBox track = row.locator(".track").boundingBox();
			BoundingBox bar = row.locator(".bar").boundingBox();
			double scale = track.width / (end - start);
			assertThat(bar.x - track.x).as(span.name()).isCloseTo((span.startMicros() - start) * scale, within(1.5));
			assertThat(bar.width).as(span.name()).isCloseTo(Math.max(2, span.durationMicros() * scale), within(1.5));
			assertThat(row.getAttribute("class").contains("failed")).isEqualTo(span.status().name().equals("ERROR"));
		}
		assertThat(this.page.locator(".row").all().stream().map((row) -> row.getAttribute("data-span")).toList())
			.isEqualTo(depthFirst(trace));
		everyPhaseIsDrawn(trace);
	}

	private void everyPhaseIsDrawn(TraceView trace) {
		Locator requests = this.page.locator(".request");
		assertThat(requests).hasCount(trace.requests().size());
		for (int i = 0; i < trace.requests().size(); i++) {
			RecentRequest request = trace.requests().get(i);
			Locator drawn = requests.nth(i);
			assertThat(drawn.locator("h4 .words")).hasText(request.words());
			assertThat(drawn.locator(".nt-step")).hasCount(request.steps().size());
			assertThat(drawn.locator(".nt-request .nt-bar")).hasCount(request.steps().size() + 1);
			BoundingBox track = drawn.locator(".nt-request .nt-track").boundingBox();
			BoundingBox whole = drawn.locator(".nt-request .nt-bar").first().boundingBox();
			double longest = trace.requests().stream().mapToDouble(RecentRequest::duration).max().orElseThrow();
			assertThat(whole.width).isCloseTo(Math.max(2, track.width * request.duration() / longest), within(1.5));
		}
	}

	@Test
	void runsAllOneAfterTheOther() {
		Locator runAll = this.page.locator("#run-all");
		runAll.click();
		assertThat(runAll).hasText("Stop");
		assertThat(this.page.locator("#progress-text")).hasText("All 22 have run on RestClient",
				new LocatorAssertions.HasTextOptions().setTimeout(60_000));
		assertThat(this.page.locator("#progress")).hasJSProperty("value", 22);
		assertThat(runAll).hasText("Run all");
		Set<String> failing = Set.of("nxdomain", "jvm-cache", "proxy-refused", "certificate-expired",
				"certificate-other-host", "goaway", "retry");
		assertThat(this.page.locator("#results strong")).hasText(Scenario.ALL.stream()
			.map((each) -> (failing.contains(each.name()) ? "✕ " : "") + each.title() + " on RestClient")
			.toArray(String[]::new));
		assertThat(this.page.locator("#results p"))
			.hasText(new Pattern[] { Pattern.compile("Search domains on RestClient.*nothing of what it asks") });
		this.page.locator("#results button").nth(1).click();
		assertThat(this.page.locator(".trace h3 > span:first-child")).hasText("Slow DNS on RestClient");
		assertThat(this.page.locator(".request .words")).hasText(Pattern.compile("The DNS lookup took longest: .*"));
		isAccessible();
	}

	@Test
	void runOfAllCanBeStopped() {
		Locator runAll = this.page.locator("#run-all");
		runAll.press("Enter");
		assertThat(this.page.locator("#progress-text")).hasText("2 of 22: Slow DNS on RestClient");
		runAll.press("Enter");
		assertThat(this.page.locator("#progress-text")).hasText("Stopped after 2 of 22");
		assertThat(runAll).hasText("Run all");
		assertThat(this.page.locator("#results li")).hasCount(2);
		run("healthy");
		assertThat(this.page.locator("#results li")).hasCount(2);
	}

	/**
	 * What axe finds by itself, of the rules of WCAG 2 and of good practice.
	 */
	private void isAccessible() {
		this.page.evaluate(axe());
		Object violations = this.page
			.evaluate("axe.run().then((it) => it.violations.map((each) => each.id + ': ' + each.nodes"
					+ ".map((node) => node.html + ' ' + node.failureSummary).join()))");
		assertThat((List<?>) violations).isEmpty();
	}

	private static String axe() {
		try (InputStream script = BrowserTests.class.getResourceAsStream("/axe.min.js")) {
			return new String(Objects.requireNonNull(script).readAllBytes(), StandardCharsets.UTF_8);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	@Test
	void verdictNamesThePhaseThatTookMost() {
		warmUp("healthy");
		run("dead-ipv6");
		assertThat(this.page.locator(".request .words")).hasText(Pattern.compile("Connecting took longest: 5\\d\\d.*"));
		picture("dead-ipv6");
	}

	@Test
	void errorSaysItsCause() {
		warmUp("first-address-refused");
		run("first-address-refused");
		assertThat(this.page.locator(".row.failed .error")).hasText("✕ connection_refused");
		picture("first-address-refused");
	}

	@Test
	void attributesAreShownOnHoverOnFocusAndOnClick() {
		TraceView trace = run("healthy");
		Locator row = row(named(trace, "DNS lookup"));
		Locator attributes = this.page.locator("#" + row.getAttribute("aria-controls"));
		assertThat(attributes).isHidden();
		row.hover();
		assertThat(attributes).isVisible();
		assertThat(attributes).containsText("healthy.demo.test");
		this.page.mouse().move(0, 0);
		assertThat(attributes).isHidden();
		this.page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("All attributes")).focus();
		for (int i = 0; i < 4; i++) {
			this.page.keyboard().press("Tab"); // what unfolds the spans, then the rows
		}
		assertThat(row).isFocused();
		assertThat(attributes).isVisible();
		this.page.keyboard().press("Escape");
		assertThat(attributes).isHidden();
		this.page.keyboard().press("Enter");
		assertThat(row).hasAttribute("aria-expanded", "true");
		assertThat(attributes).isVisible();
	}

	@Test
	void worksByKeyboardAlone() {
		this.page.keyboard().press("Tab");
		assertThat(this.page.getByLabel("RestClient")).isFocused();
		this.page.keyboard().press("ArrowRight");
		assertThat(this.page.getByLabel("WebClient")).isChecked();
		this.page.keyboard().press("Tab");
		assertThat(this.page.locator("#run-all")).isFocused();
		this.page.keyboard().press("Tab");
		assertThat(this.page.locator("#scenarios button").first()).isFocused();
		Response response = this.page.waitForResponse("**/api/scenarios/**", () -> this.page.keyboard().press("Enter"));
		assertThat(response.url()).endsWith("healthy?client=WebClient");
		// The tools come with the trace, which may have a wait for the event loop, too
		assertThat(this.page.locator(".request")).isVisible();
		for (int i = 1; i < Scenario.ALL.size(); i++) {
			this.page.keyboard().press("Tab");
			assertThat(this.page.locator("#scenarios button").nth(i)).isFocused();
		}
		this.page.keyboard().press("Tab");
		assertThat(this.page.locator("#results button")).isFocused();
		for (String tool : List.of("Keep to compare", "All attributes")) {
			this.page.keyboard().press("Tab");
			assertThat(this.page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName(tool))).isFocused();
		}
		this.page.keyboard().press("Tab");
		assertThat(this.page.locator("summary")).isFocused();
		this.page.keyboard().press("Enter");
		assertThat(this.page.locator(".row").first()).isVisible();
		int rows = this.page.locator(".row").count();
		for (int i = 0; i < rows; i++) {
			this.page.keyboard().press("Tab");
			assertThat(this.page.locator(".row").nth(i)).isFocused();
		}
		this.page.keyboard().press("ArrowUp");
		assertThat(this.page.locator(".row").nth(rows - 2)).isFocused();
		this.page.keyboard().press("ArrowDown");
		assertThat(this.page.locator(".row").nth(rows - 1)).isFocused();
	}

	@Test
	void requestsOfATraceStandSideBySideOnOneScale() {
		warmUp("pooled-reuse");
		TraceView trace = run("pooled-reuse");
		for (int i = 0; i < 50 && isPicture() && !secondIsShorter(trace); i++) {
			trace = run("pooled-reuse"); // something else has kept the machine busy
		}
		this.page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("Compare its requests")).click();
		assertThat(this.page.locator(".trace h3 > span:first-child"))
			.hasText(new String[] { "First request", "Second request" });
		assertThat(this.page.locator(".trace").nth(0).locator(".row.ours")).hasCount(2);
		assertThat(this.page.locator(".trace").nth(1).locator(".row.ours")).hasCount(0);
		Locator lookups = this.page.locator(".nt-step[data-phase=dns]");
		assertThat(this.page.locator(".trace").nth(0).locator(lookups)).hasCount(1);
		assertThat(this.page.locator(".trace").nth(1).locator(lookups)).hasCount(0);
		assertThat(this.page.locator(".trace").nth(1).locator(".request > .subject"))
			.hasText(Pattern.compile("kept connection \\d+, request 2 on it · HTTP/1.1 · status 200"));
		picture("pooled-reuse");
		isSideBySideOnOneScale(trace.spans().stream().filter((span) -> span.kind().name().equals("CLIENT")).toList());
	}

	@Test
	void runsStandSideBySideOnOneScale() {
		SpanView first = run("slow-dns").spans().get(0);
		this.page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("Keep to compare")).click();
		SpanView second = run("healthy").spans().get(0);
		assertThat(this.page.locator(".trace h3 > span:first-child"))
			.hasText(new String[] { "Slow DNS on RestClient", "Healthy on RestClient" });
		isSideBySideOnOneScale(List.of(first, second));
		this.page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("Keep to compare")).click();
		assertThat(this.page.locator(".trace")).hasCount(1);
	}

	/**
	 * The first row of each trace is as long as the other's, by the ratio of the times.
	 */
	private void isSideBySideOnOneScale(List<SpanView> spans) {
		BoundingBox left = row(spans.get(0)).locator(".bar").boundingBox();
		BoundingBox right = row(spans.get(1)).locator(".bar").boundingBox();
		assertThat(right.x).isGreaterThan(left.x + left.width);
		assertThat(this.page.locator(".trace").nth(0).boundingBox().y)
			.isEqualTo(this.page.locator(".trace").nth(1).boundingBox().y);
		assertThat(right.width).isCloseTo(
				Math.max(2, left.width * spans.get(1).durationMicros() / spans.get(0).durationMicros()), within(1.5));
	}

	@ParameterizedTest
	@ValueSource(strings = { "LIGHT", "DARK" })
	void fitsAPhone(ColorScheme scheme) {
		this.page.context().close();
		open(new Browser.NewContextOptions().setViewportSize(360, 740).setColorScheme(scheme).setHasTouch(true));
		TraceView trace = run("black-hole");
		assertThat(this.page.evaluate("document.documentElement.scrollWidth")).isEqualTo(360);
		row(named(trace, "DNS lookup")).tap();
		assertThat(this.page.locator(".row[aria-expanded=true] + .attributes")).isVisible();
		assertThat(this.page.evaluate("document.documentElement.scrollWidth")).isEqualTo(360);
		isAccessible();
		picture("phone-" + scheme.name().toLowerCase(Locale.ROOT));
		Object background = this.page.evaluate("getComputedStyle(document.body).backgroundColor");
		assertThat(background).isEqualTo((scheme == ColorScheme.DARK) ? "rgb(19, 24, 22)" : "rgb(251, 250, 247)");
	}

	@Test
	void traceLinksToJaegerWithTheProfile() {
		this.page.route("**/api/scenarios", (route) -> {
			Map<String, Object> listing = json(route.fetch().text());
			listing.put("traceUrl", "http://localhost:16686/trace/");
			fulfill(route, listing);
		});
		this.page.reload();
		TraceView trace = run("healthy");
		assertThat(this.page.getByRole(AriaRole.LINK)).hasAttribute("href",
				"http://localhost:16686/trace/" + trace.traceId());
	}

	/**
	 * Every text of the API, the scenario's host above all, contains HTML.
	 */
	@Test
	void hostileTextStaysText() {
		String attack = "<img src=x onerror=alert(1)><script>alert(2)</script>\"'";
		this.page.route("**/api/scenarios",
				(route) -> fulfill(route, Map.of("clients", List.of(attack), "scenarios", List.of(Map.of("name", attack,
						"section", attack, "title", attack, "description", attack, "notOn", Map.of())))));
		this.page.route("**/api/scenarios/*",
				(route) -> fulfill(route,
						Map.of("traceId", attack, "complete", true, "spans",
								List.of(Map.of("spanId", attack, "name", attack, "kind", "INTERNAL", "startMicros", 1,
										"durationMicros", 2, "status", "ERROR", "attributes",
										Map.of("dns.question.name", attack, "server.address", attack, "error.type",
												attack, attack, attack, "dns.answers", List.of(attack)))),
								"requests",
								List.of(Map.of("duration", 1, "words", attack, "status", attack, "error", attack,
										"phases", Map.of("dns", 1), "failures",
										List.of(Map.of("phase", attack, "error", attack)), "connection",
										Map.of("id", attack, "reused", false, "protocol", attack), "steps",
										List.of(Map.of("phase", attack, "name", attack, "start", 0, "duration", 1,
												"error", attack, "addresses", List.of(attack), "detail", attack,
												"exchange", 1)))))));
		this.page.reload();
		this.page.locator("#scenarios button").click();
		assertThat(this.page.locator(".request .words")).hasText(attack);
		assertThat(this.page.locator(".nt-detail")).hasText(attack + " · " + attack);
		assertThat(this.page.locator("#results strong")).hasText("✕ " + attack + " on " + attack);
		this.page.locator("summary").click();
		Locator row = this.page.locator(".row");
		row.click();
		assertThat(row.locator(".name")).hasText(attack);
		assertThat(row.locator(".subject")).hasText(attack + " → " + attack);
		assertThat(row.locator(".error")).hasText("✕ " + attack);
		assertThat(this.page.locator(".attributes dd").allTextContents()).hasSize(6)
			.filteredOn(attack::equals)
			.hasSize(5);
		assertThat(this.page.locator("img, main script")).hasCount(0);
	}

	@Test
	void problemIsShownAsText() {
		this.page.route("**/api/scenarios/healthy*", (route) -> route.abort());
		this.page.locator("#scenarios button").first().click();
		assertThat(this.page.locator("#status")).hasText("The demo does not answer. Is it still running?");
		// The browser itself logs a request that failed
		this.errors.removeIf((error) -> error.contains("net::ERR_FAILED"));
	}

	/**
	 * Take a picture of the trace for the documentation, if {@code -Dpictures=DIRECTORY}
	 * says where.
	 */
	private void picture(String name) {
		String directory = System.getProperty("pictures");
		if (directory != null) {
			this.page.evaluate("document.querySelectorAll('details').forEach((each) => each.open = false)");
			this.page.mouse().move(0, 0);
			this.page.locator("main section[aria-labelledby=trace-title]")
				.screenshot(new Locator.ScreenshotOptions().setPath(Path.of(directory, name + ".png")));
		}
	}

	/**
	 * Pictures are taken when the application has loaded its classes.
	 */
	private void warmUp(String scenario) {
		for (int i = 0; i < 50 && isPicture(); i++) {
			run(scenario);
		}
	}

	private static boolean isPicture() {
		return System.getProperty("pictures") != null;
	}

	private static boolean secondIsShorter(TraceView trace) {
		return trace.requests().get(1).duration() < trace.requests().get(0).duration();
	}

	private TraceView run(String scenario) {
		Response response = this.page.waitForResponse("**/api/scenarios/" + scenario + "?*",
				() -> this.page.locator("[data-scenario='" + scenario + "']").click());
		TraceView trace = JSON.readValue(response.text(), TraceView.class);
		Locator row = row(trace.spans().get(0));
		row.waitFor(new Locator.WaitForOptions().setState(WaitForSelectorState.ATTACHED));
		if (!row.isVisible()) {
			this.page.locator("summary").first().click();
		}
		return trace;
	}

	private Locator row(SpanView span) {
		return this.page.locator(".row[data-span='" + span.spanId() + "']");
	}

	private static SpanView named(TraceView trace, String name) {
		return trace.spans().stream().filter((span) -> span.name().equals(name)).findFirst().orElseThrow();
	}

	private static List<String> depthFirst(TraceView trace) {
		return trace.spans()
			.stream()
			.filter((span) -> span.parentId() == null)
			.flatMap((root) -> depthFirst(root, trace))
			.toList();
	}

	private static Stream<String> depthFirst(SpanView span, TraceView trace) {
		return Stream.concat(Stream.of(span.spanId()),
				trace.spans()
					.stream()
					.filter((child) -> span.spanId().equals(child.parentId()))
					.flatMap((child) -> depthFirst(child, trace)));
	}

	@SuppressWarnings("unchecked")
	private static Map<String, Object> json(String text) {
		return JSON.readValue(text, Map.class);
	}

	private static void fulfill(Route route, Object body) {
		route.fulfill(
				new Route.FulfillOptions().setContentType("application/json").setBody(JSON.writeValueAsString(body)));
	}

}
