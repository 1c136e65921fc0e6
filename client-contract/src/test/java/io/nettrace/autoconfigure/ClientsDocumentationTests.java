package io.nettrace.autoconfigure;

import java.io.IOException;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The table in {@code docs/clients.md} says what the contract requires of each library.
 */
@Tag("one-jdk")
class ClientsDocumentationTests {

	@Test
	void tableIsTheContracts() throws IOException {
		DocumentedBlock.check("clients.md", "CONTRACT", table());
	}

	private static String table() {
		Map<String, Set<Limit>> libraries = libraries();
		Set<Limit> noted = EnumSet.noneOf(Limit.class);
		StringBuilder table = new StringBuilder();
		table.append("| | ").append(String.join(" | ", libraries.keySet())).append(" |\n");
		table.append("| --- ".repeat(1 + libraries.size())).append("|\n");
		for (Case row : Case.values()) {
			table.append("| ").append(row);
			for (Set<Limit> limits : libraries.values()) {
				Set<Limit> preventing = limits.stream()
					.filter(row::isAbout)
					.collect(Collectors.toCollection(() -> EnumSet.noneOf(Limit.class)));
				noted.addAll(preventing);
				table.append(" | ").append(preventing.isEmpty() ? "yes" : "no " + letters(preventing));
			}
			table.append(" |\n");
		}
		noted.forEach((limit) -> table.append("\n- ").append(limit.letter()).append(": ").append(limit));
		return table.append("\n").toString();
	}

	private static String letters(Set<Limit> limits) {
		return limits.stream().map((limit) -> String.valueOf(limit.letter())).collect(Collectors.joining(" "));
	}

	/**
	 * A library is only said to show what both RestClient and WebClient show on it.
	 */
	private static Map<String, Set<Limit>> libraries() {
		Map<String, Set<Limit>> libraries = new LinkedHashMap<>();
		for (TracedClient client : TracedClient.values()) {
			Set<Limit> limits = libraries.computeIfAbsent(client.libraryName(), (name) -> EnumSet.noneOf(Limit.class));
			Stream.of(Limit.values())
				.filter((limit) -> limit != Limit.IPV6_LITERALS && client.has(limit))
				.forEach(limits::add);
		}
		return libraries;
	}

}
