package io.nettrace.autoconfigure;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import io.micrometer.core.instrument.MeterRegistry;
import io.nettrace.NetTrace;
import io.nettrace.NetTraceContext;
import io.nettrace.autoconfigure.Case.Shows;
import io.nettrace.autoconfigure.TracedClient.Call;
import io.nettrace.autoconfigure.TracedClient.Caller;
import io.nettrace.test.BlackHole;
import io.nettrace.test.DnsAnswer;
import io.nettrace.test.DnsServer;
import io.nettrace.test.RefusingAddress;
import io.nettrace.test.SpanTree;
import io.opentelemetry.api.common.AttributeKey;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.boot.http.client.InetAddressFilter;
import org.springframework.boot.ssl.SslBundles;
import reactor.core.publisher.Hooks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * What every client shows, whatever its library: whole span trees, and one done for each
 * start. What a library cannot show is in {@link TracedClient}, and is asserted to be
 * absent. {@link ContractTable} prints the results.
 */
@ParameterizedClass
@EnumSource
@ExtendWith(ContractTable.class)
class ClientContractTests extends ContractTest {

	private static final int CONCURRENT = 50;

	private static final int STREAMS = 10;

	private static final String NO_TRACING = "spring.autoconfigure.exclude="
			+ "org.springframework.boot.micrometer.tracing.autoconfigure.MicrometerTracingAutoConfiguration,"
			+ "org.springframework.boot.micrometer.tracing.autoconfigure.NoopTracerAutoConfiguration,"
			+ "org.springframework.boot.micrometer.tracing.opentelemetry.autoconfigure.OpenTelemetryTracingAutoConfiguration,"
			+ "org.springframework.boot.micrometer.tracing.opentelemetry.autoconfigure.otlp.OtlpTracingAutoConfiguration";

	private static final String NO_METRICS = "spring.autoconfigure.exclude="
			+ "org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration,"
			+ "org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration,"
			+ "org.springframework.boot.micrometer.metrics.autoconfigure.export.simple.SimpleMetricsExportAutoConfiguration";

	private final LoopbackServer server = LoopbackServer.start("127.0.0.9");

	private final DnsServer dns = DnsServer.start();

	private @Nullable TracedApplication started;

	private @Nullable HookCounts counts;

	ClientContractTests(TracedClient client) {
		super(client);
	}

	@BeforeEach
	void useNames() {
		LoopbackNames.use(this.dns);
		this.dns.set(host("good"), DnsAnswer.addresses("127.0.0.9"));
	}

	/**
	 * Every case leaves nothing on any thread. Checked first, while the client's threads
	 * are alive.
	 */
	@AfterEach
	void leavesNothingBoundAndStops() {
		try {
			BoundToThreads.awaitNothing();
		}
		finally {
			stop();
		}
	}

	private void stop() {
		if (this.started != null) {
			this.started.close();
		}
		this.server.close();
		this.dns.close();
		Hooks.disableAutomaticContextPropagation();
		if (this.counts != null) {
			this.counts.awaitDone();
		}
	}

	private TracedApplication start(String... properties) {
		return start(List.of(), properties);
	}

	private TracedApplication start(List<Class<?>> configurations, String... properties) {
		List<Class<?>> all = new ArrayList<>(List.of(LoopbackNames.class, HookCounts.class));
		all.addAll(configurations);
		TracedApplication application = client().start(all, properties);
		this.started = application;
		this.counts = application.bean(HookCounts.class);
		return application;
	}

	private TracedApplication application() {
		return Objects.requireNonNull(this.started);
	}

	private HookCounts counts() {
		return Objects.requireNonNull(this.counts);
	}

	private String url(String host) {
		return this.server.url(host);
	}

	/**
	 * Assert the whole tree, except what the client cannot show.
	 */
	private void shows(String expected) {
		String tree = possible(expected);
		Awaitility.await()
			.atMost(Duration.ofSeconds(20))
			.pollInterval(Duration.ofMillis(5))
			.untilAsserted(() -> assertThat(SpanTree.render(application().spans())).isEqualTo(tree));
		takeTree();
	}

	private String possible(String tree) {
		return (tree.contains("  socket connect") && lacks(Limit.CONNECTS))
				? tree.replaceAll("(?m)^ *(socket connect|TLS handshake) .*\n", "") : tree;
	}

	private void showsSomethingLike(String regex) {
		Awaitility.await()
			.atMost(Duration.ofSeconds(20))
			.pollInterval(Duration.ofMillis(5))
			.untilAsserted(() -> assertThat(SpanTree.render(application().spans())).matches(regex));
		takeTree();
	}

