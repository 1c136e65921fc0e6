package io.nettrace.contract.httptrace;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

import org.jspecify.annotations.Nullable;

/**
 * A hook that was called, or a mark of the caller; in Go or in a client. The names of
 * events and arguments are those of the recordings.
 *
 * @param name which hook or mark
 * @param by whose request, empty for an action
 * @param trace whose hook, if a request has several traces
 * @param arguments the arguments that are not {@code null}
 */
record Event(String name, String by, @Nullable String trace, Map<String, Object> arguments) {

	/**
	 * Those of a dial, each with the hook that ends it, or with {@code null}.
	 */
	static final Map<String, String> ENDS = Map.of("dnsStart", "dnsDone", "connectStart", "connectDone",
			"tlsHandshakeStart", "tlsHandshakeDone", "proxyStart", "proxyDone");

	static final Set<String> DIAL = Set.of("dnsStart", "dnsDone", "connectStart", "connectDone", "proxyStart",
			"proxyDone", "tlsHandshakeStart", "tlsHandshakeDone");

	static final Set<String> OF_NETTRACE_ALONE = Set.of("proxyStart", "proxyDone", "responseDone");

	static final Set<String> HOOKS = Set.of("getConn", "dnsStart", "dnsDone", "connectStart", "connectDone",
			"proxyStart", "proxyDone", "tlsHandshakeStart", "tlsHandshakeDone", "gotConn", "wroteHeaders",
			"wait100Continue", "wroteRequest", "gotFirstResponseByte", "got100Continue", "got1xxResponse",
			"responseDone", "putIdleConn");

	private static final Set<String> MARKS = Set.of("call", "return", "bodyEof", "bodyError", "bodyClosed", "cancel",
			"closeIdleConnections");

	// Not of this runner
	private static final String FIELD = "wroteHeaderField";

	private static final Set<String> NO_ARGUMENTS = Set.of("event", "by", "trace", "t_ms", "thread", "open",
			"error_any_of", "runs");

	Event {
		arguments = Collections.unmodifiableMap(new LinkedHashMap<>(arguments));
	}

	/**
	 * Read an event of Go's.
	 */
	static Event of(Map<String, Object> json) {
		String name = String.valueOf(json.get("event"));
		if (!HOOKS.contains(name) && !MARKS.contains(name) && !name.equals(FIELD)) {
			throw new IllegalArgumentException("the event '" + name + "' is not known");
		}
		Map<String, Object> arguments = new LinkedHashMap<>(json);
		arguments.keySet().removeAll(NO_ARGUMENTS);
		return new Event(name, Objects.toString(json.get("by"), ""), (String) json.get("trace"), arguments);
	}

	boolean isHook() {
		return HOOKS.contains(this.name);
	}

	boolean isHeaderField() {
		return this.name.equals(FIELD);
	}

	boolean is(String... names) {
		return List.of(names).contains(this.name);
	}

	@Nullable String error() {
		return (String) this.arguments.get("error");
	}

	boolean flag(String argument) {
		return Boolean.TRUE.equals(this.arguments.get(argument));
	}

	@Nullable String text(String argument) {
		Object value = this.arguments.get(argument);
		return (value != null) ? value.toString() : null;
	}

	/**
	 * What a start and its done have in common, or the same hook of two traces.
	 */
	boolean isOfSameRequest(Event other) {
		return this.by.equals(other.by) && Objects.equals(this.trace, other.trace);
	}

	@Override
	public String toString() {
		StringBuilder text = new StringBuilder(this.name).append(" by=").append(this.by);
		if (this.trace != null) {
			text.append(" trace=").append(this.trace);
		}
		this.arguments.forEach((name, value) -> text.append(' ').append(name).append('=').append(value));
		return text.toString();
	}

}
