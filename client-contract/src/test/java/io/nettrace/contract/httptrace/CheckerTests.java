package io.nettrace.contract.httptrace;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Stream;

import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The checker itself: it accepts Go's own recordings, and finds each planted mistake, by
 * a rule and by the comparison.
 */
class CheckerTests {

	private final ScenarioFolder folder = ScenarioFolder.chosen();

	/**
	 * Go's recording, as if a client had produced it.
	 */
	private static List<Recorded> recording(Scenario scenario) {
		List<Recorded> recording = new ArrayList<>();
		for (Map<String, Object> json : scenario.go().events()) {
			Event event = Event.of(json);
			if (event.is("gotConn")) {
				Map<String, Object> arguments = new LinkedHashMap<>(event.arguments());
				arguments.put("protocol", speaksHttp2(scenario, event.by()) ? "2" : "1.1");
				event = new Event(event.name(), event.by(), event.trace(), arguments);
			}
			if (!event.isHeaderField()) {
				recording.add(new Recorded(event, String.valueOf(json.get("thread")), null, false));
			}
		}
		return recording;
	}

	private static boolean speaksHttp2(Scenario scenario, String by) {
		return scenario.go()
			.events()
			.stream()
			.map(Event::of)
			.filter((event) -> event.is("return") && event.by().equals(by))
			.map((event) -> event.text("protocol"))
			.map((protocol) -> (protocol != null) ? protocol.equals("HTTP/2.0") : scenario.client().http2())
			.findFirst()
			.orElse(false);
	}

	private static List<Finding> compared(Scenario scenario, List<Recorded> recording) {
		return new Comparison(scenario, recording).findings();
	}

	/**
	 * A recording without the arguments that differed from run to run breaks rules, and
	 * so does what RULES.md calls an oversight of Go's (H10).
	 */
	private static boolean keepsRules(Scenario scenario) {
		return !scenario.rules().contains("H10")
				&& scenario.go().events().stream().noneMatch((event) -> event.containsKey("open"));
	}

	@TestFactory
	Stream<DynamicTest> nothingIsFoundInGo() {
		return this.folder.scenarios().stream().map((scenario) -> DynamicTest.dynamicTest(scenario.name(), () -> {
			List<Recorded> recording = recording(scenario);
			assertThat(compared(scenario, recording)).isEmpty();
			if (keepsRules(scenario)) {
				assertThat(new Rules(scenario, recording).findings()).isEmpty();
			}
		}));
	}

	@Test
	void goShowsEachRule() {
		Set<String> applied = new TreeSet<>();
		for (Scenario scenario : this.folder.scenarios()) {
			Rules rules = new Rules(scenario, recording(scenario));
			rules.findings();
			applied.addAll(rules.applied());
		}
		assertThat(applied).containsAll(Rules.ASKED);
	}

