package io.nettrace.api;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

/**
 * The public API of each published module is what its committed list says.
 */
class PublicApiTests {

	private static final String WRITE = "nettrace.api.write";

	private static final Pattern ARTIFACT = Pattern.compile("<artifactId>(nettrace-[^<]*)</artifactId>");

	@ParameterizedTest
	@MethodSource("publishedModulesWithClasses")
	void isAsListed(String module) throws IOException {
		assumeThat(module.equals("nettrace-jvm-resolver") && Runtime.version().feature() < 18)
			.as("%s is built with Java 18 or later", module)
			.isFalse();
		Path list = Path.of(module + ".txt");
		List<String> actual = PublicApi.of(Path.of("..", module, "target", "classes"));
		if (Boolean.getBoolean(WRITE)) {
			Files.write(list, actual);
		}
		List<String> listed = Files.exists(list) ? Files.readAllLines(list) : List.of();
		assertThat(changes(listed, actual))
			.as("The public API of %s is not as public-api/%s lists it. If it should be as it is"
					+ " now, renew the list with -D%s=true (see CONTRIBUTING.md). Changes", module, list, WRITE)
			.isEmpty();
		assertThat(actual).as("order of public-api/%s", list).isEqualTo(listed);
	}

	static Stream<String> publishedModulesWithClasses() throws IOException {
		return ARTIFACT.matcher(Files.readString(Path.of("../nettrace-bom/pom.xml")))
			.results()
			.map((MatchResult match) -> match.group(1))
			.filter((module) -> Files.exists(Path.of("..", module, "src/main/java")))
			.toList()
			.stream();
	}

	private static List<String> changes(List<String> before, List<String> after) {
		Set<String> gone = withTypes(before);
		Set<String> come = withTypes(after);
		return Stream
			.concat(gone.stream().filter((line) -> !come.contains(line)).map((line) -> "- " + line),
					come.stream().filter((line) -> !gone.contains(line)).map((line) -> "+ " + line))
			.toList();
	}

	/** Each member with the name of its type, because two types may have the same. */
	private static Set<String> withTypes(List<String> lines) {
		Set<String> result = new LinkedHashSet<>();
		String type = "";
		for (String line : lines) {
			boolean member = line.startsWith("\t");
			type = member ? type : line.replaceFirst(".* (io\\.nettrace[\\w.]*).*", "$1");
			result.add(member ? type + ": " + line.strip() : line);
		}
		return result;
	}

}
