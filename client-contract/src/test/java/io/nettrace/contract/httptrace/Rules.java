package io.nettrace.contract.httptrace;

import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import io.nettrace.dns.IpLiteral;
import org.jspecify.annotations.Nullable;

/**
 * The rules of {@code RULES.md} that are a contract for any client (G), checked against
 * the hooks of one run. Each method names its rules, which stand there with what they
 * mean. Not here: G14 ({@code WroteHeaderField}), G23 (a hook's error changes nothing
 * here) and G32 (threads).
 */
final class Rules {

	/**
	 * The rules that apply to a client.
	 */
	static final List<String> ASKED = List.of("G1", "G2", "G3", "G4", "G5", "G6", "G7", "G8", "G9", "G10", "G11", "G12",
			"G13", "G15", "G16", "G17", "G18", "G19", "G20", "G21", "G22", "G24", "G25", "G26", "G27", "G28", "G29",
			"G30", "G31", "G33", "G34", "G35");

	private static final Set<String> HANDSHAKE_ERRORS = Set.of("tls_untrusted", "tls_expired", "tls_wrong_host",
			"tls_not_tls", "tls_alert", "reset", "eof", "tls_timeout", "canceled", "timeout", "closed");

	private static final Map<String, String> CERTIFICATE_ERRORS = Map.of("other_ca", "tls_untrusted", "expired",
			"tls_expired", "other_name", "tls_wrong_host");

	private static final Pattern INTERIM = Pattern.compile("HTTP/1\\.1 (1\\d\\d) ");

	private final Scenario scenario;

	private final List<Recorded> run;

	private final Situation situation;

	private final List<Finding> findings = new ArrayList<>();

	private final Set<String> applied = new TreeSet<>();

	Rules(Scenario scenario, List<Recorded> run) {
		this.scenario = scenario;
		this.run = run;
		this.situation = new Situation(scenario, run);
	}

	/**
	 * Check all rules.
	 * @return what breaks them
	 */
	List<Finding> findings() {
		for (Scenario.Request request : this.scenario.requests()) {
			List<Trace> traces = this.scenario.traces().isEmpty() ? List.of(new Trace(request, null))
					: this.scenario.traces().stream().map((name) -> new Trace(request, name)).toList();
			traces.forEach(this::check);
			if (traces.size() > 1) {
				composition(request, traces);
			}
		}
		connections();
		return this.findings;
	}

	/**
	 * Return the rules that applied.
	 */
	Set<String> applied() {
		return this.applied;
	}

	private void check(Trace trace) {
		if (trace.first("return") == null) {
			this.findings.add(Finding.missing("runner", trace.event("return")));
			return;
		}
		firstHook(trace);
		refusedRequest(trace);
		connectionOfEachAttempt(trace);
		pairs(trace);
		for (Attempt attempt : trace.attempts) {
			flags(attempt);
			pooled(trace, attempt);
			ownDial(trace, attempt);
			orderOfDial(trace, attempt);
			handshakes(trace, attempt);
			written(trace, attempt);
			responded(trace, attempt);
			interim(trace, attempt);
			expectation(trace, attempt);
		}
		handshakeResults(trace);
		writtenOfAll(trace);
		putIdle(trace);
		retries(trace);
		givenUp(trace);
		dialErrors(trace);
		dialsOfOwn(trace);
	}

	private void expect(String rule, boolean holds, Finding finding) {
		this.applied.add(rule);
		if (!holds) {
			this.findings.add(finding);
		}
	}

	private void expectBefore(String rule, @Nullable At first, @Nullable At second) {
		if (first != null && second != null) {
			expect(rule, first.index < second.index, Finding.order(rule, first.event, second.event));
		}
	}

	private void expectNone(String rule, List<At> events) {
		this.applied.add(rule);
		events.forEach((each) -> this.findings.add(Finding.unexpected(rule, each.event)));
	}

	private void expectArgument(String rule, At at, String argument, @Nullable Object expected) {
		Object value = at.event.arguments().get(argument);
		expect(rule, argument.equals("error") ? ErrorClass.isSame(value, expected) : Objects.equals(value, expected),
				Finding.argument(rule, at.event, argument, expected));
	}

	/**
	 * G1.
	 */
	private void firstHook(Trace trace) {
		At first = trace.hooks.isEmpty() ? null : trace.hooks.get(0);
		if (first != null) {
			expect("G1", first.event.is("getConn"), Finding.order("G1", trace.event("getConn"), first.event));
		}
		for (int i = 0; i < trace.attempts.size(); i++) {
			At getConn = trace.attempts.get(i).getConn;
			if (getConn != null) {
				URI proxy = this.scenario.client().proxy();
				if (proxy != null || i == 0 || !trace.request.followRedirects()) {
					expectArgument("G1", getConn, "host_port", (proxy != null) ? proxy.getHost() + ":" + proxy.getPort()
							: trace.request.url().getHost() + ":" + trace.request.port());
				}
				else {
					expect("G1", String.valueOf(getConn.event.text("host_port")).matches(".+:\\d+"),
							Finding.argument("G1", getConn.event, "host_port", "a host and a port"));
				}
			}
		}
	}

