package io.nettrace.contract.stress;

import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What must not be, by rule. One example of each rule is kept, as text, so that nothing
 * of a request is.
 */
final class Violations {

	private final Map<String, Integer> byRule = new TreeMap<>();

	private final Map<String, String> examples = new TreeMap<>();

	synchronized void add(String rule, String example) {
		if (this.byRule.merge(rule, 1, Integer::sum) == 1) {
			this.examples.put(rule, example);
		}
	}

	/**
	 * How often each rule was broken.
	 */
	synchronized Map<String, Integer> byRule() {
		return new TreeMap<>(this.byRule);
	}

	/**
	 * An example of each rule that was broken.
	 */
	synchronized Map<String, String> examples() {
		return new TreeMap<>(this.examples);
	}

	/**
	 * How many times a rule was broken.
	 */
	synchronized int count() {
		return this.byRule.values().stream().mapToInt(Integer::intValue).sum();
	}

}