	private String takeTree() {
		assertThat(application().spans())
			.filteredOn((span) -> span.getAttributes().asMap().keySet().toString().contains("nettrace")
					&& span.getAttributes().get(AttributeKey.longKey("nettrace.exchanges")) == null)
			.allSatisfy((span) -> assertThat(span.getAttributes().asMap().toString())
				.contains("nettrace.client=" + client().client() + ","));
		return application().tree();
	}

	@Test
	@Shows(Case.ONE_ADDRESS)
	void showsALookupAndAConnect() {
		client().caller(start()).get(url(host("good")));
		shows(connected(host("good")));
		assertThat(this.dns.queries(host("good"), "A")).isEqualTo(1);
	}

	@Test
	@Shows(Case.FIRST_REFUSED)
	void showsEachAttemptWithItsOwnOutcome() {
		Caller caller = client().caller(start());
		try (RefusingAddress refusing = RefusingAddress.open("127.0.0.8", this.server.port())) {
			this.dns.set(host("multi"), DnsAnswer.addresses(refusing.address().getHostString(), "127.0.0.9"));
			getFromLaterAddress(caller, host("multi"));
		}
		shows(root(!client().has(Limit.NEXT_ADDRESS)) + answered(host("multi"), "127.0.0.8,127.0.0.9")
				+ failed(1, "127.0.0.8", host("multi"), "connection_refused")
				+ connected(2, "127.0.0.9", host("multi")));
	}

	@Test
	@Shows(Case.ALL_REFUSED)
	void showsThatEveryAddressRefused() {
		Caller caller = client().caller(start());
		try (RefusingAddress first = RefusingAddress.open("127.0.0.7", this.server.port());
				RefusingAddress second = RefusingAddress.open("127.0.0.8", this.server.port())) {
			this.dns.set(host("refused"),
					DnsAnswer.addresses(first.address().getHostString(), second.address().getHostString()));
			assertThatExceptionOfType(RuntimeException.class).isThrownBy(() -> caller.get(url(host("refused"))));
		}
		shows(root(false) + answered(host("refused"), "127.0.0.7,127.0.0.8")
				+ failed(1, "127.0.0.7", host("refused"), "connection_refused")
				+ failed(2, "127.0.0.8", host("refused"), "connection_refused"));
	}

	@Test
	@Shows(Case.BLACK_HOLE)
	void showsABlackHoleAndWhatCameAfterIt() {
		Caller caller = client().caller(start("spring.http.clients.connect-timeout=300ms"));
		try (BlackHole hole = BlackHole.open("127.0.0.5", this.server.port())) {
			this.dns.set(host("hole"), DnsAnswer.addresses(hole.address().getHostString(), "127.0.0.9"));
			getFromLaterAddress(caller, host("hole"));
		}
		shows(root(!client().has(Limit.NEXT_ADDRESS)) + answered(host("hole"), "127.0.0.5,127.0.0.9")
				+ failed(1, "127.0.0.5", host("hole"), "timed_out") + connected(2, "127.0.0.9", host("hole")));
	}

	private Caller racing(String delay) {
		return client().caller(startRacing(delay));
	}

	private TracedApplication startRacing(String delay, String... properties) {
		return start(Stream.concat(Stream.of(properties), Stream.of("nettrace.connect.happy-eyeballs.enabled=true",
				"nettrace.connect.happy-eyeballs.strategy=rfc8305",
				"nettrace.connect.happy-eyeballs.fallback-delay=" + delay, "spring.http.clients.connect-timeout=300ms"))
			.toArray(String[]::new));
	}

	@Test
	@Shows(Case.RACE_BLACK_HOLE)
	void letsTheNextAddressRaceABlackHole() {
		Caller caller = racing("20ms");
		try (BlackHole hole = BlackHole.open("127.0.0.5", this.server.port())) {
			this.dns.set(host("hole"), DnsAnswer.addresses(hole.address().getHostString(), "127.0.0.9"));
			getFromLaterAddress(caller, host("hole"));
		}
		String first = lacks(Limit.RACES) ? failed(1, "127.0.0.5", host("hole"), "timed_out")
				: connected(1, "127.0.0.5", host("hole")).replace("=connected", "=cancelled");
		shows(root(!client().has(Limit.NEXT_ADDRESS)) + answered(host("hole"), "127.0.0.5,127.0.0.9") + first
				+ connected(2, "127.0.0.9", host("hole")));
	}

