package io.nettrace.docs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * The site of this repository has no dead link, neither between pages nor to files and
 * images, and one that is dead is found.
 */
class DocsSiteTests {

	private static final Path ROOT = Path.of("..");

	private static final Pattern LINK = Pattern.compile("(?:href|src)=\"([^\"]*)\"");

	private static final Pattern HEADING = Pattern.compile("<h[1-6] id=\"([^\"]*)\">");

	@TempDir
	private Path temp;

	private Path site = Path.of("");

	@BeforeEach
	void nameFolders() {
		this.site = this.temp.resolve("site");
	}

	@Test
	void noLinkOfTheDocumentationIsDead() throws IOException {
		DocsSite docs = new DocsSite(ROOT);
		docs.write(this.site);
		assertThat(docs.links().broken()).isEmpty();
		try (Stream<Path> files = Files.list(ROOT.resolve("docs"))) {
			assertThat(docs.pages().keySet()).contains("README.md")
				.containsAll(files.filter((file) -> file.toString().endsWith(".md"))
					.map((file) -> "docs/" + file.getFileName())
					.toList());
		}
	}

	/**
	 * What is written is read again, as a browser does: the pages, their headings and all
	 * that they ask for.
	 */
	@Test
	void everyLinkOfTheSiteLeadsToAFileOfIt() throws IOException {
		DocsSite docs = new DocsSite(ROOT);
		docs.write(this.site);
		Map<String, Set<String>> headings = docs.pages()
			.values()
			.stream()
			.collect(Collectors.toMap(Page::target, (page) -> matches(HEADING, html(page.target()))));
		int checked = 0;
		for (Page page : docs.pages().values()) {
			assertThat(headings.get(page.target())).as(page.source())
				.containsExactlyInAnyOrderElementsOf(page.anchors());
			for (String link : matches(LINK, html(page.target()))) {
				if (link.matches("(https?|mailto):.*") || link.equals("#content")) {
					continue;
				}
				String[] fileAndAnchor = link.split("#", 2);
				String file = fileAndAnchor[0].isEmpty() ? page.target() : fileAndAnchor[0];
				assertThat(this.site.resolve(file)).as(page.source() + ": " + link).exists();
				if (fileAndAnchor.length == 2) {
					assertThat(headings.get(file)).as(page.source() + ": " + link).contains(fileAndAnchor[1]);
				}
				checked++;
			}
		}
		assertThat(checked).isGreaterThan(300);
	}

	@Test
	void everyPageIsInTheNavigationOnce() throws IOException {
		DocsSite docs = new DocsSite(ROOT);
		docs.write(this.site);
		String navigation = html("index.html").split("</nav>", -1)[0].split("<nav", -1)[1];
		for (Page page : docs.pages().values()) {
			assertThat(navigation.split("<a href=\"" + page.target() + "\"", -1)).as(page.source()).hasSize(2);
		}
	}

	@Test
	void pagesHaveNoInlineScriptAndAskForNothingFromElsewhere() throws IOException {
		DocsSite docs = new DocsSite(ROOT);
		docs.write(this.site);
		for (Page page : docs.pages().values()) {
			assertThat(html(page.target())).as(page.source())
				.contains("default-src 'none'")
				.doesNotContainPattern("<script(?! src=\"(index|search)\\.js\" defer></script>)")
				.doesNotContainPattern("<[^>]+\\s(on[a-z]+|style)=")
				.doesNotContainPattern("src=\"(https?:)?//");
		}
		for (String asset : List.of("style.css", "search.js")) {
			assertThat(Files.readString(this.site.resolve(asset))).doesNotContainPattern("(https?:)?//[a-z]");
		}
	}