	@TestFactory
	Stream<DynamicTest> plantedMistakeIsFound() {
		return Stream.of(
				mistake("G1", "http-new", "lookup before the connection is asked for", swap("getConn", "dnsStart")),
				mistake("G1", "proxy-http", "not the first hop",
						argument("getConn", "host_port", "a.test.example:8080")),
				mistake("G1", "http-new", "no port", argument("getConn", "host_port", "a.test.example")),
				mistake("G2", "cancel-before", "a hook of a request that is never sent",
						insertAfter("call", "getConn", Map.of("host_port", "a.test.example:8080"))),
				mistake("G3", "http-reuse", "no getConn", drop("getConn")),
				mistake("G3", "http-new", "no gotConn", drop("gotConn")),
				mistake("G3", "http-new", "two gotConn", twice("gotConn")),
				mistake("G4", "http-reuse", "idle, but not reused", argument("gotConn", 1, "reused", false)),
				mistake("G4", "http-reuse", "idle for no time", argument("gotConn", 1, "idle_time_positive", false)),
				mistake("G4", "pool-max1-two", "idle, but handed over",
						argument("gotConn", 1, "was_idle", true)
							.andThen(argument("gotConn", 1, "idle_time_positive", true))),
				mistake("G5", "cancel-dns-then-second", "a spare connection that is new",
						argument("gotConn", "reused", false).andThen(argument("gotConn", "was_idle", false))
							.andThen(argument("gotConn", "idle_time_positive", false))),
				mistake("G6", "http-reuse", "a connect for a connection from the pool",
						insertAfter("getConn", 1, "connectStart", Map.of("addr", "10.77.0.1:8080", "network", "tcp"))),
				mistake("G7", "http-new", "another remote address", argument("gotConn", "remote", "10.77.0.2:8080")),
				mistake("G8", "http-new", "no dnsDone", drop("dnsDone")),
				mistake("G8", "http-refused-first", "no connectDone of an address that refuses", drop("connectDone")),
				mistake("G8", "https-tls13", "no tlsHandshakeDone", drop("tlsHandshakeDone")),
				mistake("G8", "http-new", "two connectDone", twice("connectDone")),
				mistake("G9", "http-new", "connect before the lookup has ended", swap("dnsDone", "connectStart")),
				mistake("G9", "http-literal", "a lookup of an IP address",
						insertAfter("getConn", "dnsStart", Map.of("host", "10.77.0.1"))
							.andThen(insertAfter("dnsStart", "dnsDone", Map.of("coalesced", false)))),
				mistake("G10", "https-tls13", "another server name",
						argument("tlsHandshakeDone", "server_name", "b.test.example")),
				mistake("G10", "proxy-tls-http", "handshake before the connect",
						swap("connectDone", "tlsHandshakeStart")),
				mistake("G11", "https-tls13", "no certificate", argument("tlsHandshakeDone", "peer_certificates", 0)),
				mistake("G11", "https-expired", "a version without a handshake",
						argument("tlsHandshakeDone", "version", "1.3")),
				mistake("G11", "https-expired", "the request has another error",
						argument("return", "error", "tls_untrusted")),
				mistake("G12", "https-wrong-host", "another class of error",
						argument("tlsHandshakeDone", "error", "tls_untrusted")
							.andThen(argument("return", "error", "tls_untrusted"))),
				mistake("G13", "https-client-cert-tls13", "a reset in place of the alert",
						argument("return", "error", "reset")),
				mistake("G15", "http-new", "two wroteHeaders", twice("wroteHeaders")),
				mistake("G15", "http-new", "no wroteHeaders", drop("wroteHeaders")),
				mistake("G16", "http-new", "no wroteRequest", drop("wroteRequest")),
				mistake("G16", "http-new", "answered before it was written",
						swap("wroteRequest", "gotFirstResponseByte")),
				mistake("G17", "request-body-fails", "not the body's own error",
						argument("wroteRequest", "error", "closed")),
				mistake("G18", "expect-417-close", "an error of a body that was held back",
						argument("wroteRequest", "error", "closed")),
				mistake("G19", "cancel-write", "written after the return", swap("wroteRequest", "return")),
				mistake("G20", "early-hints", "two first bytes", twice("gotFirstResponseByte")),
				mistake("G20", "slow-headers", "no first byte", drop("gotFirstResponseByte")),
				mistake("G21", "early-hints", "one of two 103", drop("got1xxResponse")),
				mistake("G21", "early-hints", "another code", argument("got1xxResponse", "code", 102)),
				mistake("G22", "unasked-100", "got100Continue that was not asked for",
						insertAfter("got1xxResponse", "got100Continue", Map.of())),
				mistake("G24", "expect-417", "no wait100Continue", drop("wait100Continue")),
				mistake("G24", "http-new", "wait100Continue of a request without a body",
						insertAfter("wroteHeaders", "wait100Continue", Map.of())),
				mistake("G26", "http-reuse", "put back before the return", swap("return", "putIdleConn")),
				mistake("G26", "http-204", "put back after the return", swap("putIdleConn", "return")),
				mistake("G26", "http-chunked", "not put back", drop("putIdleConn")),
				mistake("G27", "http-close-idle", "not a fault of the pool", argument("putIdleConn", "error", "reset")),
				mistake("G28", "http-connection-close", "put back although the server closes",
						insertAfter("return", "putIdleConn", Map.of())),
				mistake("G28", "http-body-not-read", "put back although not read",
						insertAfter("return", "putIdleConn", Map.of())),
				mistake("G29", "http-stale-reset", "the failed attempt has a response",
						insertAfter("wroteRequest", 1, "gotFirstResponseByte", Map.of())),
				mistake("G30", "redirect-other-host", "the redirect is not put back", drop("putIdleConn")),
				mistake("G31", "compose-2", "the older trace first", (events) -> Collections.swap(events, 3, 4)),
				mistake("G33", "cancel-headers", "another error", argument("return", "error", "closed")),
				mistake("G33", "deadline-headers", "a hook after the return",
						insertAfter("return", "gotFirstResponseByte", Map.of())),
				mistake("G34", "http-nxdomain", "the request has another error",
						argument("return", "error", "timeout").andThen(argument("return", "error", "refused"))),
				mistake("G35", "pool-max1-first-cancelled", "a dial that is told to another request",
						(events) -> replaceBy(events, Set.of("connectStart", "connectDone"), "2")));
	}

