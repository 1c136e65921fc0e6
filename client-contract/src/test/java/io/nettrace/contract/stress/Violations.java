package io.nettrace.contract.stress;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What must not be, by rule. One example of each rule is kept, as text, so that nothing
 * of a request is.
 */
final class Violations {

	private final Map<String, Integer> byRule = new TreeMap<>();

	private final List<String> examples = new ArrayList<>();

	synchronized void add(String rule, String example) {
		if (this.byRule.merge(rule, 1, Integer::sum) == 1) {
			this.examples.add(rule + ": " + example);
		}
	}

	/**
	 * How often each rule was broken.
	 */
	synchronized Map<String, Integer> byRule() {
		return new TreeMap<>(this.byRule);
	}

	synchronized List<String> examples() {
		return List.copyOf(this.examples);
	}

	synchronized int count() {
		return this.byRule.values().stream().mapToInt(Integer::intValue).sum();
	}

}
