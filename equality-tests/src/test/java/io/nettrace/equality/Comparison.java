package io.nettrace.equality;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Compares what a process has written with what the one without nettrace has.
 */
final class Comparison {

	private final List<AllowedDifference> allowed;

	private final Set<AllowedDifference> used = new LinkedHashSet<>();

	Comparison(List<AllowedDifference> allowed) {
		this.allowed = allowed;
	}

	/**
	 * Return what differs: a scenario that ran on one side only, and one that shows
	 * something with nettrace that it never showed without.
	 * @param mode how nettrace is present in the second process
	 * @param without the process without nettrace
	 * @param with the process with it
	 */
	List<Difference> compare(String mode, Transcripts without, Transcripts with) {
		List<Difference> differences = new ArrayList<>();
		Set<String> keys = new LinkedHashSet<>(without.scenarios().keySet());
		keys.addAll(with.scenarios().keySet());
		for (String key : keys) {
			Set<List<String>> expected = expected(key, without.scenarios().getOrDefault(key, Set.of()));
			Set<List<String>> actual = with.scenarios().getOrDefault(key, Set.of());
			if (actual.isEmpty() || !expected.containsAll(actual)) {
				differences.add(new Difference(key, mode, expected, actual));
			}
		}
		return differences;
	}

	private Set<List<String>> expected(String key, Set<List<String>> without) {
		Set<List<String>> expected = without;
		for (AllowedDifference difference : this.allowed) {
			if (difference.appliesTo(key)) {
				Set<List<String>> replaced = new LinkedHashSet<>();
				expected.forEach((lines) -> replaced
					.add(lines.stream().map(difference::applyTo).flatMap(List::stream).toList()));
				if (!replaced.equals(expected)) {
					this.used.add(difference);
				}
				expected = replaced;
			}
		}
		return expected;
	}

	/**
	 * The allowed differences that occurred.
	 */
	Set<AllowedDifference> used() {
		return this.used;
	}

	/**
	 * A scenario that differs.
	 *
	 * @param key client and scenario
	 * @param mode how nettrace was present
	 * @param expected what was seen without nettrace
	 * @param actual what was seen with it
	 */
	record Difference(String key, String mode, Set<List<String>> expected, Set<List<String>> actual) {

		/**
		 * Both sides, a line that only one of them has marked.
		 */
		@Override
		public String toString() {
			StringBuilder text = new StringBuilder(this.key).append("\n");
			append(text, "without nettrace", this.expected, this.actual);
			append(text, "with nettrace " + this.mode, this.actual, this.expected);
			return text.toString();
		}

		private static void append(StringBuilder text, String title, Set<List<String>> seen, Set<List<String>> others) {
			if (seen.isEmpty()) {
				text.append("  ").append(title).append(": not played\n");
			}
			for (List<String> lines : seen) {
				text.append("  ").append(title).append(others.contains(lines) ? ", as on the other side:\n" : ":\n");
				List<String> rest = new ArrayList<>(others.isEmpty() ? List.of() : others.iterator().next());
				for (String line : lines) {
					text.append(rest.remove(line) ? "      " : "    ! ").append(line).append("\n");
				}
			}
		}

	}

}