	/**
	 * G2.
	 */
	private void refusedRequest(Trace trace) {
		if (trace.request.isCancelledBefore() || "invalid_request".equals(trace.error())) {
			expectNone("G2", trace.hooks);
		}
	}

	/**
	 * G3.
	 */
	private void connectionOfEachAttempt(Trace trace) {
		for (Attempt attempt : trace.attempts) {
			At gotConn = attempt.first("gotConn");
			if (gotConn != null) {
				expect("G3", attempt.getConn != null, Finding.missing("G3", trace.event("getConn")));
				expect("G3", attempt.all("gotConn").size() == 1, Finding.unexpected("G3", gotConn.event));
			}
			for (At each : attempt.events) {
				if (!each.event.is("gotConn", "getConn")) {
					expect("G3", gotConn != null && gotConn.index < each.index,
							Finding.order("G3", trace.event("gotConn"), each.event));
				}
			}
		}
		if (trace.status() > 0) {
			expect("G3", trace.first("gotConn") != null, Finding.missing("G3", trace.event("gotConn")));
		}
	}

	/**
	 * G4.
	 */
	private void flags(Attempt attempt) {
		At gotConn = attempt.first("gotConn");
		if (gotConn == null) {
			return;
		}
		Event event = gotConn.event;
		expect("G4", event.flag("reused") || !event.flag("was_idle"), Finding.argument("G4", event, "was_idle", false));
		expectArgument("G4", gotConn, "idle_time_positive", event.flag("was_idle"));
		At earlier = earlierUse(gotConn);
		if (earlier != null) {
			expectArgument("G4", gotConn, "reused", true);
			At put = putIdleOf(earlier);
			if (put != null && attempt.getConn != null && !attempt.isHttp2()) {
				expectArgument("G4", gotConn, "was_idle", put.index < attempt.getConn.index);
			}
		}
	}

	/**
	 * The last time that the connection was given to another request before.
	 */
	private @Nullable At earlierUse(At gotConn) {
		At result = null;
		for (int i = 0; i < gotConn.index; i++) {
			Event event = this.run.get(i).event();
			if (event.is("gotConn") && Objects.equals(event.text("connection"), gotConn.event.text("connection"))
					&& !isComposed(event, gotConn.event)) {
				result = new At(i, event);
			}
		}
		return result;
	}

	private static boolean isComposed(Event event, Event other) {
		return event.by().equals(other.by()) && !Objects.equals(event.trace(), other.trace());
	}

	/**
	 * Where the request that was given a connection puts it back.
	 */
	private @Nullable At putIdleOf(At gotConn) {
		for (int i = gotConn.index + 1; i < this.run.size(); i++) {
			Event event = this.run.get(i).event();
			if (event.isOfSameRequest(gotConn.event)) {
				if (event.is("putIdleConn")) {
					return new At(i, event);
				}
				if (event.is("gotConn")) {
					return null;
				}
			}
		}
		return null;
	}

	/**
	 * G6.
	 */
	private void pooled(Trace trace, Attempt attempt) {
		At gotConn = attempt.first("gotConn");
		if (gotConn != null && attempt.getConn != null && gotConn.event.flag("was_idle") && !attempt.isHttp2()) {
			expectNone("G6", trace.dialHooks(attempt.getConn.index, gotConn.index));
		}
	}

	/**
	 * G5, G7.
	 */
	private void ownDial(Trace trace, Attempt attempt) {
		At gotConn = attempt.first("gotConn");
		if (gotConn == null || attempt.isHttp2()) {
			return;
		}
		String remote = gotConn.event.text("remote");
		long dialed = trace.all("connectDone")
			.stream()
			.filter((done) -> done.index < gotConn.index && done.event.error() == null
					&& Objects.equals(done.event.text("addr"), remote))
			.count();
		long givenNew = trace.all("gotConn")
			.stream()
			.filter((got) -> got.index < gotConn.index && !got.event.flag("reused")
					&& Objects.equals(got.event.text("remote"), remote))
			.count();
		if (dialed <= givenNew && earlierUse(gotConn) == null) {
			expectArgument("G5", gotConn, "reused", true);
		}
		if (!gotConn.event.flag("reused")) {
			expect("G7", dialed > givenNew, Finding.missing("G7", new Event("connectDone", gotConn.event.by(),
					gotConn.event.trace(), Map.of("addr", String.valueOf(remote)))));
		}
	}

