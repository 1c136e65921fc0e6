package io.nettrace.page;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.BoundingBox;
import com.microsoft.playwright.options.ColorScheme;
import io.nettrace.observation.recent.RecentRequest;
import io.nettrace.page.SampleApplication.Kind;
import io.nettrace.test.RefusingAddress;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * The page in a real browser: Chromium of the operating system, headless. Skipped where
 * there is none, unless {@code NETTRACE_BROWSER_REQUIRED} is {@code true}.
 */
@Tag("one-jdk")
class PageBrowserTests {

	private static final List<String> FLAGS = List.of("--no-sandbox", "--disable-gpu", "--disable-quic",
			"--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync");

	private static final int PHONE = 390;

	private static Playwright playwright;

	private static Browser browser;

	private static Target target;

	private final List<String> errors = Collections.synchronizedList(new ArrayList<>());

	private final List<String> urls = Collections.synchronizedList(new ArrayList<>());

	private Page page;

	private String origin = "";

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
			assumeTrue(false, reason);
		}
		target = Target.start();
		playwright = Playwright
			.create(new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
		browser = playwright.chromium()
			.launch(new BrowserType.LaunchOptions().setExecutablePath(chromium).setArgs(FLAGS));
	}

	@AfterAll
	static void stop() {
		if (playwright != null) {
			playwright.close();
			target.close();
		}
	}

	@BeforeEach
	void open() {
		open(new Browser.NewContextOptions().setViewportSize(1280, 900));
	}

	private void open(Browser.NewContextOptions options) {
		if (this.page != null) {
			this.page.context().close();
		}
		this.page = browser.newContext(options.setLocale("en-GB")).newPage();
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
		this.page.context().onRequest((request) -> this.urls.add(request.url()));
	}

	/**
	 * Whatever a test does, the console is clean, and no request goes to another origin.
	 */
	@AfterEach
	void consoleIsCleanAndNothingLeavesTheOrigin() {
		leave();
		this.page.context().close();
		assertThat(this.errors).isEmpty();
		assertThat(this.urls).isNotEmpty().allSatisfy((url) -> assertThat(url).startsWith(this.origin));
	}

	/**
	 * The page asks again and again: what answers it must not end before it.
	 */
	private void leave() {
		this.page.navigate("about:blank");
	}

	@ParameterizedTest
	@EnumSource(names = { "SERVLET", "REACTIVE" })
	void requestsAreListedNewestFirstAndAKeptConnectionLeadsToItsOpener(Kind kind) {
		SampleApplication application = SampleApplication.get(kind);
		RecentRequest failed = application.send("http://" + refusing() + "/");
		RecentRequest opener = application.send(target.secureUrl("/opener"));
		RecentRequest reuser = application.send(target.secureUrl("/reuser"));
		navigate(application);
		assertThat(items().first()).hasAttribute("href", "#" + reuser.id());
		assertThat(item(reuser)).containsText("GET localhost/reuser");
		assertThat(item(reuser)).containsText("kept connection");
		assertThat(item(reuser)).containsText(reuser.words());
		assertThat(item(failed)).containsText("✕ connection_refused");
		item(reuser).click();
		assertThat(title()).hasText("GET localhost/reuser");
		assertThat(details()).containsText(reuser.words());
		assertThat(item(reuser)).hasAttribute("aria-current", "true");
		Locator link = details().getByRole(AriaRole.LINK,
				new Locator.GetByRoleOptions().setName("GET localhost/opener"));
		assertThat(link).hasAttribute("href", "#" + opener.id());
		link.click();
		assertThat(title()).hasText("GET localhost/opener");
		assertThat(details().locator(".facts")).containsText("new");
		item(failed).click();
		assertThat(details().locator(".nt-step.nt-failed")).containsText("✕ connection_refused");
		assertThat(details().locator(".failures")).containsText("connection_refused in connect");
		this.page.goBack();
		assertThat(title()).hasText("GET localhost/opener");
	}

	/**
	 * There is no unnamed time, neither in the bar nor in the table nor in the waterfall.
	 */
	@ParameterizedTest
	@EnumSource(names = { "SERVLET", "REACTIVE" })
	void partsAddUp(Kind kind) {
		SampleApplication application = SampleApplication.get(kind);
		List<RecentRequest> requests = List.of(application.send(target.secureUrl("/slow")),
				application.send(target.secureUrl("/")), application.send("http://" + refusing() + "/"));
		navigate(application);
		for (RecentRequest request : requests) {
			item(request).click();
			for (Locator bar : List.of(item(request).locator(".nt-phases"), details().locator(".nt-phases"))) {
				double whole = bar.boundingBox().width;
				double parts = 0;
				for (Locator part : bar.locator(".nt-bar").all()) {
					double share = request.phases().getOrDefault(part.getAttribute("data-phase"), Double.NaN)
							/ request.duration();
					assertThat(part.boundingBox().width).isCloseTo(whole * share, within(1.0));
					parts += part.boundingBox().width;
				}
				assertThat(parts).isCloseTo(whole, within(1.0));
			}
			List<String> shares = details().locator(".nt-table tbody td:last-child").allTextContents();
			assertThat(shares.stream().mapToInt((share) -> Integer.parseInt(share.replace("%", ""))).sum())
				.isBetween(100 - shares.size(), 100 + shares.size());
			stepsAreToScale(request);
		}
	}

	private void stepsAreToScale(RecentRequest request) {
		Locator rows = details().locator(".nt-step");
		assertThat(rows).hasCount(request.steps().size());
		for (int i = 0; i < request.steps().size(); i++) {
			RecentRequest.Step step = request.steps().get(i);
			BoundingBox track = rows.nth(i).locator(".nt-track").boundingBox();
			BoundingBox bar = rows.nth(i).locator(".nt-track .nt-bar").boundingBox();
			double scale = track.width / request.duration();
			assertThat(bar.x - track.x).as(step.name()).isCloseTo(step.start() * scale, within(1.5));
			assertThat(bar.width).as(step.name()).isCloseTo(Math.max(2, step.duration() * scale), within(1.5));
			assertThat(rows.nth(i)).containsText(step.name());
			assertThat(rows.nth(i).locator(".nt-hidden"))
				.hasText(Pattern.compile("begins after (0|[\\d.]+ (µs|ms|s)), takes"));
		}
		Locator overview = details().locator(".nt-request .nt-track");
		assertThat(overview.locator(".nt-bar").first()).hasAttribute("data-phase", "other");
		assertThat(overview.locator(".nt-bar").first().boundingBox().width).isCloseTo(overview.boundingBox().width,
				within(1.0));
	}

	@Test
	void filtersByHostTimeAndFailure() {
		SampleApplication application = SampleApplication.get(Kind.SERVLET);
		application.send(target.url("/"));
		RecentRequest slow = application.send(target.url("/slow"));
		RecentRequest missing = application.send(target.url("/missing"));
		RecentRequest refused = application.send("http://" + refusing() + "/");
		navigate(application);
		int all = items().count();
		// on a busy machine either may be the slower one
		boolean expected = slow.duration() > missing.duration();
		double between = (slow.duration() + missing.duration()) / 2;
		this.page.getByLabel("Slower than").fill(String.valueOf(between * 1000));
		assertThat(item(expected ? slow : missing)).isVisible();
		assertThat(item(expected ? missing : slow)).hasCount(0);
		this.page.getByLabel("Slower than").fill("");
		assertThat(items()).hasCount(all);
		this.page.getByLabel("Failed only").check();
		assertThat(item(slow)).hasCount(0);
		assertThat(item(missing)).containsText("✕ 404");
		assertThat(item(refused)).isVisible();
		this.page.getByLabel("Host").selectOption("localhost");
		assertThat(item(missing)).isVisible();
		assertThat(item(refused)).hasCount(0);
		assertThat(this.page.getByRole(AriaRole.STATUS)).hasText(Pattern.compile("\\d+ of " + all + " requests"));
		this.page.getByLabel("Slower than").fill("100000");
		assertThat(this.page.locator("#empty")).hasText("None of the last requests matches.");
	}

	@Test
	void whatComesLeavesFocusAndSelectionWhereTheyAre() {
		SampleApplication application = SampleApplication.get(Kind.SERVLET);
		RecentRequest first = application.send(target.url("/"));
		RecentRequest second = application.send(target.url("/"));
		navigate(application);
		item(first).click();
		item(second).focus();
		String before = details().innerText();
		RecentRequest third = application.send(target.url("/"));
		assertThat(item(third)).isVisible();
		assertThat(item(second)).isFocused();
		assertThat(item(first)).hasAttribute("aria-current", "true");
		assertThat(details().innerText()).isEqualTo(before);
		assertThat(this.page.getByRole(AriaRole.STATUS)).isEmpty();
		this.page.locator("#pause").click();
		RecentRequest fourth = application.send(target.url("/"));
		assertThat(this.page.getByRole(AriaRole.STATUS)).containsText("Paused");
		assertThat(item(fourth)).hasCount(0);
		this.page.locator("#pause").click();
		assertThat(item(fourth)).isVisible();
	}

	@Test
	void requestsStandSideBySideOnOneScale() {
		SampleApplication application = SampleApplication.get(Kind.SERVLET);
		RecentRequest slow = application.send(target.url("/slow"));
		RecentRequest fast = application.send(target.url("/"));
		navigate(application);
		item(slow).click();
		this.page.getByText("Compare with another").click();
		assertThat(title()).hasText("Choose the other request in the list");
		item(fast).click();
		assertThat(title()).hasText("Two requests on one scale");
		Locator panels = details().locator("article");
		assertThat(panels.locator("> h3")).hasText(new String[] { "GET localhost/slow", "GET localhost/" });
		BoundingBox left = panels.nth(0).locator(".nt-request .nt-bar").first().boundingBox();
		BoundingBox right = panels.nth(1).locator(".nt-request .nt-bar").first().boundingBox();
		assertThat(right.x).isGreaterThan(left.x + left.width);
		assertThat(right.y).isCloseTo(left.y, within(1.0));
		assertThat(right.width).isCloseTo(left.width * fast.duration() / slow.duration(), within(2.0));
		assertThat(details().locator(".nt-table thead th"))
			.hasText(new String[] { "Phase", "First", "Second", "Difference" });
		String sign = (fast.duration() < slow.duration()) ? "−" : "+";
		assertThat(details().locator(".nt-table tfoot td").last()).containsText(sign);
		this.page.getByText("Stop comparing").click();
		assertThat(panels).hasCount(1);
		assertThat(title()).hasText("GET localhost/");
	}

	@Test
	void worksByKeyboardAlone() {
		SampleApplication application = SampleApplication.get(Kind.SERVLET);
		RecentRequest first = application.send(target.url("/first"));
		RecentRequest second = application.send(target.url("/second"));
		navigate(application);
		for (Locator next : List.of(this.page.locator("#pause"), this.page.getByLabel("Host"),
				this.page.getByLabel("Slower than"), this.page.getByLabel("Failed only"), item(second))) {
			this.page.keyboard().press("Tab");
			assertThat(next).isFocused();
		}
		this.page.keyboard().press("ArrowDown");
		assertThat(item(first)).isFocused();
		this.page.keyboard().press("Enter");
		assertThat(title()).hasText("GET localhost/first");
		assertThat(item(first)).isFocused();
		this.page.locator("#compare").focus();
		this.page.keyboard().press("Enter");
		assertThat(this.page.locator("#compare")).isFocused();
		item(second).focus();
		this.page.keyboard().press("Enter");
		assertThat(details().locator("article")).hasCount(2);
		assertThat(item(second)).isFocused();
		this.page.keyboard().press("ArrowUp");
		assertThat(item(second)).isFocused();
	}

	@ParameterizedTest
	@EnumSource(names = { "LIGHT", "DARK" })
	void fitsAPhone(ColorScheme scheme) {
		open(new Browser.NewContextOptions().setViewportSize(PHONE, 844).setColorScheme(scheme).setHasTouch(true));
		show(SampleApplication.get(Kind.SERVLET), Requests.everything(), Requests.kept("6", null),
				Requests.withHost("a.host.with-a-name-that-is-very-long.and-has.no.blank.".repeat(4)));
		fits("list");
		this.page.locator("a[href='#8']").tap();
		assertThat(title()).isFocused();
		assertThat(this.page.locator("#list")).isHidden();
		fits("details");
		accessible();
		this.page.getByText("Compare with another").tap();
		assertThat(this.page.locator("#list")).isVisible();
		this.page.locator("a[href='#2']").tap();
		assertThat(details().locator("article")).hasCount(2);
		fits("compare");
		this.page.getByText("All requests").tap();
		assertThat(this.page.locator("a[href='#2']")).isFocused();
		assertThat(this.page.evaluate("getComputedStyle(document.body).backgroundColor"))
			.isEqualTo((scheme == ColorScheme.DARK) ? "rgb(19, 24, 22)" : "rgb(251, 250, 247)");
	}

	/**
	 * Nothing scrolls sideways, neither the page nor a part of it.
	 */
	private void fits(String what) {
		assertThat((List<?>) this.page.evaluate(
				"[...document.querySelectorAll('section, section *')].filter((it) => it.getBoundingClientRect().right > innerWidth || it.id === 'details' && it.scrollWidth > it.clientWidth).map((it) => it.outerHTML)"))
			.as(what)
			.isEmpty();
		assertThat(this.page.evaluate("document.documentElement.scrollWidth")).as(what).isEqualTo(PHONE);
	}

	@ParameterizedTest
	@EnumSource(names = { "LIGHT", "DARK" })
	void isAccessible(ColorScheme scheme) {
		open(new Browser.NewContextOptions().setViewportSize(1280, 900).setColorScheme(scheme));
		show(SampleApplication.get(Kind.SERVLET), Requests.everything(), Requests.kept("6", null), Requests.minimal());
		accessible();
		this.page.locator("a[href='#8']").click();
		accessible();
		this.page.getByText("Compare with another").click();
		this.page.locator("a[href='#6']").click();
		assertThat(details().locator("article")).hasCount(2);
		accessible();
	}

	private void accessible() {
		this.page.evaluate(axe());
		Object violations = this.page.evaluate(
				"axe.run().then((it) => it.violations.map((each) => each.id + ': ' + each.nodes.map((node) => node.html + ' ' + node.failureSummary).join()))");
		assertThat((List<?>) violations).isEmpty();
	}

	private static String axe() {
		try (InputStream script = PageBrowserTests.class.getResourceAsStream("/axe.min.js")) {
			assertThat(script).isNotNull();
			return new String(script.readAllBytes(), StandardCharsets.UTF_8);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Every text of the JSON contains HTML.
	 */
	@Test
	void hostileTextStaysText() {
		String attack = "<img src=x onerror=alert(1)><script>alert(2)</script>\"'";
		RecentRequest it = Requests.everything();
		RecentRequest.Connection connection = new RecentRequest.Connection(attack, true, 1.0, 2.0, 3, attack, 4, attack,
				attack, new RecentRequest.Opener(attack, attack, null));
		show(SampleApplication.get(Kind.SERVLET),
				new RecentRequest("8", it.time(), attack, attack, attack, attack, 443, true, attack, attack,
						it.duration(), attack, attack, attack, attack, 2, connection, it.phases(),
						List.of(new RecentRequest.Step("dns", attack, 0, 0.1, attack, List.of(attack), attack, 1)), 1,
						List.of(new RecentRequest.Failure(attack, attack, attack))));
		items().first().click();
		assertThat(title()).hasText(attack + " " + attack + attack);
		assertThat(details().locator(".verdict")).hasText(attack);
		assertThat(details().locator(".nt-name").last()).hasText(attack);
		assertThat(details().locator(".nt-detail")).hasText(attack + " · " + attack);
		assertThat(this.page.getByLabel("Host").locator("option").last()).hasText(attack);
		assertThat(this.page.locator("img, body script")).hasCount(0);
	}

	@Test
	void openerIsATraceIfItIsNotListedAndMayBeTheRequestItself() {
		show(SampleApplication.get(Kind.SERVLET),
				Requests.kept("6",
						new RecentRequest.Opener("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7", null)),
				Requests.kept("5", new RecentRequest.Opener(null, null, null)),
				Requests.kept("4", new RecentRequest.Opener(null, null, "4")));
		this.page.locator("a[href='#6']").click();
		assertThat(details().locator(".facts")).containsText("opened by trace 4bf92f3577b34da6a3ce929d0e0e4736");
		assertThat(details().locator(".facts a")).hasCount(0);
		this.page.locator("a[href='#5']").click();
		assertThat(details().locator(".facts")).not().containsText("opened by");
		assertThat(this.page.locator("a[href='#5']")).containsText("kept connection");
		this.page.locator("#list a[href='#4']").click();
		assertThat(details().locator(".facts")).containsText("opened by this request");
		assertThat(details().locator(".facts a")).hasCount(0);
		assertThat(this.page.locator("#list a[href='#4']")).not().containsText("kept connection");
	}

	/**
	 * With devtools an application is restarted all the time, and its ids begin anew.
	 */
	@Test
	void whatWasReadStaysUntilTheApplicationIsBack() {
		Answer answer = new Answer(List.of(Requests.everything()));
		show(SampleApplication.get(Kind.SERVLET), answer);
		this.page.getByLabel("Host").selectOption("api.example.com");
		items().first().click();
		answer.requests = null;
		assertThat(this.page.getByRole(AriaRole.STATUS)).hasText("The application does not answer. Trying again.");
		assertThat(items()).hasCount(1);
		RecentRequest it = Requests.everything();
		RecentRequest other = new RecentRequest("8", it.time().plusSeconds(60), null, "GET", "/other", "other", 80,
				false, "200", null, it.duration(), "other", "Other words", null, null, 1, null, it.phases(), List.of(),
				0, List.of());
		answer.requests = List.of(other);
		this.page.getByLabel("Host").selectOption("All hosts");
		assertThat(items().first()).containsText("GET other/other");
		assertThat(this.page.getByRole(AriaRole.STATUS)).isEmpty();
		assertThat(title()).hasText("POST api.example.com/orders/{id}");
		assertThat(details()).containsText("no longer in the list");
		assertThat(items().first()).not().hasAttribute("aria-current", "true");
		// The browser itself logs a request that failed
		this.errors.removeIf((error) -> error.contains("net::ERR_FAILED"));
	}

	@ParameterizedTest
	@ValueSource(strings = { "#%", "#99", "#<b>" })
	void addressOfWhatIsNotThereIsNoSelection(String hash) {
		SampleApplication application = SampleApplication.get(Kind.SERVLET);
		answer(new Answer(List.of(Requests.minimal())));
		this.origin = application.url("/");
		this.page.navigate(application.url("/nettrace/index.html") + hash);
		assertThat(items()).hasCount(1);
		assertThat(title()).hasText("No request is selected");
		assertThat(details()).containsText("Select a request");
		assertThat(this.page.getByRole(AriaRole.STATUS)).isEmpty();
	}

	@Test
	void saysThatThereIsNothingYet() {
		SampleApplication application = SampleApplication.get(Kind.SERVLET);
		Answer answer = new Answer(List.of());
		answer(answer);
		this.origin = application.url("/");
		this.page.navigate(application.url("/nettrace"));
		assertThat(this.page.locator("#empty")).containsText("No request yet");
		answer.requests = IntStream.rangeClosed(1, 50)
			.mapToObj((id) -> Requests.kept(String.valueOf(51 - id), null))
			.toList();
		assertThat(items()).hasCount(50);
		assertThat(this.page.locator("#empty")).isHidden();
	}

	@ParameterizedTest
	@EnumSource(names = ".*_SECURED", mode = EnumSource.Mode.MATCH_ANY)
	void isShownAfterLogin(Kind kind) {
		SampleApplication application = SampleApplication.get(kind);
		RecentRequest request = application.send(target.url("/"));
		this.origin = application.url("/");
		this.page.navigate(application.url("/nettrace"));
		this.page.getByPlaceholder("Username").fill("ada");
		this.page.getByPlaceholder("Password").fill("secret");
		// The login page is not ours
		this.errors.clear();
		this.page.getByRole(AriaRole.BUTTON).click();
		assertThat(item(request)).isVisible();
		assertThat(this.page).hasURL(application.url("/nettrace/index.html"));
		this.page.context().clearCookies();
		assertThat(this.page.getByRole(AriaRole.STATUS)).hasText("You are logged out. Reload the page to log in.");
		assertThat(item(request)).isVisible();
		this.errors.removeIf((error) -> error.contains("status of 401"));
	}

	/**
	 * Some applications show their login page in place of any other, with status 200.
	 */
	@Test
	void loginPageIsNotTakenForRequests() {
		SampleApplication application = SampleApplication.get(Kind.SERVLET);
		this.page.route("**/nettrace/requests", (route) -> route
			.fulfill(new Route.FulfillOptions().setContentType("text/html").setBody("<h1>Log in</h1>")));
		this.origin = application.url("/");
		this.page.navigate(application.url("/nettrace"));
		assertThat(this.page.getByRole(AriaRole.STATUS)).hasText("You are logged out. Reload the page to log in.");
	}

	@ParameterizedTest
	@ValueSource(strings = { "/team/a", "/x" })
	void worksBehindThePrefixOfAProxy(String prefix) {
		SampleApplication application = SampleApplication.get(Kind.REACTIVE);
		RecentRequest request = application.send(target.url("/"));
		try (PrefixProxy proxy = PrefixProxy.start(prefix, application.url(""))) {
			this.origin = proxy.url("/");
			this.page.navigate(proxy.url("/nettrace"));
			assertThat(item(request)).isVisible();
			assertThat(this.page).hasURL(proxy.url("/nettrace/index.html"));
			assertThat(this.urls).allSatisfy((url) -> assertThat(url).startsWith(proxy.url("/nettrace")));
			leave();
		}
	}

	/**
	 * Pictures for the documentation, if {@code -Dpictures=DIRECTORY} says where.
	 */
	@Test
	@EnabledIfSystemProperty(named = "pictures", matches = ".+")
	void pictures() {
		String directory = System.getProperty("pictures");
		SampleApplication application = SampleApplication.get(Kind.SERVLET);
		// The first requests of a process load classes
		IntStream.range(0, 50).forEach((i) -> {
			try (Target once = Target.start()) {
				sendDifferentRequests(application, once);
			}
		});
		RecentRequest[] sent = sendDifferentRequests(application, target);
		RecentRequest first = sent[0];
		RecentRequest second = sent[1];
		navigate(application);
		item(first).click();
		picture(directory, "page");
		this.page.getByText("Compare with another").click();
		item(second).click();
		assertThat(details().locator("article")).hasCount(2);
		picture(directory, "page-compare");
	}

	private static RecentRequest[] sendDifferentRequests(SampleApplication application, Target target) {
		application.send("http://" + refusing() + "/stock");
		RecentRequest first = application.send(target.secureUrl("/orders"));
		RecentRequest second = application.send(target.secureUrl("/orders"));
		application.send(target.secureUrl("/slow"));
		application.send(target.url("/missing"));
		return new RecentRequest[] { first, second };
	}

	private void picture(String directory, String name) {
		this.page.screenshot(new Page.ScreenshotOptions().setPath(Path.of(directory, name + ".png")));
	}

	private void navigate(SampleApplication application) {
		this.origin = application.url("/");
		this.page.navigate(application.url("/nettrace"));
		items().first().waitFor();
	}

	/**
	 * Show the page with requests that were not sent.
	 */
	private void show(SampleApplication application, RecentRequest... requests) {
		show(application, new Answer(List.of(requests)));
	}

	private void show(SampleApplication application, Answer answer) {
		answer(answer);
		navigate(application);
	}

	private void answer(Answer answer) {
		this.page.route("**/nettrace/requests", (route) -> {
			List<RecentRequest> requests = answer.requests;
			if (requests == null) {
				route.abort();
			}
			else {
				route.fulfill(new Route.FulfillOptions().setContentType("application/json")
					.setBody(RequestsJson.of(requests)));
			}
		});
	}

	/**
	 * What is answered in place of the application; none if there are no requests.
	 */
	private static final class Answer {

		private volatile @Nullable List<RecentRequest> requests;

		Answer(List<RecentRequest> requests) {
			this.requests = requests;
		}

	}

	private static String refusing() {
		try (RefusingAddress address = RefusingAddress.open()) {
			return "127.0.0.1:" + address.address().getPort();
		}
	}

	private Locator items() {
		return this.page.locator("#list a");
	}

	private Locator item(RecentRequest request) {
		return this.page.locator("#list a[href='#" + request.id() + "']");
	}

	private Locator title() {
		return this.page.locator("#details-title");
	}

	private Locator details() {
		return this.page.locator("#details");
	}

}