	@Test
	@Shows(Case.RACE_REFUSED)
	void doesNotWaitForTheDelayAfterARefusal() {
		Caller caller = racing("1d");
		try (RefusingAddress refusing = RefusingAddress.open("127.0.0.8", this.server.port())) {
			this.dns.set(host("multi"), DnsAnswer.addresses(refusing.address().getHostString(), "127.0.0.9"));
			getFromLaterAddress(caller, host("multi"));
		}
		lacks(Limit.RACES); // one after the other it looks the same
		shows(root(!client().has(Limit.NEXT_ADDRESS)) + answered(host("multi"), "127.0.0.8,127.0.0.9")
				+ failed(1, "127.0.0.8", host("multi"), "connection_refused")
				+ connected(2, "127.0.0.9", host("multi")));
	}

	@Test
	@Shows(Case.RACE_ALL_DEAD)
	void givesEachAddressOfARaceTheConnectTimeout() {
		Caller caller = racing("20ms");
		try (BlackHole first = BlackHole.open("127.0.0.5", this.server.port());
				BlackHole second = BlackHole.open("127.0.0.6", this.server.port())) {
			this.dns.set(host("hole"),
					DnsAnswer.addresses(first.address().getHostString(), second.address().getHostString()));
			assertThatExceptionOfType(RuntimeException.class).isThrownBy(() -> caller.get(url(host("hole"))));
		}
		lacks(Limit.RACES); // one after the other it looks the same
		shows(root(false) + answered(host("hole"), "127.0.0.5,127.0.0.6")
				+ failed(1, "127.0.0.5", host("hole"), "timed_out")
				+ failed(2, "127.0.0.6", host("hole"), "timed_out"));
	}

	@Test
	@Shows(Case.RACE_FILTERED)
	void doesNotLetRaceWhatTheFilterDenies() {
		// so long that the next address is tried when the first has refused, not before
		TracedApplication application = startRacing("1d");
		if (lacks(Limit.RACES)) {
			return;
		}
		try (RefusingAddress refusing = RefusingAddress.open("127.0.0.7", this.server.port())) {
			this.dns.set(host("multi"),
					DnsAnswer.addresses(refusing.address().getHostString(), "127.0.0.8", "127.0.0.9"));
			client().filtered(application, InetAddressFilter.not("127.0.0.8")).get(url(host("multi")));
		}
		String answers = lacks(Limit.FILTERED_ANSWERS) ? "127.0.0.7,127.0.0.8,127.0.0.9" : "127.0.0.7,127.0.0.9";
		shows(root(true) + answered(host("multi"), answers)
				+ failed(1, "127.0.0.7", host("multi"), "connection_refused")
				+ connected(2, "127.0.0.9", host("multi")));
	}

	/**
	 * The classic client of HttpComponents goes on with the address that has lost.
	 */
	@Test
	@Shows(Case.RACE_TLS)
	void showsTheHandshakeThatFailsAtTheWinner(@TempDir Path temp) throws Exception {
		TracedApplication application = startRacing("20ms", Keystores.properties(temp, host("hole")));
		Caller caller = client().caller(application);
		try (LoopbackServer tlsServer = LoopbackServer.startTls("127.0.0.9",
				application.bean(SslBundles.class).getBundle("server").createSslContext());
				BlackHole hole = BlackHole.open("127.0.0.5", tlsServer.port())) {
			this.dns.set(host("hole"), DnsAnswer.addresses(hole.address().getHostString(), "127.0.0.9"));
			assertThatExceptionOfType(RuntimeException.class)
				.isThrownBy(() -> caller.get("https://" + host("hole") + ":" + tlsServer.port() + "/"));
		}
		String first = lacks(Limit.RACES) ? failed(1, "127.0.0.5", host("hole"), "timed_out")
				: connected(1, "127.0.0.5", host("hole")).replace("=connected", "=cancelled");
		String last = (client() == TracedClient.REST_CLIENT_ON_HTTP_COMPONENTS)
				? failed(3, "127.0.0.5", host("hole"), "timed_out") : "";
		shows(root(false) + answered(host("hole"), "127.0.0.5,127.0.0.9") + first
				+ connected(2, "127.0.0.9", host("hole"))
				+ "  TLS handshake ! {error.type=certificate_untrusted, server.address=" + host("hole") + "}\n" + last);
	}

	private void getFromLaterAddress(Caller caller, String host) {
		if (lacks(Limit.NEXT_ADDRESS)) {
			assertThatExceptionOfType(RuntimeException.class).isThrownBy(() -> caller.get(url(host)));
		}
		else {
			caller.get(url(host));
		}
	}

	@Test
	@Shows(Case.UNKNOWN_HOST)
	void showsAnUnknownHost() {
		Caller caller = client().caller(start());
		assertThatExceptionOfType(RuntimeException.class).isThrownBy(() -> caller.get(url(host("unknown"))));
		shows(root(false) + "  DNS lookup ! {dns.question.name=" + host("unknown")
				+ ", error.type=host_not_found, nettrace.dns.coalesced=false}\n");
	}