	/**
	 * G8.
	 */
	private void pairs(Trace trace) {
		Map<String, Integer> open = new LinkedHashMap<>();
		Map<String, Event> starts = new HashMap<>();
		for (At each : trace.hooks) {
			String done = Event.ENDS.get(each.event.name());
			String address = Objects.toString(each.event.text("addr"), "");
			if (done != null) {
				this.applied.add("G8");
				open.merge(done + address, 1, Integer::sum);
				starts.put(done + address, each.event);
			}
			else if (Event.DIAL.contains(each.event.name())) {
				int left = open.merge(each.event.name() + address, -1, Integer::sum);
				expect("G8", left >= 0, Finding.unexpected("G8", each.event));
			}
		}
		open.forEach((key, left) -> {
			Event start = starts.get(key);
			if (start != null && left > 0) {
				expect("G8", false,
						Finding.missing("G8", new Event(Objects.requireNonNull(Event.ENDS.get(start.name())),
								start.by(), start.trace(), start.arguments())));
			}
		});
	}

	/**
	 * G9, as far as the dial.
	 */
	private void orderOfDial(Trace trace, Attempt attempt) {
		At gotConn = attempt.first("gotConn");
		if (gotConn == null || attempt.getConn == null || gotConn.event.flag("reused") || attempt.isHttp2()) {
			return;
		}
		List<At> dial = trace.dialHooks(attempt.getConn.index, gotConn.index);
		boolean literal = IpLiteral.matches(firstHop(trace));
		if (literal) {
			expectNone("G9", dial.stream().filter((each) -> each.event.is("dnsStart", "dnsDone")).toList());
		}
		else {
			expect("G9", first(dial, "dnsStart") != null, Finding.missing("G9", trace.event("dnsStart")));
		}
		expectBefore("G9", first(dial, "dnsStart"), first(dial, "dnsDone"));
		expectBefore("G9", first(dial, "dnsDone"), first(dial, "connectStart"));
		expectBefore("G9", first(dial, "connectStart"), first(dial, "connectDone"));
		At connected = succeeded(dial, "connectDone");
		expectBefore("G9", connected, first(dial, "tlsHandshakeStart"));
		expectBefore("G9", first(dial, "tlsHandshakeStart"), first(dial, "tlsHandshakeDone"));
	}

	private String firstHop(Trace trace) {
		URI proxy = this.scenario.client().proxy();
		return ((proxy != null) ? proxy : trace.request.url()).getHost().replaceAll("[\\[\\]]", "");
	}

	private static @Nullable At first(List<At> events, String name) {
		return events.stream().filter((each) -> each.event.is(name)).findFirst().orElse(null);
	}

	private static @Nullable At succeeded(List<At> events, String name) {
		return events.stream()
			.filter((each) -> each.event.is(name) && each.event.error() == null)
			.findFirst()
			.orElse(null);
	}

	/**
	 * G10.
	 */
	private void handshakes(Trace trace, Attempt attempt) {
		At gotConn = attempt.first("gotConn");
		if (gotConn == null || attempt.getConn == null || gotConn.event.flag("reused") || attempt.isHttp2()
				|| (trace.request.followRedirects() && trace.attempts.size() > 1)) {
			return;
		}
		List<String> names = new ArrayList<>();
		URI proxy = this.scenario.client().proxy();
		if (proxy != null && proxy.getScheme().equals("https")) {
			names.add(proxy.getHost());
		}
		if (trace.request.isSecure()) {
			names.add(trace.request.url().getHost());
		}
		List<At> dial = trace.dialHooks(attempt.getConn.index, gotConn.index);
		List<At> done = dial.stream()
			.filter((each) -> each.event.is("tlsHandshakeDone") && each.event.error() == null)
			.toList();
		for (int i = 0; i < Math.max(names.size(), done.size()); i++) {
			if (i >= done.size()) {
				expect("G10", false, Finding.missing("G10", trace.event("tlsHandshakeDone")));
			}
			else if (i >= names.size()) {
				expect("G10", false, Finding.unexpected("G10", done.get(i).event));
			}
			else {
				expectArgument("G10", done.get(i), "server_name", names.get(i));
				expectBefore("G10", succeeded(dial, "connectDone"), first(dial, "tlsHandshakeStart"));
			}
		}
	}

