package io.nettrace.docs;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.nettrace.docs.Page.Section;
import org.commonmark.node.AbstractVisitor;
import org.commonmark.node.Image;
import org.commonmark.node.Link;
import org.commonmark.renderer.html.HtmlRenderer;

/**
 * The site of the documentation. All its links are relative, so it works from a folder as
 * well as from a server. It has no inline script, and asks for nothing from elsewhere.
 */
final class DocsSite {

	/**
	 * The pages in the order of the navigation, in groups. A page of {@code docs} that is
	 * not named here is in the last group.
	 */
	private static final Map<String, List<String>> GROUPS = groups();

	private static final List<String> ASSETS = List.of("style.css", "search.js");

	private static final HtmlRenderer RENDERER = HtmlRenderer.builder().extensions(Page.EXTENSIONS).build();

	private final Path root;

	private final Map<String, Page> pages = new LinkedHashMap<>();

	private final Links links;

	/**
	 * Read all pages.
	 * @param root of the repository
	 * @throws IOException if a page cannot be read
	 */
	DocsSite(Path root) throws IOException {
		this.root = root;
		for (String source : sources(root)) {
			this.pages.put(source, Page.read(root, source));
		}
		this.links = new Links(root, this.pages);
	}

	private static Map<String, List<String>> groups() {
		Map<String, List<String>> groups = new LinkedHashMap<>();
		groups.put("Begin", List.of("README.md", "docs/what-changes.md", "docs/page.md", "docs/compatibility.md"));
		groups.put("When something is wrong",
				List.of("docs/symptoms.md", "docs/operating.md", "docs/incidents.md", "docs/troubleshooting.md"));
		groups.put("Reference",
				List.of("docs/observations.md", "docs/dns-queries.md", "docs/happy-eyeballs.md", "docs/clients.md",
						"docs/libraries.md", "docs/properties.md", "docs/endpoint.md", "docs/requests.md",
						"docs/deploying.md", "docs/extending.md", "docs/differences-from-go.md"));
		groups.put("Project", List.of("CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "benchmarks/RESULTS.md"));
		return groups;
	}

	private static Set<String> sources(Path root) throws IOException {
		Set<String> sources = GROUPS.values()
			.stream()
			.flatMap(List::stream)
			.filter((source) -> Files.exists(root.resolve(source)))
			.collect(Collectors.toCollection(LinkedHashSet::new));
		try (Stream<Path> docs = Files.list(root.resolve("docs"))) {
			docs.map((path) -> "docs/" + path.getFileName())
				.filter((source) -> source.endsWith(".md"))
				.sorted()
				.forEach(sources::add);
		}
		return sources;
	}

	/**
	 * Make the site of the repository in the first argument, in the folder that the
	 * second one names.
	 */
	public static void main(String[] args) throws IOException {
		DocsSite site = new DocsSite(Path.of(args[0]));
		site.write(Path.of(args[1]));
		if (!site.links().broken().isEmpty()) {
			throw new IllegalStateException("Dead links:\n" + String.join("\n", site.links().broken()));
		}
	}

	Map<String, Page> pages() {
		return this.pages;
	}

	Links links() {
		return this.links;
	}

	void write(Path target) throws IOException {
		Files.createDirectories(target.resolve("images"));
		for (Page page : this.pages.values()) {
			Files.writeString(target.resolve(page.target()), html(page));
		}
		for (String image : this.links.images()) {
			Path file = this.root.resolve(image);
			if (Files.exists(file)) {
				Files.copy(file, target.resolve("images").resolve(file.getFileName()),
						StandardCopyOption.REPLACE_EXISTING);
			}
		}
		for (String asset : ASSETS) {
			Files.writeString(target.resolve(asset), resource(asset));
		}
		Files.writeString(target.resolve("index.js"), index());
	}

	private static String resource(String name) throws IOException {
		try (InputStream stream = Objects.requireNonNull(DocsSite.class.getResourceAsStream(name), name)) {
			return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
		}
	}

	private String html(Page page) throws IOException {
		return resource("page.html").replace("{title}", escape(page.title()))
			.replace("{navigation}", navigation(page))
			.replace("{content}", content(page));
	}

	private String content(Page page) {
		page.document().accept(new AbstractVisitor() {

			@Override
			public void visit(Link link) {
				link.setDestination(DocsSite.this.links.resolve(page.source(), link.getDestination()));
				visitChildren(link);
			}

			@Override
			public void visit(Image image) {
				image.setDestination(DocsSite.this.links.image(page.source(), image.getDestination()));
			}

		});
		// A wide table or listing scrolls by itself, also with the keyboard
		return RENDERER.render(page.document())
			.replaceAll("(?s)<!--.*?-->\\n?", "")
			.replace("<table>", "<div class=\"wide\" tabindex=\"0\"><table>")
			.replace("</table>", "</table></div>")
			.replace("<pre>", "<pre tabindex=\"0\">");
	}

	private String navigation(Page current) {
		StringBuilder html = new StringBuilder();
		Map<String, List<String>> groups = new LinkedHashMap<>(GROUPS);
		Set<String> named = GROUPS.values().stream().flatMap(List::stream).collect(Collectors.toSet());
		groups.put("More", this.pages.keySet().stream().filter((source) -> !named.contains(source)).toList());
		groups.forEach((group, sources) -> {
			List<Page> pages = sources.stream().map(this.pages::get).filter(Objects::nonNull).toList();
			if (!pages.isEmpty()) {
				html.append("<h2>").append(group).append("</h2>\n<ul>\n");
				pages.forEach((page) -> entry(html, page, page.equals(current)));
				html.append("</ul>\n");
			}
		});
		return html.toString();
	}

	private static void entry(StringBuilder html, Page page, boolean current) {
		html.append("<li><a href=\"").append(page.target()).append('"');
		html.append(current ? " aria-current=\"page\">" : ">");
		html.append(escape(page.title())).append("</a>");
		List<Section> sections = page.sections().stream().filter((section) -> section.level() == 2).toList();
		if (current && !sections.isEmpty()) {
			html.append("\n<ul>\n");
			for (Section section : sections) {
				html.append("<li><a href=\"#").append(section.anchor()).append("\">");
				html.append(escape(section.heading())).append("</a></li>\n");
			}
			html.append("</ul>\n");
		}
		html.append("</li>\n");
	}

	private static String escape(String text) {
		return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
	}

	/**
	 * What the search looks into. It is a script and no JSON file, which a browser does
	 * not load from a folder.
	 */
	private String index() {
		StringBuilder script = new StringBuilder("const sections = [\n");
		for (Page page : this.pages.values()) {
			for (Section section : page.sections()) {
				script.append(Stream
					.of(page.target() + "#" + section.anchor(), page.title(), section.heading(), section.text())
					.map(DocsSite::literal)
					.collect(Collectors.joining(",", "[", "],\n")));
			}
		}
		return script.append("];\n").toString();
	}

	private static String literal(String text) {
		return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
	}

}