	@Test
	@Shows(Case.SLOW_LOOKUP)
	void waitsForASlowLookup() throws Exception {
		CompletableFuture<Void> release = new CompletableFuture<>();
		this.dns.set(host("slow"), DnsAnswer.addresses("127.0.0.9").after(release));
		Call call = client().caller(start()).start(url(host("slow")));
		this.dns.awaitQueries(host("slow"), "A", 1);
		release.complete(null);
		await(call);
		shows(connected(host("slow")));
	}

	@Test
	@Shows(Case.LOOKUP_TIMEOUT)
	void givesUpALookupAfterItsTimeout() {
		Caller caller = client().caller(start("nettrace.dns.timeout=100ms"));
		if (lacks(Limit.LOOKUP_TIMEOUT) || lacks(Limit.UNTOUCHED_RESOLVER)) {
			this.dns.set(host("slow"), DnsAnswer.addresses("127.0.0.9").after(Duration.ofMillis(400)));
			caller.get(url(host("slow")));
			shows(connected(host("slow")));
			return;
		}
		this.dns.set(host("silent"), DnsAnswer.silence());
		assertThatExceptionOfType(RuntimeException.class).isThrownBy(() -> caller.get(url(host("silent"))));
		shows(root(false) + "  DNS lookup ! {dns.question.name=" + host("silent")
				+ ", error.type=timed_out, nettrace.dns.coalesced=false}\n");
	}

	@Test
	@Shows(Case.IPV4_LITERAL)
	void showsAnIpv4AddressWithoutALookup() {
		client().caller(start()).get(url("127.0.0.9"));
		shows(root(true) + connected(1, "127.0.0.9", "127.0.0.9"));
	}

	@Test
	@Shows(Case.IPV6_LITERAL)
	void showsAnIpv6AddressWithoutALookup() {
		try (LoopbackServer ipv6 = LoopbackServer.start("::1")) {
			Caller caller = client().caller(start());
			if (lacks(Limit.IPV6_LITERALS)) {
				assertThatExceptionOfType(RuntimeException.class).isThrownBy(() -> caller.get(ipv6.url("[::1]")));
				shows(root(false));
				return;
			}
			caller.get(ipv6.url("[::1]"));
		}
		shows(root(true) + connected(1, "::1", "::1").replace("ipv4", "ipv6"));
	}

	@Test
	@Shows(Case.POOLED)
	void showsNothingOnAPooledConnection() {
		Caller caller = client().caller(start());
		caller.get(url(host("good")));
		shows(connected(host("good")));
		// a client that does not block may answer before the connection is back in the
		// pool
		String tree = "DNS lookup";
		for (int i = 0; i < 20 && tree.contains("DNS lookup"); i++) {
			caller.get(url(host("good")));
			Awaitility.await()
				.atMost(Duration.ofSeconds(20))
				.until(() -> SpanTree.render(application().spans()).startsWith("http get\n"));
			tree = takeTree();
		}
		assertThat(tree).isEqualTo(root(true));
	}

	@Test
	@Shows(Case.WAITING_FOR_THE_POOL)
	void showsNothingOfAConnectionThatAnotherRequestMade() throws Exception {
		Caller caller = client().caller(start(List.of(ClientSettings.NarrowPool.class)));
		Call first = caller.start(url(host("good")) + "held");
		this.server.awaitHeld();
		Call second = caller.start(url(host("good")) + "held");
		if (lacks(Limit.POOL_BOUND)) {
			this.server.awaitHeld();
		}
		else {
			while (!second.isSettled()) {
				Thread.onSpinWait();
			}
		}
		this.server.release();
		await(first);
		await(second);
		showsSomethingLike(Pattern.quote(possible(connected(host("good"))) + root(true))
				+ "(  wait for connection \\{nettrace.queue.outcome=reused, nettrace.queue.reason=host_limit, .*\n)?");
	}

	@Test
	@Shows(Case.HTTP_2)
	void showsOneConnectForManyStreams() throws Exception {
		Caller caller = client()
			.caller(start(List.of(ClientSettings.Http2.class, ClientSettings.ManyConnections.class)));
		try (Http2Server http2 = Http2Server.start("127.0.0.9")) {
			List<Call> calls = new ArrayList<>(List.of(caller.start(http2.url(host("good")))));
			http2.awaitRequests(1);
			IntStream.range(1, STREAMS).forEach((i) -> calls.add(caller.start(http2.url(host("good")))));
			http2.awaitRequests(STREAMS);
			http2.release();
			for (Call call : calls) {
				await(call);
			}
		}
		if (lacks(Limit.CONNECTS)) {
			showsSomethingLike(
					"(http get\n(" + answered(host("good"), "127.0.0.9").replace("{", "\\{") + ")?){" + STREAMS + "}");
			return;
		}
		if (lacks(Limit.STREAMS)) {
			showsSomethingLike("(" + connected(host("good")).replace("{", "\\{").replace("false", "(false|true)") + "){"
					+ STREAMS + "}");
			return;
		}
		shows(connected(host("good")) + root(true).repeat(STREAMS - 1));
	}

