package io.nettrace.contract.httptrace;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

import org.jspecify.annotations.Nullable;

/**
 * The outcome of a scenario with one client.
 *
 * @param scenario the scenario
 * @param skipped why it was not run, or {@code null}
 * @param findings what breaks a rule or differs from Go without being declared
 * @param rules the rules that applied
 * @param used the differences that were found
 * @param run the events
 */
record Outcome(Scenario scenario, @Nullable String skipped, List<Finding> findings, Set<String> rules,
		Set<Difference> used, List<Recorded> run) {

	/**
	 * Run a scenario and check it.
	 */
	static Outcome of(Scenario scenario, Library library, Certificates certificates) {
		try {
			return check(scenario, library, new ScenarioRun(scenario, library, certificates).run());
		}
		catch (UnsupportedException ex) {
			return new Outcome(scenario, ex.getMessage(), List.of(), Set.of(), Set.of(), List.of());
		}
		catch (Exception ex) {
			Finding failure = new Finding("runner", Finding.Kind.UNEXPECTED, "failure", "", "", "", ex.toString());
			return new Outcome(scenario, null, List.of(failure), Set.of(), Set.of(), List.of());
		}
	}

	/**
	 * Check a run: all rules, and Go's events if they are those of any client.
	 */
	static Outcome check(Scenario scenario, Library library, List<Recorded> run) {
		Rules rules = new Rules(scenario, run);
		List<Finding> all = new ArrayList<>(rules.findings());
		if (scenario.isPortable()) {
			all.addAll(new Comparison(scenario, run).findings());
		}
		Situation situation = new Situation(scenario, run);
		List<Finding> findings = new ArrayList<>();
		Set<Difference> used = new LinkedHashSet<>();
		for (Finding finding : all) {
			Difference declared = Difference.of(library)
				.stream()
				.filter((difference) -> difference.covers(finding, situation))
				.findFirst()
				.orElse(null);
			if (declared != null) {
				used.add(declared);
			}
			else {
				findings.add(finding);
			}
		}
		return new Outcome(scenario, null, findings, new TreeSet<>(rules.applied()), used, run);
	}

	boolean isPassed() {
		return this.skipped == null && this.findings.isEmpty();
	}

	boolean isFailed() {
		return !this.findings.isEmpty();
	}

}
