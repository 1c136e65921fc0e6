package io.nettrace.contract.httptrace;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;

import org.jspecify.annotations.Nullable;

/**
 * Compares a client's run with Go's. Each of Go's events must have a counterpart with the
 * same arguments, there may be no others except those of some of Go's runs, and whatever
 * came first in each of Go's runs must come first here. Nothing else about the order is
 * compared.
 */
final class Comparison {

	private static final String SOURCE = "Go";

	private final Scenario.Go go;

	private final List<Event> expected;

	private final List<Event> actual = new ArrayList<>();

	// For each event of Go's the index of the client's
	private final @Nullable Integer[] matches;

	private final List<Finding> findings = new ArrayList<>();

	Comparison(Scenario scenario, List<Recorded> recorded) {
		this.go = scenario.go();
		this.expected = this.go.events().stream().map(Event::of).toList();
		this.matches = new Integer[this.expected.size()];
		recorded.stream()
			.filter((each) -> !each.whenClosed() && !Event.OF_NETTRACE_ALONE.contains(each.event().name()))
			.forEach((each) -> this.actual.add(each.event()));
	}

	/**
	 * Compare.
	 * @return what is not as in Go
	 */
	List<Finding> findings() {
		BitSet left = new BitSet();
		left.set(0, this.actual.size());
		match(left, true);
		match(left, false);
		for (int i = 0; i < this.matches.length; i++) {
			Integer match = this.matches[i];
			Event event = this.expected.get(i);
			if (match != null) {
				compareArguments(i, this.actual.get(match));
			}
			else if (!event.isHeaderField()) {
				this.findings.add(Finding.missing(SOURCE, event));
			}
		}
		List<Event> optional = new ArrayList<>(this.go.eventsInSomeRuns().stream().map(Event::of).toList());
		left.stream().mapToObj(this.actual::get).forEach((event) -> {
			if (!removeOptional(optional, event)) {
				this.findings.add(Finding.unexpected(SOURCE, event));
			}
		});
		compareOrder();
		return this.findings;
	}

	private void match(BitSet left, boolean exactly) {
		for (int i = 0; i < this.matches.length; i++) {
			if (this.matches[i] == null && !this.expected.get(i).isHeaderField()) {
				Event event = this.expected.get(i);
				int index = i;
				left.stream()
					.filter((candidate) -> isSameEvent(event, this.actual.get(candidate)))
					.filter((candidate) -> !exactly || differing(index, this.actual.get(candidate)).isEmpty())
					.findFirst()
					.ifPresent((candidate) -> {
						this.matches[index] = candidate;
						left.clear(candidate);
					});
			}
		}
	}

	private static boolean isSameEvent(Event event, Event other) {
		return event.name().equals(other.name()) && event.isOfSameRequest(other);
	}

	private static boolean removeOptional(List<Event> optional, Event event) {
		return optional.stream()
			.filter((each) -> isSameEvent(each, event))
			.findFirst()
			.map(optional::remove)
			.orElse(false);
	}

	private void compareArguments(int index, Event event) {
		Event expected = this.expected.get(index);
		differing(index, event).forEach((argument) -> this.findings
			.add(Finding.argument(SOURCE, event, argument, expected.arguments().get(argument))));
	}

	/**
	 * The arguments of an event that Go's event never had. Arguments that Go does not
	 * record are not compared, except an error.
	 */
	private List<String> differing(int index, Event event) {
		Map<String, Object> json = this.go.events().get(index);
		Map<String, Object> expected = this.expected.get(index).arguments();
		TreeSet<String> arguments = new TreeSet<>(expected.keySet());
		arguments.add("error");
		List<String> differing = new ArrayList<>();
		for (String argument : arguments) {
			Object value = event.arguments().get(argument);
			if (!isSame(argument, value, expected.get(argument)) && !isOpen(json, argument, value)) {
				differing.add(argument);
			}
		}
		return differing;
	}

	private static boolean isSame(String argument, @Nullable Object value, @Nullable Object expected) {
		return argument.equals("error") ? ErrorClass.isSame(value, expected) : Objects.equals(value, expected);
	}

	private static boolean isOpen(Map<String, Object> json, String argument, @Nullable Object value) {
		if (argument.equals("error") && json.get("error_any_of") instanceof List<?> errors) {
			return errors.contains(value);
		}
		return json.get("open") instanceof Map<?, ?> open && open.get(argument) instanceof List<?> values
				&& values.contains(value);
	}

	private void compareOrder() {
		List<BitSet> after = closure();
		for (int i = 0; i < after.size(); i++) {
			Integer first = this.matches[i];
			if (first == null) {
				continue;
			}
			for (int j : after.get(i).stream().toArray()) {
				Integer second = this.matches[j];
				if (second != null && first > second) {
					this.findings.add(Finding.order(SOURCE, this.expected.get(i), this.expected.get(j)));
				}
			}
		}
	}

	/**
	 * The pairs are reduced transitively: what comes between them may be missing here.
	 */
	private List<BitSet> closure() {
		List<BitSet> after = new ArrayList<>();
		this.expected.forEach((event) -> after.add(new BitSet()));
		this.go.before().forEach((pair) -> after.get(pair.get(0)).set(pair.get(1)));
		for (int k = 0; k < after.size(); k++) {
			for (BitSet each : after) {
				if (each.get(k)) {
					each.or(after.get(k));
				}
			}
		}
		return after;
	}

}