	@Test
	@Shows(Case.REDIRECT)
	void followsARedirectToAnotherHost() {
		this.dns.set(host("other"), DnsAnswer.addresses("127.0.0.9"));
		client().caller(start()).get(url(host("good")) + "redirect?to=" + url(host("other")));
		if (lacks(Limit.REDIRECTED_LOOKUPS)) { // and the connects
			showsSomethingLike(Pattern.quote(root(true) + answered(host("good"), "127.0.0.9")) + "("
					+ Pattern.quote(answered(host("other"), "127.0.0.9")) + ")?");
		}
		else {
			shows(connected(host("good")) + connected(host("other")).replace(root(true), ""));
		}
		assertThat(this.dns.queries(host("other"), "A")).isEqualTo(1);
	}

	@Test
	@Shows(Case.CANCELLED_LOOKUP)
	void endsWhatACancelledRequestWasLookingUp() {
		CompletableFuture<Void> release = new CompletableFuture<>();
		this.dns.set(host("slow"), DnsAnswer.addresses("127.0.0.9").after(release));
		Call call = client().caller(start()).start(url(host("slow")));
		this.dns.awaitQueries(host("slow"), "A", 1);
		call.cancel().run();
		if (lacks(Limit.CANCELLED_LOOKUPS)) {
			release.complete(null);
			showsSomethingLike("(?s)http get( !)?\n  DNS lookup \\{dns.answers=127.0.0.9, .*");
			return;
		}
		showsSomethingLike("http get( !)?\n  DNS lookup ! \\{dns.question.name=" + host("slow")
				+ ", error.type=cancelled, nettrace.dns.coalesced=false}\n");
		release.complete(null);
	}

	@Test
	@Shows(Case.CANCELLED_CONNECT)
	void endsWhatACancelledRequestWasConnectingTo() {
		Caller caller = client().caller(start());
		BlackHole hole = BlackHole.open();
		try (hole) {
			Call call = caller.start("http://127.0.0.1:" + hole.address().getPort() + "/");
			if (!lacks(Limit.CONNECTS)) {
				counts().awaitConnects(1);
			}
			call.cancel().run();
			if (!lacks(Limit.CANCELLED_CONNECTS)) {
				showsSomethingLike(
						"http get( !)?\n  socket connect \\{nettrace.connect.attempt=1, nettrace.connect.outcome=cancelled, .*\n");
				return;
			}
		}
		// the connect goes on: the refusal of the closed hole ends it
		showsSomethingLike("http get( !)?\n"
				+ (lacks(Limit.CONNECTS) ? "" : "  socket connect ! \\{error.type=connection_refused, .*\n"));
	}

	@Test
	@Shows(Case.SHARED_LOOKUP)
	void sharesOneLookupBetweenConcurrentRequests() throws Exception {
		CompletableFuture<Void> release = new CompletableFuture<>();
		this.dns.set(host("slow"), DnsAnswer.addresses("127.0.0.9").after(release));
		Caller caller = client().caller(start(List.of(ClientSettings.ManyConnections.class)));
		List<Call> calls = IntStream.range(0, CONCURRENT).mapToObj((i) -> caller.start(url(host("slow")))).toList();
		if (!lacks(Limit.SHARED_LOOKUPS)) {
			counts().awaitLookups(CONCURRENT);
		}
		if (lacks(Limit.UNTOUCHED_RESOLVER)) {
			this.dns.awaitQueries(host("slow"), "A", CONCURRENT);
			release.complete(null);
			for (Call call : calls) {
				await(call);
			}
			// one that is late may find a connection
			showsSomethingLike("(http get\n" + answered(host("slow"), "127.0.0.9").replace("{", "\\{")
					+ "(  socket connect .*\n)?){" + CONCURRENT + "}");
			return;
		}
		this.dns.awaitQueries(host("slow"), "A", 1);
		while (!calls.stream().allMatch(Call::isSettled)) {
			Thread.onSpinWait();
		}
		// not later: Jetty may open a few connections more than it has requests
		assertThat(this.dns.queries(host("slow"), "A")).isEqualTo(1);
		release.complete(null);
		for (Call call : calls) {
			await(call);
		}
		if (client().has(Limit.SHARED_LOOKUPS)) {
			// the JVM's cache may have the answer for all but one
			showsSomethingLike("(?s)(http get\n(" + answered(host("slow"), "127.0.0.9").replace("{", "\\{") + ")?){"
					+ CONCURRENT + "}");
			return;
		}
		application().awaitSpans(3 * CONCURRENT);
		String[] shared = connected(host("slow")).replace("coalesced=false", "coalesced=true").split("\n");
		// and what belongs to Jetty's connections beyond the requests
		assertThat(takeTree().split("(?m)^(?=\\S)")).hasSize(CONCURRENT)
			.allSatisfy((call) -> assertThat(call).contains(shared));
	}