	/**
	 * G11, G12, G13.
	 */
	private void handshakeResults(Trace trace) {
		for (At done : trace.all("tlsHandshakeDone")) {
			boolean success = done.event.error() == null;
			for (String argument : List.of("version", "server_name")) {
				expect("G11", success != String.valueOf(done.event.text(argument)).isEmpty(),
						Finding.argument("G11", done.event, argument, success ? "set" : "empty"));
			}
			expectArgument("G11", done, "cipher_set", success);
			expectArgument("G11", done, "complete", success);
			expect("G11", success != Objects.equals(done.event.arguments().get("peer_certificates"), 0),
					Finding.argument("G11", done.event, "peer_certificates", success ? "more than 0" : 0));
			if (success) {
				clientCertificate(trace, done);
			}
			else {
				expectArgument("G11", done, "alpn", "");
				expectArgument("G11", done, "resumed", false);
				failedHandshake(trace, done);
			}
		}
	}

	private void failedHandshake(Trace trace, At done) {
		String error = String.valueOf(done.event.error());
		expect("G12", HANDSHAKE_ERRORS.contains(error),
				Finding.argument("G12", done.event, "error", "one of " + HANDSHAKE_ERRORS));
		String expected = expectedHandshakeError(trace, done);
		if (expected != null && !trace.isGivenUpBefore(done.index)) {
			expectArgument("G12", done, "error", expected);
		}
		Attempt attempt = trace.attemptAt(done.index);
		if (attempt == null || trace.isGivenUpBefore(done.index)) {
			return;
		}
		int end = trace.endOf(attempt);
		expectNone("G11", trace.between(done.index, end, "connectStart"));
		expectNone("G11",
				trace.between(done.index, end, "gotConn").stream().filter((got) -> !got.event.flag("reused")).toList());
		if (end == Integer.MAX_VALUE && attempt.first("gotConn") == null) {
			expectArgument("G11", trace.result(), "error", error);
		}
	}

	/**
	 * By the script of the server that the handshake is with, if there is but one.
	 */
	private @Nullable String expectedHandshakeError(Trace trace, At done) {
		At connected = null;
		for (At each : trace.all("connectDone")) {
			connected = (each.index < done.index && each.event.error() == null) ? each : connected;
		}
		Scenario.Server server = (connected != null) ? server(connected.event.text("addr")) : null;
		if (server == null || server.h2() != null || this.scenario.client().proxy() != null
				|| server.connections().stream().map(Scenario.Connection::start).distinct().count() != 1) {
			return null;
		}
		for (Scenario.Step step : server.connections().get(0).start()) {
			if (step.tls() != null) {
				return CERTIFICATE_ERRORS.get(step.tls().certificate());
			}
			if (step.send() != null) {
				return "tls_not_tls";
			}
			if (step.ending() != null) {
				return switch (step.ending()) {
					case CLOSE -> null; // or a reset, by what it had read
					case RESET -> "reset";
					case HOLD -> "tls_timeout";
				};
			}
		}
		return null;
	}

	private Scenario.@Nullable Server server(@Nullable String address) {
		return this.scenario.servers()
			.stream()
			.filter((server) -> server.at().contains(address))
			.findFirst()
			.orElse(null);
	}

	private void clientCertificate(Trace trace, At done) {
		boolean required = this.scenario.servers()
			.stream()
			.flatMap((server) -> server.connections().stream())
			.flatMap((connection) -> connection.start().stream())
			.anyMatch((step) -> step.tls() != null && step.tls().requiresClientCertificate());
		if (required && "1.3".equals(done.event.text("version"))) {
			expect("G13", trace.first("gotConn") != null, Finding.missing("G13", trace.event("gotConn")));
			expectArgument("G13", trace.result(), "error", "tls_alert");
		}
	}

	/**
	 * G15, G16, and G9 after the dial.
	 */
	private void written(Trace trace, Attempt attempt) {
		At gotConn = attempt.first("gotConn");
		At headers = attempt.first("wroteHeaders");
		At request = attempt.first("wroteRequest");
		boolean last = attempt == trace.lastAttempt();
		if (gotConn != null && last && trace.status() > 0) {
			expect("G15", headers != null, Finding.missing("G15", trace.event("wroteHeaders")));
		}
		if (headers != null) {
			expect("G15", attempt.all("wroteHeaders").size() == 1, Finding.unexpected("G15", headers.event));
			expectBefore("G15", headers, request);
			expectBefore("G9", gotConn, headers);
		}
		if (request != null) {
			expect("G16", headers != null, Finding.missing("G16", trace.event("wroteHeaders")));
			expect("G16", attempt.all("wroteRequest").size() == 1, Finding.unexpected("G16", request.event));
		}
		if (trace.request.body() == null && !attempt.isHttp2()) {
			expectBefore("G16", request, attempt.first("gotFirstResponseByte"));
		}
		else {
			expectBefore("G25", gotConn, attempt.first("gotFirstResponseByte"));
		}
	}

