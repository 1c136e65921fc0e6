package io.nettrace.benchmarks;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The results of a program other than JMH, for the results file.
 */
final class Section {

	private static final int SMALLEST_OBJECT = 16;

	private final String title;

	private final String command;

	private final List<String> lines = new ArrayList<>();

	/**
	 * Begin a section.
	 * @param title its heading; the Java version is added
	 * @param program the class that makes it
	 * @param before what comes before {@code java} on the command line
	 */
	Section(String title, Class<?> program, String before) {
		this.title = title + " on Java " + Runtime.version().feature();
		this.command = before + "java -cp benchmarks/target/benchmarks.jar " + program.getName();
	}

	/**
	 * Add a sentence, which becomes a paragraph.
	 */
	void say(String format, Object... args) {
		this.lines.add(format(format, args));
		this.lines.add("");
	}

	/**
	 * Begin a table.
	 */
	void head(String... columns) {
		row((Object[]) columns);
		this.lines.add("| --- |" + " ---: |".repeat(columns.length - 1));
	}

	/**
	 * Add a row to the table.
	 */
	void row(Object... cells) {
		StringBuilder line = new StringBuilder("|");
		for (Object cell : cells) {
			line.append(' ').append(cell).append(" |");
		}
		this.lines.add(line.toString());
	}

	/**
	 * End a table.
	 */
	void end() {
		this.lines.add("");
	}

	static String format(String format, Object... args) {
		return String.format(Locale.ROOT, format, args);
	}

	static String verdict(boolean met) {
		return met ? "met" : "**not met**";
	}

	/**
	 * Anything less than the smallest object counts as none.
	 */
	static String verdictOnBytes(double is, double most) {
		return verdict(is <= most || is < SMALLEST_OBJECT);
	}

	List<String> lines() {
		return this.lines;
	}

	/**
	 * Print the section and put it into the results file.
	 */
	void publish() throws IOException {
		List<String> all = new ArrayList<>(List.of("## " + this.title, ""));
		all.addAll(Surroundings.describe(this.command));
		all.addAll(this.lines);
		all.forEach(System.out::println);
		ResultsFile.ofTheProject().write(this.title, all);
	}

}