	@Test
	@Shows(Case.OWN_RESOLVER)
	void asksAResolverOfTheApplicationsForEachOfConcurrentRequests() throws Exception {
		CompletableFuture<Void> release = new CompletableFuture<>();
		this.dns.set(host("slow"), DnsAnswer.addresses("127.0.0.9").after(release));
		TracedApplication application = start("nettrace.dns.single-flight=system");
		Caller caller = client().caller(application);
		List<Call> calls = List.of(caller.start(url(host("slow"))), caller.start(url(host("slow"))));
		if (!lacks(Limit.SHARED_LOOKUPS)) {
			counts().awaitLookups(2);
		}
		release.complete(null);
		for (Call call : calls) {
			await(call);
		}
		application.awaitSpans(lacks(Limit.SHARED_LOOKUPS) ? 3 : 6);
		assertThat(takeTree()).doesNotContain("coalesced=true").contains("coalesced=false");
	}

	@Test
	@Shows(Case.TLS)
	void showsTls(@TempDir Path temp) throws Exception {
		TracedApplication application = start(Stream
			.concat(Stream.of(Keystores.properties(temp, host("good"))),
					Stream.of("spring.http.clients.ssl.bundle=trusting"))
			.toArray(String[]::new));
		try (LoopbackServer tlsServer = LoopbackServer.startTls("127.0.0.9",
				application.bean(SslBundles.class).getBundle("server").createSslContext())) {
			client().caller(application).get("https://" + host("good") + ":" + tlsServer.port() + "/");
		}
		shows(connected(host("good")) + ExpectedSpans.shakenHands(host("good"), "Authority").substring(2));
	}

	@Test
	@Shows(Case.PROXY)
	void showsTheProxyAndNothingOfTheHostBehindIt() {
		this.dns.set(host("proxy"), DnsAnswer.addresses("127.0.0.9"));
		String name = lacks(Limit.PROXY_LOOKUPS) ? "127.0.0.9" : host("proxy");
		try (LoopbackProxy proxy = LoopbackProxy.start("127.0.0.9",
				new InetSocketAddress("127.0.0.9", this.server.port()))) {
			client()
				.caller(start(List.of(ClientSettings.Proxied.class), "proxy.host=" + name,
						"proxy.port=" + proxy.port()))
				.get("http://" + host("target") + "/");
		}
		shows(root(true) + (client().has(Limit.PROXY_LOOKUPS) ? "" : answered(name, "127.0.0.9"))
				+ connected(1, "127.0.0.9", name) + (client().alwaysTunnels() ? tunnelled(host("target")) : ""));
		assertThat(this.dns.queries(host("target"), "A")).isZero();
	}

	private static String tunnelled(String host) {
		return "  proxy connect {nettrace.proxy.protocol=http, network.peer.address=127.0.0.9, "
				+ "network.peer.port=PORT, server.address=" + host + ", server.port=PORT}\n";
	}

	@Test
	@Shows(Case.FILTERS_SOME)
	void showsOnlyAddressesThatTheFilterAllows() {
		this.dns.set(host("multi"), DnsAnswer.addresses("127.0.0.8", "127.0.0.9"));
		TracedApplication application = start();
		if (cannotFilter(application)) {
			return;
		}
		Caller caller = client().filtered(application, InetAddressFilter.not("127.0.0.8"));
		if (lacks(Limit.FILTERED_LOOKUPS)) {
			assertDenied(caller, host("multi"));
			showsSomethingLike(
					"http get !\n(" + answered(host("multi"), "127.0.0.8,127.0.0.9").replace("{", "\\{") + ")+");
			return;
		}
		caller.get(url(host("multi")));
		shows(root(true) + answered(host("multi"), lacks(Limit.FILTERED_ANSWERS) ? "127.0.0.8,127.0.0.9" : "127.0.0.9")
				+ connected(1, "127.0.0.9", host("multi")));
	}

