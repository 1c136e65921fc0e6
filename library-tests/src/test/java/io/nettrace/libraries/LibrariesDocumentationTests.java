package io.nettrace.libraries;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The table and the recipes in {@code docs/libraries.md} are those of the tests. With
 * {@code -Dnettrace.docs.write=true} they are written anew.
 */
class LibrariesDocumentationTests {

	private static final Path PAGE = Path.of("..", "docs", "libraries.md");

	private static final Path SOURCES = Path.of("src", "test", "java", "io", "nettrace", "libraries");

	private static final Pattern JAR = Pattern.compile(".*/(?<artifact>[^/]+?)-(?<version>\\d[^/]*)\\.jar$");

	private static final Pattern RECIPE = Pattern
		.compile("(?ms)^\\s*// recipe: (?<name>\\S+)\\n(?<code>.*?)^\\s*// end$");

	private static final Pattern DOCUMENTED = Pattern
		.compile("(?ms)^<!-- recipe: (?<name>\\S+) -->\\n(?<code>.*?)^<!-- end -->$");

	private static final Pattern TABLE = Pattern
		.compile("(?ms)(?<=^<!-- from the tests: LIBRARIES -->\\n).*?(?=^<!-- end -->$)");

	@Test
	void tableIsThatOfTheTests() throws IOException {
		String page = Files.readString(PAGE);
		Matcher table = TABLE.matcher(page);
		assertThat(table.find()).as("a place for the table").isTrue();
		if (Boolean.getBoolean("nettrace.docs.write")) {
			Files.writeString(PAGE, page.substring(0, table.start()) + table() + page.substring(table.end()));
		}
		else {
			assertThat(table.group()).isEqualTo(table());
		}
	}

	@Test
	void recipesAreThoseOfTheTests() throws IOException {
		String page = Files.readString(PAGE);
		Map<String, String> recipes = recipes();
		if (Boolean.getBoolean("nettrace.docs.write")) {
			page = DOCUMENTED.matcher(page)
				.replaceAll((match) -> Matcher.quoteReplacement("<!-- recipe: " + match.group(1) + " -->\n"
						+ recipes.getOrDefault(match.group(1), match.group(2)) + "<!-- end -->"));
			Files.writeString(PAGE, page);
		}
		Map<String, String> documented = new TreeMap<>();
		DOCUMENTED.matcher(page).results().forEach((match) -> documented.put(match.group(1), match.group(2)));
		assertThat(documented).isEqualTo(recipes);
	}

	private static Map<String, String> recipes() throws IOException {
		Map<String, String> recipes = new TreeMap<>();
		try (Stream<Path> files = Files.list(SOURCES)) {
			for (Path file : files.filter((path) -> path.toString().endsWith("Tests.java")).toList()) {
				RECIPE.matcher(Files.readString(file))
					.results()
					.forEach((match) -> recipes.put(match.group(1), "```java\n"
							+ match.group(2).stripTrailing().stripIndent().replace("\t", "    ") + "\n```\n"));
			}
		}
		return recipes;
	}

	private static String table() throws IOException {
		StringBuilder table = new StringBuilder("""
				| library | version | | shown | below |
				| --- | --- | --- | --- | --- |
				""");
		for (Class<?> test : tests()) {
			Library library = test.getAnnotation(Library.class);
			table.append("| ")
				.append(library.name())
				.append(" | ")
				.append(version(library.of()))
				.append(" | ")
				.append(library.support())
				.append(library.how().isEmpty() ? "" : ": " + how(library))
				.append(" | ")
				.append((library.shows().length == 0) ? "nothing"
						: Stream.of(library.shows()).sorted().map(Step::toString).collect(Collectors.joining(", ")))
				.append(" | ")
				.append(library.below())
				.append(" |\n");
		}
		return table.toString();
	}

	private static String how(Library library) {
		String how = library.how();
		return (library.support() == Support.RECIPE)
				? "[" + how + "](#" + how.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9 -]", "").replace(' ', '-') + ")"
				: "`" + how + "`";
	}

	private static List<Class<?>> tests() throws IOException {
		try (Stream<Path> files = Files.list(SOURCES)) {
			return files.map((file) -> file.getFileName().toString())
				.filter((name) -> name.endsWith("Tests.java"))
				.<Class<?>>map((name) -> load(name.substring(0, name.length() - 5)))
				.filter((type) -> type.isAnnotationPresent(Library.class))
				.sorted(Comparator.comparing((type) -> type.getAnnotation(Library.class).name()))
				.toList();
		}
	}

	private static Class<?> load(String name) {
		try {
			return Class.forName(LibrariesDocumentationTests.class.getPackageName() + "." + name);
		}
		catch (ClassNotFoundException ex) {
			throw new IllegalStateException(ex);
		}
	}

	/**
	 * As the name of the jar says.
	 */
	private static String version(Class<?> type) {
		URL jar = type.getProtectionDomain().getCodeSource().getLocation();
		Matcher matcher = JAR.matcher(jar.getPath());
		if (!matcher.matches()) {
			throw new UncheckedIOException(new IOException("No version in " + jar));
		}
		return matcher.group("artifact") + " " + matcher.group("version");
	}

}
