package io.nettrace.equality;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What one process has written: the normalized transcripts, by client and scenario. A
 * scenario that ran more than once may have several.
 *
 * @param scenarios from "client / scenario" to transcripts
 * @param process what the process reports about itself
 */
record Transcripts(Map<String, Set<List<String>>> scenarios, List<String> process) {

	private static final String BEGIN = "=== ";

	private static final String PROCESS = "=== nettrace";

	static Transcripts read(Path file) {
		try {
			return of(Files.readAllLines(file));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	static Transcripts of(List<String> lines) {
		Map<String, Set<List<String>>> scenarios = new LinkedHashMap<>();
		int end = lines.lastIndexOf(PROCESS);
		if (end < 0) {
			throw new IllegalArgumentException("The process has not come to its end");
		}
		for (int begin = 0; begin < end;) {
			int next = begin + 1;
			while (!lines.get(next).startsWith(BEGIN)) {
				next++;
			}
			scenarios.computeIfAbsent(lines.get(begin).substring(BEGIN.length()), (key) -> new LinkedHashSet<>())
				.add(Normalizer.normalize(lines.subList(begin + 1, next)));
			begin = next;
		}
		return new Transcripts(scenarios, new ArrayList<>(lines.subList(end + 1, lines.size())));
	}

	/**
	 * Add the transcripts of another run of these scenarios.
	 */
	void add(Transcripts others) {
		this.scenarios.forEach((key, seen) -> seen.addAll(others.scenarios.getOrDefault(key, Set.of())));
	}

	static String client(String key) {
		return key.substring(0, key.indexOf(" / "));
	}

	static String scenario(String key) {
		return key.substring(key.indexOf(" / ") + 3);
	}

	List<String> clients() {
		return this.scenarios.keySet().stream().map(Transcripts::client).distinct().toList();
	}

	long scenariosOf(String client) {
		return this.scenarios.keySet().stream().filter((key) -> client(key).equals(client)).count();
	}

	long scenarioCount() {
		return this.scenarios.keySet().stream().map(Transcripts::scenario).distinct().count();
	}

}