	/**
	 * G16, G17, G18, G19.
	 */
	private void writtenOfAll(Trace trace) {
		if (trace.all("wroteHeaders").size() > trace.all("wroteRequest").size()) {
			expect("G16", false, Finding.missing("G16", trace.event("wroteRequest")));
		}
		Scenario.Body body = trace.request.body();
		for (At wrote : trace.all("wroteRequest")) {
			String error = wrote.event.error();
			if (body != null && body.failsAfterBytes() != null) {
				expectArgument("G17", wrote, "error", "request_body");
				expectArgument("G17", trace.result(), "error", "request_body");
			}
			else if (error != null) {
				expect("G17", Set.of("reset", "eof", "closed").contains(error),
						Finding.argument("G17", wrote.event, "error", "reset or closed"));
			}
			if (trace.request.expectsContinue() && trace.status() >= 400 && trace.first("got100Continue") == null) {
				expectArgument("G18", wrote, "error", null);
			}
			if (trace.error() != null && !trace.isHttp2()) {
				expectBefore("G19", wrote, trace.result());
			}
		}
	}

	/**
	 * G20, and G9 and G25 as far as the return.
	 */
	private void responded(Trace trace, Attempt attempt) {
		At gotConn = attempt.first("gotConn");
		At first = attempt.first("gotFirstResponseByte");
		if (first != null) {
			expect("G20", attempt.all("gotFirstResponseByte").size() == 1, Finding.unexpected("G20", first.event));
			expectBefore("G20", gotConn, first);
			expectBefore((trace.request.body() == null) ? "G9" : "G25", first, trace.result());
		}
		else if (attempt == trace.lastAttempt() && trace.status() > 0) {
			expect("G20", false, Finding.missing("G20", trace.event("gotFirstResponseByte")));
		}
	}

	/**
	 * G21, G22.
	 */
	private void interim(Trace trace, Attempt attempt) {
		At first = attempt.first("gotFirstResponseByte");
		List<At> interim = attempt.all("got1xxResponse");
		for (At each : interim) {
			expectBefore("G21", first, each);
			expectBefore("G21", each, trace.result());
			expect("G21", !Objects.equals(each.event.arguments().get("code"), 101),
					Finding.unexpected("G21", each.event));
		}
		List<Integer> codes = interimCodes(trace);
		if (codes != null && attempt == trace.lastAttempt() && trace.status() > 0) {
			List<Object> seen = interim.stream().map((each) -> each.event.arguments().get("code")).toList();
			for (int i = 0; i < Math.max(codes.size(), seen.size()); i++) {
				if (i >= seen.size()) {
					expect("G21", false, Finding.missing("G21",
							new Event("got1xxResponse", trace.request.by(), trace.name, Map.of("code", codes.get(i)))));
				}
				else if (i >= codes.size()) {
					expect("G21", false, Finding.unexpected("G21", interim.get(i).event));
				}
				else {
					expectArgument("G21", interim.get(i), "code", codes.get(i));
				}
			}
		}
		List<At> continues = attempt.all("got100Continue");
		if (!trace.request.expectsContinue()) {
			if (!interim.isEmpty()) {
				expectNone("G22", continues);
			}
			return;
		}
		At of100 = interim.stream()
			.filter((each) -> Objects.equals(each.event.arguments().get("code"), 100))
			.findFirst()
			.orElse(null);
		if (of100 != null) {
			expect("G22", continues.size() == 1, Finding.missing("G22", trace.event("got100Continue")));
		}
		for (At each : continues) {
			expect("G22", of100 != null, Finding.missing("G22", trace.event("got1xxResponse")));
			if (!attempt.isHttp2()) {
				expectBefore("G22", each, of100);
			}
		}
	}

	/**
	 * What the only script sends before its only final head.
	 */
	private @Nullable List<Integer> interimCodes(Trace trace) {
		if (this.scenario.requests().size() != 1 || this.scenario.servers().size() != 1
				|| trace.request.followRedirects()) {
			return null;
		}
		Scenario.Server server = this.scenario.servers().get(0);
		if (server.h2() != null) {
			Scenario.H2Path path = server.h2().get(trace.request.url().getPath());
			return (path != null) ? path.interim() : null;
		}
		if (server.connections().size() != 1 || server.connections().get(0).each().size() != 1) {
			return null;
		}
		List<Integer> codes = new ArrayList<>();
		for (Scenario.Step step : server.connections().get(0).each().get(0)) {
			Matcher matcher = INTERIM.matcher(Objects.requireNonNullElse(step.send(), ""));
			while (matcher.find()) {
				codes.add(Integer.parseInt(matcher.group(1)));
			}
		}
		codes.remove((Integer) 101);
		return codes;
	}

