package io.nettrace.contract.httptrace;

import org.jspecify.annotations.Nullable;

/**
 * A deviation of a client from a rule or from Go's recording.
 *
 * @param source the rule, or {@code Go}
 * @param kind what is wrong
 * @param event the event that it is about
 * @param detail the argument, or the event that comes too early; empty otherwise
 * @param by whose request
 * @param otherBy whose the event is that comes too early
 * @param text what was expected, and what was seen
 */
record Finding(String source, Kind kind, String event, String detail, String by, String otherBy, String text) {

	enum Kind {

		/**
		 * The event is not there.
		 */
		MISSING,

		/**
		 * The event should not be there.
		 */
		UNEXPECTED,

		/**
		 * An argument differs.
		 */
		ARGUMENT,

		/**
		 * The event should have come before the other one.
		 */
		ORDER

	}

	static Finding missing(String source, Event event) {
		return new Finding(source, Kind.MISSING, event.name(), "", event.by(), "", "missing: " + event);
	}

	static Finding unexpected(String source, Event event) {
		return new Finding(source, Kind.UNEXPECTED, event.name(), "", event.by(), "", "unexpected: " + event);
	}

	static Finding argument(String source, Event event, String argument, @Nullable Object expected) {
		return new Finding(source, Kind.ARGUMENT, event.name(), argument, event.by(), "",
				argument + " of " + event + " should be " + ((expected != null) ? expected : "absent"));
	}

	static Finding order(String source, Event first, Event second) {
		return new Finding(source, Kind.ORDER, first.name(), second.name(), first.by(), second.by(),
				"out of order: " + first + " should come before " + second);
	}

	@Override
	public String toString() {
		return this.source + ": " + this.text;
	}

}