	private DynamicTest mistake(String rule, String name, String what, Consumer<List<Recorded>> plant) {
		return DynamicTest.dynamicTest(rule + " " + name + ": " + what, () -> {
			Scenario scenario = this.folder.scenario(name);
			List<Recorded> recording = recording(scenario);
			plant.accept(recording);
			assertThat(new Rules(scenario, recording).findings()).extracting(Finding::source).contains(rule);
			assertThat(compared(scenario, recording)).isNotEmpty();
		});
	}

	private static int index(List<Recorded> events, String name, int nth) {
		int seen = 0;
		for (int i = 0; i < events.size(); i++) {
			if (events.get(i).event().is(name) && seen++ == nth) {
				return i;
			}
		}
		throw new AssertionError("There is no " + name + " number " + nth);
	}

	private static Consumer<List<Recorded>> swap(String first, String second) {
		return (events) -> Collections.swap(events, index(events, first, 0), index(events, second, 0));
	}

	private static Consumer<List<Recorded>> drop(String name) {
		return (events) -> events.remove(index(events, name, 0));
	}

	private static Consumer<List<Recorded>> twice(String name) {
		return (events) -> events.add(index(events, name, 0), events.get(index(events, name, 0)));
	}

	private static Consumer<List<Recorded>> argument(String name, String argument, Object value) {
		return argument(name, 0, argument, value);
	}

	private static Consumer<List<Recorded>> argument(String name, int nth, String argument, Object value) {
		return (events) -> {
			int index = index(events, name, nth);
			Event event = events.get(index).event();
			Map<String, Object> arguments = new LinkedHashMap<>(event.arguments());
			assertThat(Objects.equals(arguments.put(argument, value), value)).as("no mistake").isFalse();
			replace(events, index, new Event(event.name(), event.by(), event.trace(), arguments));
		};
	}

	private static void replace(List<Recorded> events, int index, Event event) {
		events.set(index, new Recorded(event, events.get(index).thread(), null, false));
	}

	private static void replaceBy(List<Recorded> events, Set<String> names, String by) {
		for (int i = 0; i < events.size(); i++) {
			Event event = events.get(i).event();
			if (names.contains(event.name())) {
				replace(events, i, new Event(event.name(), by, event.trace(), event.arguments()));
			}
		}
	}

	private static Consumer<List<Recorded>> insertAfter(String name, String inserted, Map<String, Object> arguments) {
		return insertAfter(name, 0, inserted, arguments);
	}

	private static Consumer<List<Recorded>> insertAfter(String name, int nth, String inserted,
			Map<String, Object> arguments) {
		return (events) -> {
			int index = index(events, name, nth);
			Event event = events.get(index).event();
			events.add(index + 1, new Recorded(new Event(inserted, event.by(), event.trace(), arguments),
					events.get(index).thread(), null, false));
		};
	}

}