	@Test
	@Shows(Case.FILTERS_ALL)
	void showsThatTheFilterDeniesAll() {
		TracedApplication application = start();
		if (cannotFilter(application)) {
			return;
		}
		assertDenied(client().filtered(application, InetAddressFilter.externalAddresses()), host("good"));
		if (lacks(Limit.FILTERED_ANSWERS) || lacks(Limit.FILTERED_LOOKUPS)) {
			showsSomethingLike("http get !\n(" + answered(host("good"), "127.0.0.9").replace("{", "\\{") + ")+");
			return;
		}
		shows(root(false) + "  DNS lookup ! {dns.question.name=" + host("good")
				+ ", error.type=address_filtered, nettrace.dns.coalesced=false}\n");
	}

	@Test
	@Shows(Case.ONE_CLIENT_FILTERED)
	void sharesNoLookupThatAFilterWouldHaveDenied() throws Exception {
		CompletableFuture<Void> release = new CompletableFuture<>();
		this.dns.set(host("slow"), DnsAnswer.addresses("127.0.0.9").after(release));
		TracedApplication application = start();
		if (cannotFilter(application)) {
			return;
		}
		Call open = client().caller(application).start(url(host("slow")));
		this.dns.awaitQueries(host("slow"), "A", 1);
		Call denied = client().filtered(application, InetAddressFilter.externalAddresses()).start(url(host("slow")));
		if (!lacks(Limit.SHARED_LOOKUPS)) {
			counts().awaitLookups(2);
		}
		release.complete(null);
		await(open);
		assertThatExceptionOfType(Exception.class).isThrownBy(() -> await(denied))
			.satisfies((failure) -> assertThat(failure).hasStackTraceContaining("FilteredHostException"));
		application.awaitSpans(lacks(Limit.CONNECTS) ? 2 : 5);
		String[] roots = takeTree().split("(?m)^(?=\\S)");
		assertThat(roots).hasSize(2);
		assertThat(roots[0]).startsWith(root(true));
		assertThat(roots[1]).startsWith(root(false)).doesNotContain("socket connect");
	}

	/**
	 * Boot refuses to make the client, rather than make one without the filter.
	 */
	private boolean cannotFilter(TracedApplication application) {
		if (!lacks(Limit.ADDRESS_FILTER)) {
			return false;
		}
		if (client().isOkHttp()) {
			return true; // which Boot does not make
		}
		assertThatExceptionOfType(IllegalStateException.class)
			.isThrownBy(() -> client().filtered(application, InetAddressFilter.externalAddresses()))
			.withMessageContaining("does not support InetAddress filtering");
		return true;
	}

	private void assertDenied(Caller caller, String host) {
		assertThatExceptionOfType(RuntimeException.class).isThrownBy(() -> caller.get(url(host)))
			.satisfies((failure) -> assertThat(failure).hasStackTraceContaining("FilteredHostException"));
	}

	@Test
	@Shows(Case.DEFAULT_RESOLVER)
	void tracesTheLibrarysOwnResolver() {
		this.started = client().start(List.of());
		Caller caller = client().caller(this.started);
		if (client().isJdk()) {
			// that is the JVM's, which has localhost in its cache
			caller.get(url(host("good")));
			shows(connected(host("good")));
			return;
		}
		try (LoopbackServer localhost = LoopbackServer.start("127.0.0.1")) {
			caller.get(localhost.url("localhost"));
		}
		// what localhost is, and in which order, is the machine's
		showsSomethingLike("http get\n  DNS lookup \\{dns.answers=.*, dns.question.name=localhost, .*\n"
				+ "(  socket connect .*, server.address=localhost, .*\n)+");
	}

	@Test
	@Shows(Case.VIRTUAL_THREADS)
	void showsTheSameOnVirtualThreads() {
		assumeTrue(Runtime.version().feature() >= 21, "Java 21");
		client().caller(start("spring.threads.virtual.enabled=true")).get(url(host("good")));
		shows(connected(host("good")));
	}

	@Test
	@Shows(Case.AUTOMATIC_PROPAGATION)
	void showsTheSameWithAutomaticContextPropagation() {
		client().caller(start("spring.reactor.context-propagation=auto")).get(url(host("good")));
		shows(connected(host("good")));
	}

	@Test
	@Shows(Case.METRICS_ONLY)
	void hasMetersWithoutTracing() {
		TracedApplication application = start(NO_TRACING);
		client().caller(application).get(url(host("good")));
		MeterRegistry meters = application.bean(MeterRegistry.class);
		Awaitility.await()
			.atMost(Duration.ofSeconds(20))
			.untilAsserted(() -> assertThat(count(meters, "dns.lookup.duration")).isEqualTo(1));
		assertThat(count(meters, "socket.connect.duration")).isEqualTo(lacks(Limit.CONNECTS) ? 0 : 1);
	}