	/**
	 * G24.
	 */
	private void expectation(Trace trace, Attempt attempt) {
		List<At> waits = attempt.all("wait100Continue");
		if (!trace.request.expectsContinue() || trace.request.body() == null) {
			waits.forEach((each) -> expect("G24", false, Finding.unexpected("G24", each.event)));
			return;
		}
		At headers = attempt.first("wroteHeaders");
		if (headers != null) {
			expect("G24", !waits.isEmpty(), Finding.missing("G24", trace.event("wait100Continue")));
			expect("G24", waits.size() <= 1, Finding.unexpected("G24", trace.event("wait100Continue")));
		}
		for (At each : waits) {
			expectBefore("G24", headers, each);
			expectBefore("G24", each, attempt.first("wroteRequest"));
		}
	}

	/**
	 * G26, G27, G28, G30.
	 */
	private void putIdle(Trace trace) {
		for (Attempt attempt : trace.attempts) {
			List<At> puts = attempt.all("putIdleConn");
			if (!puts.isEmpty()) {
				expect("G26", puts.size() == 1, Finding.unexpected("G26", puts.get(0).event));
			}
			for (At put : puts) {
				String error = put.event.error();
				if (error != null) {
					expect("G27", Set.of("pool_full", "pool_closed").contains(error),
							Finding.argument("G27", put.event, "error", "pool_full or pool_closed"));
					expect("G27", trace.status() > 0, Finding.argument("G27", trace.result().event, "status", "set"));
				}
				if (attempt.isHttp2()) {
					expect("G28", false, Finding.unexpected("G28", put.event));
				}
			}
			if (attempt != trace.lastAttempt() && trace.request.followRedirects()
					&& attempt.first("gotFirstResponseByte") != null) {
				redirected(trace, attempt);
			}
		}
		Attempt last = trace.lastAttempt();
		if (last != null && last.first("gotConn") != null && !last.isHttp2()) {
			putIdleOfLast(trace, last, last.first("putIdleConn"));
		}
	}

	private void redirected(Trace trace, Attempt attempt) {
		if (!this.scenario.client().keepsNoConnection() && !trace.request.close()
				&& !Boolean.TRUE.equals(this.situation.isClosedByServer(trace.request.by()))) {
			expect("G30", attempt.first("putIdleConn") != null, Finding.missing("G30", trace.event("putIdleConn")));
		}
	}

	private void putIdleOfLast(Trace trace, Attempt last, @Nullable At put) {
		Boolean hasBody = this.situation.hasBody(trace.request.by());
		At eof = trace.first("bodyEof");
		if (isNeverKept(trace, hasBody)) {
			expectNone("G28", last.all("putIdleConn"));
			return;
		}
		boolean read = eof != null && !trace.request.read().isUnread();
		Scenario.Body body = trace.request.body();
		boolean written = (body == null || body.pauseMsBeforeSecondHalf() == 0) && !trace.request.expectsContinue();
		if (read && written && trace.status() > 0
				&& Boolean.FALSE.equals(this.situation.isClosedByServer(trace.request.by()))) {
			expect("G26", put != null, Finding.missing("G26", trace.event("putIdleConn")));
		}
		if (put != null && put.event.error() == null && hasBody != null && written) {
			if (hasBody) {
				expectBefore("G26", trace.result(), put);
				expectBefore("G26", put, eof);
			}
			else {
				expectBefore("G26", put, trace.result());
			}
		}
	}

	private boolean isNeverKept(Trace trace, @Nullable Boolean hasBody) {
		return trace.status() == 0 || trace.first("bodyError") != null || trace.status() == 101
				|| this.scenario.client().keepsNoConnection() || trace.request.close()
				|| (trace.request.read().isUnread() && Boolean.TRUE.equals(hasBody))
				|| Boolean.TRUE.equals(this.situation.isClosedByServer(trace.request.by()));
	}

	/**
	 * G29, G30.
	 */
	private void retries(Trace trace) {
		for (int i = 0; i + 1 < trace.attempts.size(); i++) {
			Attempt attempt = trace.attempts.get(i);
			if (trace.request.followRedirects()) {
				expectBefore("G30", attempt.first("gotFirstResponseByte"), trace.attempts.get(i + 1).getConn);
			}
			else if (!attempt.isHttp2() && !trace.isHttp2()) {
				expectNone("G29", attempt.all("gotFirstResponseByte"));
				expectNone("G29", attempt.all("putIdleConn"));
				expect("G29", attempt.all("wroteRequest").size() >= attempt.all("wroteHeaders").size(),
						Finding.missing("G29", trace.event("wroteRequest")));
				expectBefore("G29", attempt.first("wroteRequest"), trace.attempts.get(i + 1).getConn);
			}
		}
	}

