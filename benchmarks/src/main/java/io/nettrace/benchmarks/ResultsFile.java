package io.nettrace.benchmarks;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The file of measurements. Each kind of measurement has its own section and replaces
 * only that; text written around the sections stays.
 */
final class ResultsFile {

	private final Path path;

	/**
	 * Open a file.
	 * @param path where it is, or will be
	 */
	ResultsFile(Path path) {
		this.path = path;
	}

	/**
	 * Return the file in the sources.
	 */
	static ResultsFile ofTheProject() {
		Path module = Path.of("benchmarks");
		return new ResultsFile((Files.isDirectory(module) ? module : Path.of("")).resolve("RESULTS.md"));
	}

	/**
	 * Replace a section's lines, or append a new section.
	 */
	void write(String section, List<String> lines) throws IOException {
		String begin = "<!-- begin " + section + " -->\n";
		String end = "<!-- end " + section + " -->\n";
		String content = begin + String.join("\n", lines) + "\n" + end;
		String text = Files.exists(this.path) ? Files.readString(this.path) : "# Results\n";
		int from = text.indexOf(begin);
		int to = text.indexOf(end, Math.max(from, 0));
		String written = (from >= 0 && to >= 0) ? text.substring(0, from) + content + text.substring(to + end.length())
				: text + "\n" + content;
		Files.writeString(this.path, written, StandardCharsets.UTF_8);
	}

}