	private long count(MeterRegistry meters, String name) {
		return meters.find(name)
			.tag("nettrace.client", client().client())
			.tag("error.type", "none")
			.timers()
			.stream()
			.mapToLong((timer) -> timer.count())
			.sum();
	}

	@Test
	@Shows(Case.TRACING_ONLY)
	void hasSpansWithoutMeters() {
		TracedApplication application = start(NO_METRICS);
		assertThat(application.beans(MeterRegistry.class)).isEmpty();
		client().caller(application).get(url(host("good")));
		shows(connected(host("good")));
	}

	@Test
	@Shows(Case.BOUND_TRACE)
	void callsTheTraceThatIsBoundAroundTheCall() {
		Caller caller = client().caller(start());
		RecordingNetTrace trace = new RecordingNetTrace();
		Calls.withContext(NetTraceContext.current().withTrace(trace), () -> caller.get(url(host("good"))));
		assertHooks(trace, host("good"));
		shows(connected(host("good")));
	}

	private void assertHooks(RecordingNetTrace trace, String host) {
		List<String> expected = new ArrayList<>(List.of("dnsStart " + host, "dnsDone [127.0.0.9] ok"));
		if (!lacks(Limit.CONNECTS)) {
			expected.addAll(List.of("connectStart tcp 127.0.0.9", "connectDone tcp 127.0.0.9 ok"));
		}
		assertThat(trace.calls()).containsExactlyElementsOf(expected);
	}

	@Test
	@Shows(Case.BOUND_HOOK)
	void callsTheOneHookOfATrace() {
		Caller caller = client().caller(start());
		List<List<InetAddress>> answers = new ArrayList<>();
		List<SocketAddress> connected = new ArrayList<>();
		NetTraceContext context = NetTraceContext.current().withTrace(new NetTrace() {

			@Override
			public void dnsDone(List<InetAddress> addresses, boolean coalesced, @Nullable Throwable error) {
				answers.add(addresses);
			}

		}).withTrace(new NetTrace() {

			@Override
			public void connectDone(String network, SocketAddress address, @Nullable Throwable error) {
				connected.add(address);
			}

		});
		Calls.withContext(context, () -> caller.get(url(host("good"))));
		shows(connected(host("good")));
		assertThat(answers).hasSize(1);
		assertThat(connected).hasSize(lacks(Limit.CONNECTS) ? 0 : 1);
	}

	@Test
	@Shows(Case.BOUND_RESOLVER)
	void asksTheResolverThatIsBoundAroundTheCall() {
		Caller caller = client().caller(start());
		RecordingNetTrace trace = new RecordingNetTrace();
		NetTraceContext context = NetTraceContext.current()
			.withTrace(trace)
			.withResolver((network, host) -> List.of(InetAddress.getByName("127.0.0.9")));
		if (lacks(Limit.ALTERNATE_RESOLVER)) {
			assertThatExceptionOfType(RuntimeException.class)
				.isThrownBy(() -> Calls.withContext(context, () -> caller.get(url(host("nowhere")))));
			assertThat(trace.calls()).containsExactly("dnsStart " + host("nowhere"), "dnsDone [] UnknownHostException");
			return;
		}
		if (lacks(Limit.UNTOUCHED_RESOLVER)) {
			Calls.withContext(context, () -> caller.get(url(host("good"))));
			assertHooks(trace, host("good"));
			assertThat(this.dns.queries(host("good"), "A")).isEqualTo(1);
			return;
		}
		Calls.withContext(context, () -> caller.get(url(host("nowhere"))));
		assertHooks(trace, host("nowhere"));
		assertThat(this.dns.queries(host("nowhere"), "A")).isZero();
		shows(connected(host("nowhere")));
	}

	private static String connected(String host) {
		return root(true) + answered(host, "127.0.0.9") + connected(1, "127.0.0.9", host);
	}

	private static String root(boolean successful) {
		return successful ? "http get\n" : "http get !\n";
	}

	private static String answered(String host, String answers) {
		return "  DNS lookup {dns.answers=" + answers + ", dns.question.name=" + host
				+ ", nettrace.dns.coalesced=false}\n";
	}

	private static String connected(int attempt, String address, String host) {
		return ExpectedSpans.connected(attempt, address, host).substring(2);
	}

	private static String failed(int attempt, String address, String host, String errorType) {
		return ExpectedSpans.failed(attempt, address, host, errorType).substring(2);
	}

}
