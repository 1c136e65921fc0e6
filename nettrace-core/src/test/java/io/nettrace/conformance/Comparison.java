package io.nettrace.conformance;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import io.nettrace.instrument.IpText;
import org.jspecify.annotations.Nullable;

/**
 * Holds what nettrace did to what Go did. Each event of Go's has one of nettrace's with
 * the same arguments at the same time, there are no others, and what came before in each
 * run of Go's comes before here. Nothing else about the order is compared.
 */
final class Comparison {

	private final Scenario scenario;

	private final List<Event.At> actual;

	private final List<String> differences = new ArrayList<>();

	// For each event of Go's the index of nettrace's
	private final @Nullable Integer[] matches;

	Comparison(Scenario scenario, List<Event.At> actual) {
		this.scenario = scenario;
		this.actual = actual;
		this.matches = new Integer[scenario.events().size()];
	}

	/**
	 * Compare.
	 * @return the differences, {@code null} if there are none
	 */
	@Nullable String differences() {
		match();
		compareOrder();
		if (this.differences.isEmpty()) {
			return null;
		}
		return this.differences.stream().collect(Collectors.joining("\n  ", "  ", "\n"))
				+ this.actual.stream().map((event) -> "    " + event).collect(Collectors.joining("\n"));
	}

	private void match() {
		List<Event.At> expected = this.scenario.events();
		List<Integer> left = IntStream.range(0, this.actual.size())
			.boxed()
			.collect(Collectors.toCollection(ArrayList::new));
		IntStream.range(0, expected.size())
			.boxed()
			.sorted(Comparator.comparing((index) -> expected.get(index).millis()))
			.forEach((index) -> {
				Event.At event = expected.get(index);
				Integer match = left.stream()
					.filter((candidate) -> same(event.event(), this.actual.get(candidate).event()))
					.findFirst()
					.orElse(null);
				if (match == null) {
					this.differences.add("missing:    " + event);
					return;
				}
				left.remove(match);
				this.matches[index] = match;
				compare(event, this.actual.get(match));
			});
		left.forEach((index) -> this.differences.add("unexpected: " + this.actual.get(index)));
	}

	private boolean same(Event expected, Event actual) {
		if (expected.name().equals("altResolver") && actual.name().equals("altResolver")) {
			// Of callers that start together, any may come first
			return startOf(expected.by()) == startOf(actual.by()) && Objects.equals(expected.host(), actual.host())
					&& Objects.equals(expected.network(), actual.network());
		}
		return expected.equals(actual);
	}

	private long startOf(String by) {
		return this.scenario.calls()
			.stream()
			.filter((call) -> call.by().equals(by))
			.mapToLong(Scenario.Call::startMillis)
			.findFirst()
			.orElse(-1);
	}

	private void compare(Event.At expected, Event.At actual) {
		if (Math.abs(expected.millis() - actual.millis()) > this.scenario.toleranceMillis()) {
			this.differences.add("at another time: " + expected + "\n             here: " + actual);
		}
		InetSocketAddress errorAddress = expected.errorAddress();
		if (errorAddress != null && !about(errorAddress, actual.message())) {
			this.differences.add("about another address: " + expected + "\n                   here: " + actual);
		}
	}

	/**
	 * The message of nettrace's error begins with the address that it is about.
	 */
	private static boolean about(InetSocketAddress address, @Nullable String message) {
		String literal = IpText.of(address.getAddress());
		String text = ((literal.indexOf(':') < 0) ? literal : "[" + literal + "]") + ":" + address.getPort();
		return message != null && message.matches("(?s)dial \\S+ \\Q" + text + "\\E: .*");
	}

	private void compareOrder() {
		for (List<Integer> pair : this.scenario.before()) {
			Integer first = this.matches[pair.get(0)];
			Integer second = this.matches[pair.get(1)];
			if (first != null && second != null && first > second) {
				this.differences.add("out of order: " + this.scenario.events().get(pair.get(0)) + "\n        after: "
						+ this.scenario.events().get(pair.get(1)));
			}
		}
	}

}