	/**
	 * G33.
	 */
	private void givenUp(Trace trace) {
		At result = trace.result();
		At cancel = trace.first("cancel");
		if (cancel != null && cancel.index < result.index) {
			expectArgument("G33", result, "error", "canceled");
		}
		if (Set.of("canceled", "timeout").contains(String.valueOf(trace.error()))) {
			this.applied.add("G33");
			for (At each : trace.hooks) {
				if (each.index > result.index && !Event.DIAL.contains(each.event.name())
						&& !Event.OF_NETTRACE_ALONE.contains(each.event.name())
						&& !(each.event.is("wroteRequest") && trace.isHttp2())) {
					expect("G33", false, Finding.unexpected("G33", each.event));
				}
			}
		}
	}

	/**
	 * G34.
	 */
	private void dialErrors(Trace trace) {
		At result = trace.result();
		if (trace.first("gotConn") != null || trace.error() == null || trace.isGivenUpBefore(result.index)) {
			return;
		}
		At lookup = trace.first("dnsDone");
		if (lookup != null && lookup.event.error() != null) {
			expectArgument("G34", result, "error", lookup.event.error());
			return;
		}
		List<At> connects = trace.all("connectDone");
		if (!connects.isEmpty() && connects.stream().allMatch((done) -> done.event.error() != null)) {
			String first = trace.all("connectStart").get(0).event.text("addr");
			connects.stream()
				.filter((done) -> Objects.equals(done.event.text("addr"), first))
				.findFirst()
				.ifPresent((done) -> expectArgument("G34", result, "error", done.event.error()));
		}
		else if (this.scenario.client().proxy() != null && trace.first("tlsHandshakeStart") == null
				&& !connects.isEmpty() && trace.request.isSecure() && this.situation.refusesToConnect()) {
			expectArgument("G34", result, "error", "proxy_status");
		}
	}

	/**
	 * G35: what is dialed has been looked up by the same trace.
	 */
	private void dialsOfOwn(Trace trace) {
		if (IpLiteral.matches(firstHop(trace)) || trace.request.followRedirects()) {
			return;
		}
		for (At start : trace.all("connectStart")) {
			boolean own = trace.all("dnsDone")
				.stream()
				.anyMatch((done) -> done.index < start.index
						&& done.event.arguments().get("addrs") instanceof List<?> answer && answer.stream()
							.anyMatch((address) -> isAt(String.valueOf(start.event.text("addr")), address)));
			expect("G35", own, Finding.order("G35", trace.event("dnsDone"), start.event));
		}
	}

	private static boolean isAt(String socketAddress, Object address) {
		return socketAddress.startsWith(address + ":") || socketAddress.startsWith("[" + address + "]:");
	}

	/**
	 * G35: each connection that a request was given has been dialed.
	 */
	private void connections() {
		Map<String, Set<String>> given = new LinkedHashMap<>();
		Map<String, Event> last = new HashMap<>();
		Map<String, Set<Integer>> dialed = new HashMap<>();
		for (int i = 0; i < this.run.size(); i++) {
			Event event = this.run.get(i).event();
			String firstTrace = this.scenario.traces().isEmpty() ? null : this.scenario.traces().get(0);
			if (!Objects.equals(event.trace(), firstTrace)) {
				continue;
			}
			if (event.is("gotConn")) {
				given.computeIfAbsent(String.valueOf(event.text("remote")), (key) -> new TreeSet<>())
					.add(String.valueOf(event.text("connection")));
				last.put(String.valueOf(event.text("remote")), event);
			}
			else if (event.is("connectDone") && event.error() == null) {
				dialed.computeIfAbsent(String.valueOf(event.text("addr")), (key) -> new TreeSet<>()).add(i);
			}
		}
		given.forEach((remote, connections) -> expect("G35",
				connections.size() <= dialed.getOrDefault(remote, Set.of()).size(),
				Finding.missing("G35", new Event("connectDone", Objects.requireNonNull(last.get(remote)).by(), null,
						Map.of("addr", remote)))));
	}

	/**
	 * G31: for each call the newest trace first, the older ones next, on the same thread.
	 */
	private void composition(Scenario.Request request, List<Trace> traces) {
		List<Recorded> hooks = this.run.stream()
			.filter((each) -> each.event().by().equals(request.by()) && each.event().isHook())
			.toList();
		List<Recorded> left = new ArrayList<>(hooks);
		while (!left.isEmpty()) {
			Recorded newest = left.get(0);
			for (int i = traces.size() - 1; i >= 0; i--) {
				String name = traces.get(i).name;
				int index = i;
				Recorded next = left.stream()
					.filter((each) -> each.thread().equals(newest.thread()))
					.findFirst()
					.orElse(newest);
				boolean same = next.event()
					.equals(new Event(newest.event().name(), request.by(), name, newest.event().arguments()));
				expect("G31", same, (index == traces.size() - 1)
						? Finding.order("G31", new Event(newest.event().name(), request.by(), name, Map.of()),
								newest.event())
						: Finding.missing("G31",
								new Event(newest.event().name(), request.by(), name, newest.event().arguments())));
				if (!same) {
					return;
				}
				left.remove(next);
			}
		}
	}

