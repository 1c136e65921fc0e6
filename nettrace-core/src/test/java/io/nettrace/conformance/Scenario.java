package io.nettrace.conformance;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

import io.nettrace.dial.ScriptedNetwork;
import io.nettrace.dns.IpLiteral;
import net.minidev.json.parser.JSONParser;
import net.minidev.json.parser.ParseException;
import org.jspecify.annotations.Nullable;

/**
 * One file of recordings. The format is described in {@code README.md} beside them.
 *
 * @param name the scenario's name
 * @param dns what the resolver answers, by host
 * @param network how an address behaves
 * @param calls what is called
 * @param traces the traces installed, oldest first
 * @param events what Go did
 * @param before pairs of indices of {@code events}: the first one came before the second
 * @param toleranceMillis how far an event may be from its time
 */
record Scenario(String name, Map<String, Answer> dns, Map<InetAddress, Behaviour> network, List<Call> calls,
		List<Trace> traces, List<Event.At> events, List<List<Integer>> before, long toleranceMillis) {

	private static final Set<String> HOOKS = Set.of("dnsStart", "dnsDone", "connectStart", "connectDone");

	private static final Set<String> MARKS = Set.of("altResolver", "return");

	static Scenario read(Path file) throws IOException {
		try {
			Object json = new JSONParser(JSONParser.MODE_JSON_SIMPLE).parse(Files.readString(file));
			return read(Json.of("scenario", json));
		}
		catch (ParseException ex) {
			throw new IOException(file + " is not JSON", ex);
		}
	}

	private static Scenario read(Json json) {
		json.ignore("description");
		String name = json.requiredText("name");
		Map<String, Answer> dns = json.map("dns", Function.identity(), Answer::read);
		Map<InetAddress, Behaviour> network = json.map("network", Scenario::literal, Behaviour::read);
		List<Call> calls = json.requiredList("calls", (call) -> Call.read(Json.of("call", call)));
		List<Trace> traces = json.list("traces", (trace) -> Trace.read(Json.of("trace", trace)));
		Json go = json.object("go");
		json.end();
		go.ignore("versions", "runs", "implied");
		List<Event.At> events = go.requiredList("events", (event) -> event(Json.of("event", event)));
		List<List<Integer>> before = go.requiredList("before",
				(pair) -> ((List<?>) pair).stream().map((index) -> ((Number) index).intValue()).toList());
		long tolerance = go.requiredMillis("tolerance_ms");
		go.end();
		return new Scenario(name, dns, network, calls, (traces != null) ? traces : List.of(new Trace(null, HOOKS)),
				events, before, tolerance);
	}

	private static Event.At event(Json json) {
		String name = json.requiredText("event");
		if (!HOOKS.contains(name) && !MARKS.contains(name)) {
			throw new UnsupportedScenarioException("the event " + name);
		}
		InetSocketAddress address = socketAddress(json.text("addr"));
		InetSocketAddress remote = socketAddress(json.text("remote"));
		Event event = new Event(name, json.requiredText("by"), json.text("trace"), json.text("host"),
				json.text("network"), (address != null) ? address : remote,
				json.list("addrs", (addr) -> literal((String) addr)), json.bool("coalesced"), json.text("error"));
		Event.At result = new Event.At(event, json.requiredMillis("t_ms"), socketAddress(json.text("error_addr")),
				null);
		json.end();
		return result;
	}

	static InetAddress literal(String text) {
		if (!IpLiteral.matches(text)) {
			throw new UnsupportedScenarioException("the address \"" + text + "\"");
		}
		try {
			return InetAddress.getByName(text);
		}
		catch (UnknownHostException ex) {
			throw new UnsupportedScenarioException("the address \"" + text + "\"");
		}
	}

	private static @Nullable InetSocketAddress socketAddress(@Nullable String text) {
		if (text == null) {
			return null;
		}
		int colon = text.lastIndexOf(':');
		return new InetSocketAddress(literal(text.substring(0, colon)), Integer.parseInt(text.substring(colon + 1)));
	}

	/**
	 * What the resolver says of a host.
	 *
	 * @param delay how long it takes
	 * @param addresses the addresses, {@code null} if there are none
	 * @param error the class of its error
	 * @param alternate whether an alternate resolver says so
	 */
	record Answer(Duration delay, @Nullable List<InetAddress> addresses, @Nullable String error, boolean alternate) {

		static Answer read(String host, Json json) {
			Long delay = json.millis("delay_ms");
			Answer answer = new Answer(Duration.ofMillis((delay != null) ? delay : 0),
					json.list("addresses", (address) -> literal((String) address)), json.text("error"),
					json.flag("alternate_resolver"));
			json.end();
			return answer;
		}

	}

	/**
	 * How an address behaves.
	 *
	 * @param connect {@code accept}, {@code refuse} or {@code drop}
	 * @param delay after how long
	 */
	record Behaviour(String connect, Duration delay) {

		static Behaviour read(String address, Json json) {
			Long delay = json.millis("delay_ms");
			Behaviour behaviour = new Behaviour(json.requiredText("connect"),
					Duration.ofMillis((delay != null) ? delay : 0));
			json.end();
			return behaviour;
		}

		void script(ScriptedNetwork network, InetAddress address) {
			switch (this.connect) {
				case "accept" -> network.accept(address, this.delay);
				case "refuse" -> network.refuse(address, this.delay);
				case "drop" -> network.drop(address);
				default -> throw new UnsupportedScenarioException("a connect that does " + this.connect);
			}
		}

	}

	/**
	 * A dial or a lookup.
	 *
	 * @param by the caller's name
	 * @param dial whether it is a dial
	 * @param network the network
	 * @param host the host
	 * @param port the port, 0 for a lookup
	 * @param startMillis when it starts
	 * @param timeout its deadline, seen from its start
	 * @param cancelMillis when it is cancelled, -1 for before it starts
	 * @param fallbackDelay Go's FallbackDelay
	 */
	record Call(String by, boolean dial, String network, String host, int port, long startMillis,
			@Nullable Duration timeout, @Nullable Long cancelMillis, @Nullable Duration fallbackDelay) {

		static Call read(Json json) {
			String op = json.requiredText("op");
			if (!op.equals("dial") && !op.equals("lookup")) {
				throw new UnsupportedScenarioException("the op " + op);
			}
			boolean dial = op.equals("dial");
			String host = json.requiredText(dial ? "address" : "host");
			int port = 0;
			if (dial) {
				int colon = host.lastIndexOf(':');
				if (colon < 0 || !host.substring(colon + 1).matches("\\d{1,5}")) {
					throw new UnsupportedScenarioException("an address without a numeric port, \"" + host + "\"");
				}
				port = Integer.parseInt(host.substring(colon + 1));
				host = host.substring(0, colon);
				if (host.startsWith("[") && host.endsWith("]")) {
					host = host.substring(1, host.length() - 1);
				}
			}
			if (host.isEmpty()) {
				throw new UnsupportedScenarioException("an empty host: Java has no address without an IP");
			}
			String network = json.requiredText("network");
			if (dial && !Set.of("tcp", "tcp4", "tcp6").contains(network)) {
				throw new UnsupportedScenarioException("a dial of " + network + ": nettrace dials TCP");
			}
			Call call = new Call(json.requiredText("by"), dial, network, host, port, json.requiredMillis("start_at_ms"),
					duration(json.millis("timeout_ms")), json.millis("cancel_at_ms"),
					duration(json.millis("fallback_delay_ms")));
			json.end();
			return call;
		}

		private static @Nullable Duration duration(@Nullable Long millis) {
			return (millis != null) ? Duration.ofMillis(millis) : null;
		}

	}

	/**
	 * A trace that is installed.
	 *
	 * @param name its name, {@code null} if it is the only one
	 * @param hooks the hooks it sets
	 */
	record Trace(@Nullable String name, Set<String> hooks) {

		static Trace read(Json json) {
			Trace trace = new Trace(json.requiredText("name"),
					Set.copyOf(json.requiredList("hooks", (hook) -> (String) hook)));
			json.end();
			return trace;
		}

	}

}
