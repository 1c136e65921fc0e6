package io.nettrace.autoconfigure;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A part of the documentation that comes from the code. With
 * {@code -Dnettrace.docs.write=true} it is written anew.
 */
final class DocumentedBlock {

	static final Path DOCS = Path.of("..", "docs");

	private DocumentedBlock() {
	}

	static void check(String file, String name, String expected) throws IOException {
		Path path = DOCS.resolve(file);
		String text = Files.readString(path);
		String start = "<!-- from the code: " + name + " -->\n";
		String end = "<!-- end -->";
		int from = text.indexOf(start);
		assertThat(from).as(start).isNotNegative();
		int to = text.indexOf(end, from);
		if (Boolean.getBoolean("nettrace.docs.write")) {
			Files.writeString(path, text.substring(0, from) + start + expected + text.substring(to));
		}
		else {
			assertThat(text.substring(from + start.length(), to)).as(file).isEqualTo(expected);
		}
	}

}
