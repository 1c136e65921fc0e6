package io.nettrace.equality;

import java.util.ArrayList;
import java.util.List;

/**
 * Everything observed of a scenario on one client, as lines of text. Several threads may
 * write to it.
 */
final class Transcript {

	private final List<String> lines = new ArrayList<>();

	synchronized void add(String line) {
		this.lines.add(escape(line));
	}

	/**
	 * Printable, and on one line.
	 */
	static String escape(String line) {
		StringBuilder text = new StringBuilder();
		line.chars().forEach((character) -> {
			if (character == '\\' || character < ' ' || (character > '~' && character < 0x100)) {
				text.append("\\x%02x".formatted(character));
			}
			else {
				text.append((char) character);
			}
		});
		return text.toString();
	}

	void add(List<String> lines) {
		lines.forEach(this::add);
	}

	synchronized List<String> lines() {
		return List.copyOf(this.lines);
	}

}