	@Test
	void deadLinksAreFound() throws IOException {
		write("README.md", "# Start\n\n[a](docs/a.md#there) [gone](docs/gone.md) ![gone](docs/images/gone.png)\n");
		write("docs/a.md", """
				# A

				## There

				[up](../README.md#start) [nowhere](#nowhere) [elsewhere](https://example.org/#x) [code](../pom.xml)
				[missing](../missing.yml) [GitHub](https://github.com/nettrace/nettrace/blob/main/docs/a.md#gone)
				""");
		write("pom.xml", "<project/>");
		DocsSite docs = new DocsSite(this.temp);
		docs.write(this.site);
		assertThat(docs.links().broken()).containsExactlyInAnyOrder("README.md: docs/gone.md: no such file",
				"README.md: docs/images/gone.png: no such file", "docs/a.md: #nowhere: no such heading",
				"docs/a.md: ../missing.yml: no such file", "README.md: docs/a.md#gone: no such heading");
		assertThat(html("a.html")).contains("href=\"index.html#start\"", "href=\"https://example.org/#x\"",
				"href=\"https://github.com/nettrace/nettrace/blob/main/pom.xml\"");
		assertThatIllegalStateException()
			.isThrownBy(() -> DocsSite.main(new String[] { this.temp.toString(), this.site.toString() }))
			.withMessageContaining("docs/a.md: #nowhere: no such heading");
	}

	@Test
	void anchorsAreThoseOfGitHub() throws IOException {
		write("README.md", """
				# Start

				## 5.0 seconds

				## Connect timed out, Connection refused

				## `Cannot assign requested address`

				## On the request's own span

				## error.type

				## Twice

				## Twice
				""");
		assertThat(Page.read(this.temp, "README.md").anchors()).containsExactlyInAnyOrder("start", "50-seconds",
				"connect-timed-out-connection-refused", "cannot-assign-requested-address", "on-the-requests-own-span",
				"errortype", "twice", "twice-1");
	}

	@Test
	void searchHasTheTextOfEachSection() throws IOException {
		write("README.md",
				"# Start\n\nSome `code`\nand \"text\" \\o/.\n\n## Next\n\n| a | b |\n| - | - |\n| c | d |\n");
		Files.createDirectories(this.temp.resolve("docs"));
		DocsSite docs = new DocsSite(this.temp);
		docs.write(this.site);
		assertThat(this.site.resolve("index.js")).hasContent("""
				const sections = [
				["index.html#start","Start","Start","Some code and \\"text\\" \\\\o/."],
				["index.html#next","Start","Next","a b c d"],
				];
				""");
	}

	/**
	 * Each symptom says all of it, whether or not there is a drawn picture, and the first
	 * table leads to it.
	 */
	@Test
	void everySymptomHasItsMeaningQueryPictureAndFix() throws IOException {
		String symptoms = Files.readString(ROOT.resolve("docs/symptoms.md"));
		String[] parts = symptoms.split("\n## ");
		assertThat(parts.length).isGreaterThan(17);
		for (String symptom : List.of(parts).subList(1, parts.length)) {
			String heading = symptom.lines().findFirst().orElseThrow();
			for (String part : List.of("\n**Query.**", "\n```promql\n", "\nJaeger: ", "\n**Picture.**", "\n**Fix.**")) {
				assertThat(symptom).as(heading).contains(part);
			}
			assertThat(symptom).as(heading).containsAnyOf("\n**What it means.**", "| it means |");
		}
		for (String text : List.of("Timeout waiting for connection from pool", "PoolAcquireTimeoutException",
				"Connection prematurely closed BEFORE response", "NoHttpResponseException", "PKIX path building failed",
				"Received fatal alert", "Connection reset", "Cannot assign requested address", "UnknownHostException",
				"5.0 s", "GOAWAY received", "Read timed out", "the first request is slow")) {
			assertThat(parts[0].lines().filter((line) -> line.startsWith("| ") && line.contains("](#"))).as(text)
				.anySatisfy((line) -> assertThat(line).contains(text));
		}
	}

	@Test
	void pageWithoutTitleIsRefused() throws IOException {
		write("README.md", "Text\n");
		assertThatIllegalArgumentException().isThrownBy(() -> Page.read(this.temp, "README.md"))
			.withMessageContaining("README.md does not begin with a title");
	}

	private void write(String file, String text) throws IOException {
		Path path = this.temp.resolve(file);
		Files.createDirectories(Objects.requireNonNull(path.getParent()));
		Files.writeString(path, text);
	}

	private String html(String file) {
		try {
			return Files.readString(this.site.resolve(file));
		}
		catch (IOException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private static Set<String> matches(Pattern pattern, String text) {
		return pattern.matcher(text).results().map((MatchResult match) -> match.group(1)).collect(Collectors.toSet());
	}

}
