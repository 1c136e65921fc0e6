package io.nettrace.docs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * The site in a real browser, opened from its folder, without a network. Skipped where
 * there is no Chromium, unless {@code NETTRACE_BROWSER_REQUIRED} is {@code true}.
 */
@EnabledIfSystemProperty(named = "nettrace.tests", matches = "all", disabledReason = "-Dnettrace.tests=all")
class BrowserTests {

	private static final List<String> FLAGS = List.of("--no-sandbox", "--disable-gpu", "--no-first-run",
			"--disable-background-networking", "--disable-component-update", "--disable-sync");

	/**
	 * The contrast between an element's text and what is behind it, as WCAG 2.2 counts
	 * it.
	 */
	private static final String CONTRAST = """
			(element) => {
				const channels = (color) => color.match(/[\\d.]+/g).map(Number);
				const luminance = (color) => {
					const [r, g, b] = channels(color).map((part) => part / 255)
						.map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
					return 0.2126 * r + 0.7152 * g + 0.0722 * b;
				};
				let back = element;
				while (channels(getComputedStyle(back).backgroundColor)[3] === 0) {
					back = back.parentElement;
				}
				const both = [luminance(getComputedStyle(element).color), luminance(getComputedStyle(back).backgroundColor)];
				return (Math.max(...both) + 0.05) / (Math.min(...both) + 0.05) + 0.0001;
			}""";

	@TempDir
	private static Path site;

	private static List<Page> pages = List.of();

	private static Playwright playwright;

	private static Browser browser;

	private final List<String> errors = new ArrayList<>();

	@BeforeAll
	static void start() throws IOException {
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
		DocsSite docs = new DocsSite(Path.of(".."));
		docs.write(site);
		pages = List.copyOf(docs.pages().values());
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

	@AfterEach
	void nothingWentWrong() {
		assertThat(this.errors).isEmpty();
	}

	private com.microsoft.playwright.Page open(int width, ColorScheme scheme) {
		com.microsoft.playwright.Page page = browser
			.newContext(
					new Browser.NewContextOptions().setViewportSize(width, 900).setColorScheme(scheme).setOffline(true))
			.newPage();
		page.onConsoleMessage((message) -> this.errors.add(message.text()));
		page.onPageError(this.errors::add);
		page.onRequest((request) -> {
			if (!request.url().startsWith("file:")) {
				this.errors.add(request.url());
			}
		});
		return page;
	}

	private static void show(com.microsoft.playwright.Page page, String target) {
		page.navigate(site.resolve(target).toUri().toString());
	}

	/**
	 * Also on a telephone no page is wider than the screen: what is wide scrolls by
	 * itself.
	 */
	@ParameterizedTest
	@ValueSource(ints = { 390, 1280 })
	void everyPageFitsAndIsStyled(int width) {
		try (com.microsoft.playwright.Page page = open(width, ColorScheme.LIGHT)) {
			for (Page each : pages) {
				show(page, each.target());
				assertThat(page.locator("h1").first()).hasText(each.title());
				assertThat(page.evaluate("document.documentElement.scrollWidth")).as(each.source()).isEqualTo(width);
				assertThat(page.evaluate("getComputedStyle(document.querySelector('header')).position"))
					.isEqualTo("sticky");
				assertThat((Boolean) page
					.evaluate("[...document.images].every((image) => image.complete && image.naturalWidth > 0)"))
					.as(each.source())
					.isTrue();
			}
		}
	}

	@Test
	void searchLeadsToTheSection() {
		try (com.microsoft.playwright.Page page = open(1280, ColorScheme.DARK)) {
			show(page, "clients.html");
			Locator results = page.locator("#results");
			assertThat(results).isHidden();
			page.keyboard().press("/");
			page.keyboard().type("Connection prematurely closed BEFORE response");
			assertThat(results.getByRole(AriaRole.LINK).first())
				.hasText("Symptoms: Connection prematurely closed BEFORE response");
			assertThat(results.locator("p[role=status]")).containsText("section");
			page.keyboard().press("Enter");
			assertThat(page)
				.hasURL(Pattern.compile(".*/symptoms\\.html#connection-prematurely-closed-before-response$"));
			assertThat(page.locator("#connection-prematurely-closed-before-response")).isInViewport();
			page.getByRole(AriaRole.SEARCHBOX).fill("no-such-word-anywhere");
			assertThat(page.locator("#results p[role=status]")).hasText("0 sections");
			page.keyboard().press("Escape");
			assertThat(page.locator("#results")).isHidden();
		}
	}

	@Test
	void listOfPagesIsFoldedOnATelephone() {
		try (com.microsoft.playwright.Page page = open(390, ColorScheme.DARK)) {
			show(page, "symptoms.html");
			Locator link = page.locator("nav").getByText("Compatibility");
			assertThat(link).isHidden();
			page.locator("nav summary").click();
			link.click();
			assertThat(page.locator("h1")).hasText("Compatibility");
			assertThat(page.locator("nav [aria-current]")).hasText("Compatibility");
		}
	}

	/**
	 * At three in the morning the way to the section must not be out of sight.
	 */
	@Test
	void tableOfSymptomsFitsATelephone() {
		try (com.microsoft.playwright.Page page = open(390, ColorScheme.DARK)) {
			show(page, "symptoms.html");
			assertThat((Boolean) page.locator(".wide")
				.first()
				.evaluate("(table) => table.scrollWidth <= table.clientWidth")).isTrue();
		}
	}

	@Test
	void lightAndDarkAreReadable() {
		for (ColorScheme scheme : List.of(ColorScheme.LIGHT, ColorScheme.DARK)) {
			try (com.microsoft.playwright.Page page = open(1280, scheme)) {
				show(page, "symptoms.html");
				for (String selector : List.of("main p", "main a", "nav a", "nav h2", "nav ul ul a", "td code",
						"label")) {
					assertThat((Double) page.locator(selector).first().evaluate(CONTRAST)).as(scheme + " " + selector)
						.isGreaterThan(4.5);
				}
			}
		}
	}

}