	/**
	 * An event at its place in the run.
	 */
	private record At(int index, Event event) {

	}

	/**
	 * From one {@code getConn} to the next.
	 */
	private final class Attempt {

		private final @Nullable At getConn;

		private final List<At> events = new ArrayList<>();

		Attempt(@Nullable At getConn) {
			this.getConn = getConn;
		}

		@Nullable At first(String name) {
			return Rules.first(this.events, name);
		}

		List<At> all(String name) {
			return this.events.stream().filter((each) -> each.event.is(name)).toList();
		}

		boolean isHttp2() {
			At gotConn = first("gotConn");
			return (gotConn != null) ? "2".equals(gotConn.event.text("protocol"))
					: Rules.this.scenario.client().http2();
		}

	}

	/**
	 * What one trace of a request was told, and the marks of the request.
	 */
	private final class Trace {

		private final Scenario.Request request;

		private final @Nullable String name;

		private final List<At> events = new ArrayList<>();

		private final List<At> hooks;

		private final List<Attempt> attempts = new ArrayList<>();

		Trace(Scenario.Request request, @Nullable String name) {
			this.request = request;
			this.name = name;
			for (int i = 0; i < Rules.this.run.size(); i++) {
				Event event = Rules.this.run.get(i).event();
				if (event.by().equals(request.by()) && (!event.isHook() || Objects.equals(event.trace(), name))) {
					this.events.add(new At(i, event));
				}
			}
			this.hooks = this.events.stream().filter((each) -> each.event.isHook()).toList();
			divide();
		}

		private void divide() {
			for (At each : this.hooks) {
				if (each.event.is("getConn")) {
					this.attempts.add(new Attempt(each));
				}
				else if (!Event.DIAL.contains(each.event.name())
						&& !Event.OF_NETTRACE_ALONE.contains(each.event.name())) {
					if (this.attempts.isEmpty()) {
						this.attempts.add(new Attempt(null));
					}
					attemptOf(each).events.add(each);
				}
			}
		}

		/**
		 * The last attempt on the event's connection, or the last of all.
		 */
		private Attempt attemptOf(At event) {
			for (int i = this.attempts.size() - 1; i >= 0 && !event.event.is("gotConn"); i--) {
				At gotConn = this.attempts.get(i).first("gotConn");
				if (gotConn != null
						&& Objects.equals(gotConn.event.text("connection"), event.event.text("connection"))) {
					return this.attempts.get(i);
				}
			}
			return this.attempts.get(this.attempts.size() - 1);
		}

		Event event(String event) {
			return new Event(event, this.request.by(), this.name, Map.of());
		}

		@Nullable At first(String event) {
			return Rules.first(this.events, event);
		}

		List<At> all(String event) {
			return this.events.stream().filter((each) -> each.event.is(event)).toList();
		}

		List<At> between(int from, int to, String event) {
			return all(event).stream().filter((each) -> each.index > from && each.index < to).toList();
		}

		List<At> dialHooks(int from, int to) {
			return this.hooks.stream()
				.filter((each) -> each.index > from && each.index < to && Event.DIAL.contains(each.event.name()))
				.toList();
		}

		@Nullable Attempt lastAttempt() {
			return this.attempts.isEmpty() ? null : this.attempts.get(this.attempts.size() - 1);
		}

		@Nullable Attempt attemptAt(int index) {
			Attempt result = null;
			for (Attempt each : this.attempts) {
				result = (each.getConn != null && each.getConn.index < index) ? each : result;
			}
			return result;
		}

		/**
		 * Where the next attempt begins.
		 */
		int endOf(Attempt attempt) {
			int next = this.attempts.indexOf(attempt) + 1;
			At getConn = (next < this.attempts.size()) ? this.attempts.get(next).getConn : null;
			return (getConn != null) ? getConn.index : Integer.MAX_VALUE;
		}

		At result() {
			return Objects.requireNonNull(first("return"));
		}

		int status() {
			return (result().event.arguments().get("status") instanceof Integer status) ? status : 0;
		}

		@Nullable String error() {
			return result().event.error();
		}

		/**
		 * Whether the caller cancelled before, or its deadline may have passed.
		 */
		boolean isGivenUpBefore(int index) {
			At cancel = first("cancel");
			return (cancel != null && cancel.index < index) || "timeout".equals(error());
		}

		boolean isHttp2() {
			return this.attempts.stream().anyMatch(Attempt::isHttp2);
		}

	}

}
