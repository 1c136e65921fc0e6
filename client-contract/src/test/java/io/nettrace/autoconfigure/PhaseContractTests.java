package io.nettrace.autoconfigure;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import javax.net.ssl.SSLContext;

import io.nettrace.autoconfigure.Case.Shows;
import io.nettrace.autoconfigure.TracedClient.Call;
import io.nettrace.autoconfigure.TracedClient.Caller;
import io.nettrace.test.DnsAnswer;
import io.nettrace.test.DnsServer;
import io.nettrace.test.SocksProxy;
import io.nettrace.test.TestAuthority;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.core.task.SimpleAsyncTaskExecutor;
import org.springframework.http.HttpMethod;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Which hooks every client calls for the phases of a request, and what it tells of its
 * connections: whole sequences.
 */
@ParameterizedClass
@EnumSource(names = ".*(HTTP_COMPONENTS|REACTOR_NETTY|JETTY)|OK_HTTP", mode = EnumSource.Mode.MATCH_ANY)
@ExtendWith(ContractTable.class)
class PhaseContractTests extends ContractTest {

	private static final TestAuthority AUTHORITY = TestAuthority.create("nettrace");

	private static final int STREAMS = 10;

	private static final int CALLERS = 50;

	private static final int FIRST_STATUS = 230;

	/**
	 * The hooks of a request on a pool that others use, too. As in Go, it may get a
	 * connection of another request while it dials: how it dials is left out then.
	 */
	private static final String ONE_OF_MANY = "getConn, (waitStart HOST_LIMIT, waitDone (REUSED|NEW), )?"
			+ "(dnsStart, dnsDone, connectStart, connectDone, gotConn|gotConn reused( idle)?), wroteHeaders, wroteRequest, "
			+ "gotFirstResponseByte, responseDone 2\\d\\d, putIdleConn";

	/**
	 * RFC 9113, section 7.
	 */
	private static final int ENHANCE_YOUR_CALM = 0xb;

	private static final String[] DIAL = { "getConn", "dnsStart", "dnsDone", "connectStart", "connectDone" };

	private static final String[] EXCHANGE = { "wroteHeaders", "wroteRequest", "gotFirstResponseByte",
			"responseDone 200", "putIdleConn" };

	/**
	 * As in Go, a connection of HTTP/2 is not put back after each of its streams.
	 */
	private static final String[] STREAM = { "wroteHeaders", "wroteRequest", "gotFirstResponseByte",
			"responseDone 200" };

	private static final DnsServer DNS = DnsServer.start();

	/**
	 * By client and settings: each test has a client of its own, with its own pool.
	 */
	private static final Map<List<Object>, TracedApplication> APPLICATIONS = new HashMap<>();

	@TempDir
	private static Path temp;

	private @Nullable PhaseServer server;

	private @Nullable PhaseLog log;

	PhaseContractTests(TracedClient client) {
		super(client);
	}

	@BeforeEach
	void useNames() {
		DNS.set(host("good"), DnsAnswer.addresses("127.0.0.9"));
	}

	/**
	 * Whatever a case was about, it leaves nothing on any thread.
	 */
	@AfterEach
	void leavesNothingBound() {
		if (this.server != null) {
			this.server.close();
		}
		BoundToThreads.awaitNothing();
	}

	@AfterAll
	static void stop() {
		APPLICATIONS.values().forEach(TracedApplication::close);
		APPLICATIONS.clear();
		DNS.close();
	}

	private PhaseServer serve(PhaseServer started) {
		this.server = started;
		return started;
	}

	private PhaseServer server() {
		return Objects.requireNonNull(this.server);
	}

	/**
	 * A client that trusts the authority of the test.
	 */
	private Caller caller(String... properties) {
		return caller(List.of(), properties);
	}

	private Caller caller(List<Class<?>> configurations, String... properties) {
		TracedApplication application = APPLICATIONS
			.computeIfAbsent(List.of(client(), configurations, List.of(properties)), (key) -> {
				List<Class<?>> all = new ArrayList<>(List.of(LoopbackNames.class, PhaseLog.class));
				all.addAll(configurations);
				LoopbackNames.use(DNS);
				return client().start(all,
						Stream.concat(Stream.of(trusting()), Stream.of(properties)).toArray(String[]::new));
			});
		this.log = application.bean(PhaseLog.class);
		this.log.clear();
		return client().caller(application);
	}

	private static String[] trusting() {
		Path trusted = temp.resolve("trusted.p12");
		try (OutputStream out = Files.newOutputStream(trusted)) {
			AUTHORITY.trusted().store(out, TestAuthority.PASSWORD.toCharArray());
		}
		catch (IOException | GeneralSecurityException ex) {
			throw new IllegalStateException(ex);
		}
		return new String[] { "spring.http.clients.ssl.bundle=trusting",
				"spring.ssl.bundle.jks.trusting.truststore.location=file:" + trusted,
				"spring.ssl.bundle.jks.trusting.truststore.password=" + TestAuthority.PASSWORD };
	}

	private static String get(Caller caller, String url) {
		return caller.exchange(HttpMethod.GET, url, Map.of(), null);
	}

	private String url(String path) {
		return "http://" + host("good") + ":" + server().port() + path;
	}

	private String secureUrl(String path) {
		return url(path).replace("http:", "https:");
	}

	/**
	 * Assert the hooks of a request, all of them.
	 * @param request which one, from 0
	 */
	private void shows(int request, Object... hooks) {
		awaitAsserted((log) -> assertThat(log.request(request)).isEqualTo(possible(hooks)));
	}

	/**
	 * Assert the first hooks of a request. The library may send it again.
	 */
	private void showsFirst(int request, Object... hooks) {
		awaitAsserted((log) -> assertThat(log.request(request)).startsWith(possible(hooks).toArray(String[]::new)));
	}

	private List<String> possible(Object... hooks) {
		return Stream.of(hooks)
			.flatMap((hook) -> (hook instanceof String[] several) ? Stream.of(several) : Stream.of((String) hook))
			.filter((hook) -> hook.startsWith("dns") || !lacks(Limit.PHASES))
			.toList();
	}

	private void awaitAsserted(Consumer<PhaseLog> assertion) {
		PhaseLog log = Objects.requireNonNull(this.log);
		Awaitility.await()
			.atMost(Duration.ofSeconds(3))
			.pollInterval(Duration.ofMillis(5))
			.untilAsserted(() -> assertion.accept(log));
	}

	/**
	 * Assert all that has happened to connections.
	 */
	private void showsConnections(String... events) {
		List<String> all = lacks(Limit.PHASES) ? List.of() : List.of(events);
		awaitAsserted((log) -> assertThat(log.connections()).isEqualTo(all));
	}

	private void assertFails(Caller caller, String url) {
		assertThatExceptionOfType(RuntimeException.class).isThrownBy(() -> get(caller, url));
	}

	@Test
	@Shows(Case.KEPT)
	void tellsAKeptConnectionFromANewOne() {
		serve(PhaseServer.start("127.0.0.9"));
		Caller caller = caller();
		assertThat(get(caller, url("/"))).isEqualTo("ok");
		shows(0, DIAL, "gotConn", EXCHANGE);
		assertThat(get(caller, url("/"))).isEqualTo("ok");
		shows(1, "getConn", "gotConn reused idle", EXCHANGE);
		showsConnections("opened", "acquired", "released", "acquired", "released");
	}

	@Test
	@Shows(Case.NOT_KEPT)
	void tellsThatTheServerDoesNotKeepTheConnection() {
		serve(PhaseServer.start("127.0.0.9"));
		assertThat(get(caller(), url("/last"))).isEqualTo("ok");
		shows(0, DIAL, "gotConn", "wroteHeaders", "wroteRequest", "gotFirstResponseByte", "responseDone 200");
		showsConnections("opened", "acquired", "released", "closed NOT_KEPT");
	}

	@Test
	@Shows(Case.TLS_NEW)
	void showsAHandshake() {
		serveTls(AUTHORITY.server(host("good")));
		assertThat(get(caller(), secureUrl("/"))).isEqualTo("ok");
		shows(0, DIAL, "tlsHandshakeStart", "tlsHandshakeDone TLSv1.3", "gotConn", EXCHANGE);
	}

	@Test
	@Shows(Case.TLS_RESUMED)
	void showsAResumedSession() {
		serveTls(AUTHORITY.server(host("good")));
		Caller caller = caller();
		assertThat(get(caller, secureUrl("/last"))).isEqualTo("ok");
		showsConnections("opened", "acquired", "released", "closed NOT_KEPT");
		assertThat(get(caller, secureUrl("/"))).isEqualTo("ok");
		shows(1, DIAL, "tlsHandshakeStart", "tlsHandshakeDone TLSv1.3 resumed", "gotConn", EXCHANGE);
	}

	private void serveTls(TestAuthority.Server identity) {
		serve(PhaseServer.start(identity.context().getServerSocketFactory(), "127.0.0.9"));
	}

	@Test
	@Shows(Case.TLS_EXPIRED)
	void showsAnExpiredCertificate() {
		serveTls(AUTHORITY.expiredServer(host("good")));
		showsFailedHandshake("certificate_expired");
	}

	@Test
	@Shows(Case.TLS_NOT_YET_VALID)
	void showsACertificateThatIsNotYetValid() {
		serveTls(AUTHORITY.futureServer(host("good")));
		showsFailedHandshake("certificate_not_yet_valid");
	}

	@Test
	@Shows(Case.TLS_UNTRUSTED)
	void showsAnUntrustedCertificate() {
		serveTls(TestAuthority.create("another").server(host("good")));
		showsFailedHandshake("certificate_untrusted");
	}

	@Test
	@Shows(Case.TLS_OTHER_HOST)
	void showsACertificateOfAnotherHost() {
		serveTls(AUTHORITY.server("other.test"));
		showsFailedHandshake("certificate_hostname_mismatch");
	}

	@Test
	@Shows(Case.TLS_PLAIN_TEXT)
	void showsAServerWithoutTls() {
		serve(PhaseServer.start("127.0.0.9", (server, socket) -> {
			socket.getInputStream().read(new byte[4096]);
			socket.getOutputStream().write("HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
		}));
		showsFailedHandshake("not_tls");
	}

	@Test
	@Shows(Case.TLS_ALERT)
	void showsTheAlertOfAServer() {
		serve(PhaseServer.start(withoutCertificate().getServerSocketFactory(), "127.0.0.9"));
		showsFailedHandshake("handshake_failure");
	}

	private static SSLContext withoutCertificate() {
		try {
			SSLContext context = SSLContext.getInstance("TLS");
			context.init(null, null, null);
			return context;
		}
		catch (GeneralSecurityException ex) {
			throw new IllegalStateException(ex);
		}
	}

	@Test
	@Shows(Case.TLS_RESET)
	void showsAResetHandshake() {
		serve(PhaseServer.start("127.0.0.9", (server, socket) -> {
			socket.getInputStream().read(new byte[4096]);
			socket.setSoLinger(true, 0);
		}));
		showsFailedHandshake("connection_reset");
	}

	@Test
	@Shows(Case.TLS_CLOSED)
	void showsAHandshakeThatTheServerEnds() {
		serve(PhaseServer.start("127.0.0.9", (server, socket) -> socket.getInputStream().read(new byte[4096])));
		showsFailedHandshake("connection_closed");
	}

	private void showsFailedHandshake(String errorType) {
		assertFails(caller(), secureUrl("/"));
		if (lacks(Limit.RESETS) && errorType.startsWith("connection_")) {
			showsEndedHandshake();
		}
		else {
			showsFirst(0, DIAL, "tlsHandshakeStart", "tlsHandshakeDone ! " + errorType);
		}
		showsConnections();
	}

	/**
	 * What the server has not read when it closes makes it a reset.
	 */
	private void showsEndedHandshake() {
		showsFirst(0, DIAL, "tlsHandshakeStart");
		if (!lacks(Limit.PHASES)) {
			awaitAsserted((log) -> assertThat(log.request(0)).containsAnyOf("tlsHandshakeDone ! connection_reset",
					"tlsHandshakeDone ! connection_closed"));
		}
	}

	@Test
	@Shows(Case.TLS_CANCELLED)
	void endsTheHandshakeOfACancelledRequest() throws Exception {
		serve(PhaseServer.start("127.0.0.9", (server, socket) -> {
			socket.getInputStream().read(new byte[4096]);
			server.hold();
		}));
		Call call = caller().start(secureUrl("/"));
		server().awaitHeld();
		call.cancel().run();
		if (lacks(Limit.CANCELLED_HANDSHAKES) || lacks(Limit.PHASES)) {
			server().release();
			showsEndedHandshake();
			return;
		}
		shows(0, DIAL, "tlsHandshakeStart", "tlsHandshakeDone ! cancelled");
		showsConnections();
	}

	@Test
	@Shows(Case.WAIT)
	void showsTheWaitForAConnection() throws Exception {
		serve(PhaseServer.start("127.0.0.9"));
		Caller caller = caller(List.of(ClientSettings.NarrowPool.class));
		Call first = caller.start(url("/held"));
		server().awaitHeld();
		Call second = caller.start(url("/"));
		if (!lacks(Limit.PHASES)) {
			awaitHook(1, "waitStart HOST_LIMIT");
		}
		server().release();
		await(first);
		await(second);
		if (lacks(Limit.UNREAD_BODIES)) {
			showsFirst(0, DIAL, "gotConn", "wroteHeaders", "wroteRequest", "gotFirstResponseByte");
			showsFirst(1, "getConn", "waitStart HOST_LIMIT");
			awaitAsserted((log) -> assertThat(log.request(1)).containsAnyOf("waitDone REUSED", "waitDone NEW"));
			return;
		}
		shows(0, DIAL, "gotConn", EXCHANGE);
		shows(1, "getConn", "waitStart HOST_LIMIT", "waitDone REUSED", lacks(Limit.PHASES) ? DIAL : waited(), EXCHANGE);
	}

	/**
	 * OkHttp's calls wait for its dispatcher, which knows nothing of the pool.
	 */
	private String waited() {
		return client().isOkHttp() ? "gotConn reused idle" : "gotConn reused";
	}

	@Test
	@Shows(Case.WAIT_CANCELLED)
	void endsTheWaitOfACancelledRequest() throws Exception {
		serve(PhaseServer.start("127.0.0.9"));
		Caller caller = caller(List.of(ClientSettings.NarrowPool.class));
		Call first = caller.start(url("/held"));
		server().awaitHeld();
		Call second = caller.start(url("/held"));
		if (!lacks(Limit.PHASES)) {
			awaitHook(1, "waitStart HOST_LIMIT");
			second.cancel().run();
		}
		if (!lacks(Limit.PHASES) && !lacks(Limit.CANCELLED_WAITS)) {
			shows(1, "getConn", "waitStart HOST_LIMIT", "waitDone CANCELLED ! cancelled");
		}
		server().release();
		await(first);
		if (lacks(Limit.UNREAD_BODIES)) {
			awaitAsserted((log) -> assertThat(log.request(1)).containsAnyOf("waitDone REUSED", "waitDone NEW"));
			return;
		}
		shows(0, DIAL, "gotConn", EXCHANGE);
		if (lacks(Limit.CANCELLED_WAITS)) {
			shows(1, "getConn", "waitStart HOST_LIMIT", "waitDone REUSED", "gotConn reused", EXCHANGE);
			showsConnections("opened", "acquired", "released", "acquired", "released");
			return;
		}
		if (lacks(Limit.UNUSED_CONNECTIONS)) {
			showsConnections("opened", "acquired", "released", "closed CANCELLED");
			return;
		}
		showsConnections("opened", "acquired", "released");
	}

	@Test
	@Shows(Case.WAIT_TIMED_OUT)
	void endsTheWaitThatTakesTooLong() throws Exception {
		serve(PhaseServer.start("127.0.0.9"));
		Caller caller = caller(List.of(ClientSettings.NarrowPool.class), "pool.wait=300ms");
		if (lacks(Limit.WAIT_TIMEOUTS)) {
			return;
		}
		Call first = caller.start(url("/held"));
		server().awaitHeld();
		assertFails(caller, url("/"));
		shows(1, "getConn", "waitStart HOST_LIMIT", "waitDone TIMED_OUT ! timed_out");
		server().release();
		await(first);
		showsFirst(0, DIAL, "gotConn", "wroteHeaders", "wroteRequest", "gotFirstResponseByte");
	}

	/**
	 * Fifty threads, virtual ones if Java has them. Each request has an answer of its
	 * own, so that a hook of another one would show.
	 */
	@Test
	@Shows(Case.CROWDED_POOL)
	void keepsFiftyRequestsApart() throws Exception {
		serve(PhaseServer.start("127.0.0.9"));
		Caller caller = caller(List.of(ClientSettings.NarrowPool.class), "pool.connections=2",
				"spring.threads.virtual.enabled=true", "spring.reactor.context-propagation=auto");
		SimpleAsyncTaskExecutor threads = new SimpleAsyncTaskExecutor();
		threads.setVirtualThreads(Runtime.version().feature() >= 21);
		List<Future<String>> answers = IntStream.range(0, CALLERS)
			.mapToObj((i) -> threads.submit(() -> get(caller, url("/status/" + (FIRST_STATUS + i)))))
			.toList();
		for (Future<String> answer : answers) {
			assertThat(answer.get(30, TimeUnit.SECONDS)).isEqualTo("ok");
		}
		awaitAsserted((log) -> {
			assertThat(log.requests()).hasSize(CALLERS)
				.allSatisfy((hooks) -> assertThat(String.join(", ", withoutUnusedDial(hooks))).matches(ONE_OF_MANY));
			assertThat(log.requests()).flatExtracting((hooks) -> hooks)
				.filteredOn((hook) -> hook.startsWith("responseDone"))
				.doesNotHaveDuplicates();
			assertThat(log.connections()).filteredOn("acquired"::equals).hasSize(CALLERS);
			assertThat(log.connections()).filteredOn("released"::equals).hasSize(CALLERS);
			assertThat(log.connections()).filteredOn("opened"::equals).hasSize(2);
		});
	}

	private static List<String> withoutUnusedDial(List<String> hooks) {
		boolean reused = hooks.stream().anyMatch((hook) -> hook.startsWith("gotConn reused"));
		List<String> dial = List.of(DIAL).subList(1, DIAL.length);
		return hooks.stream().filter((hook) -> !reused || !dial.contains(hook)).toList();
	}

	private void awaitHook(int request, String hook) {
		awaitAsserted((log) -> assertThat(log.request(request)).contains(hook));
	}

	@Test
	@Shows(Case.CLOSED_BY_PEER)
	void dialsAgainIfTheServerHasClosedTheConnection() {
		serve(PhaseServer.start("127.0.0.9"));
		Caller caller = caller();
		assertThat(get(caller, url("/goodbye"))).isEqualTo("ok");
		shows(0, DIAL, "gotConn", EXCHANGE);
		if (!lacks(Limit.UNSEEN_CLOSE)) {
			showsConnections("opened", "acquired", "released", "closed PEER");
		}
		assertThat(get(caller, url("/"))).isEqualTo("ok");
	}

	@Test
	@Shows(Case.CLOSED_BY_AGE)
	void dialsAgainIfTheConnectionHasLivedLongEnough() {
		serve(PhaseServer.start("127.0.0.9"));
		Caller caller = caller(List.of(ClientSettings.ShortLife.class));
		assertThat(get(caller, url("/"))).isEqualTo("ok");
		shows(0, DIAL, "gotConn", EXCHANGE);
		long answered = System.nanoTime();
		Awaitility.await().until(() -> System.nanoTime() - answered > ClientSettings.ShortLife.LIFE.toNanos());
		assertThat(get(caller, url("/"))).isEqualTo("ok");
		shows(1, DIAL, "gotConn", EXCHANGE);
		// the second connection may become too old, too
		awaitAsserted((log) -> assertThat(log.connections()).startsWith(possible("opened", "acquired", "released",
				lacks(Limit.CLOSE_REASONS) ? "closed UNKNOWN" : "closed MAX_LIFETIME", "opened", "acquired", "released")
			.toArray(String[]::new)));
	}

	@Test
	@Shows(Case.HTTP_2_STREAMS)
	void tellsTheStreamsOfAConnection() throws Exception {
		Caller caller = caller(List.of(ClientSettings.Http2.class));
		if (lacks(Limit.STREAMS)) {
			return;
		}
		try (Http2Server http2 = Http2Server.start("127.0.0.9")) {
			List<Call> calls = new ArrayList<>(List.of(caller.start(http2.url(host("good")))));
			http2.awaitRequests(1);
			IntStream.range(1, STREAMS).forEach((i) -> calls.add(caller.start(http2.url(host("good")))));
			http2.awaitRequests(STREAMS);
			http2.release();
			for (Call call : calls) {
				await(call);
			}
			shows(0, DIAL, "gotConn", STREAM);
			for (int i = 1; i < STREAMS; i++) {
				shows(i, "getConn", "gotConn reused", STREAM);
			}
			awaitAsserted((log) -> assertThat(log.connections()).hasSize(1 + 2 * STREAMS)
				.startsWith("opened")
				.satisfies((events) -> assertThat(events).filteredOn("acquired"::equals).hasSize(STREAMS))
				.satisfies((events) -> assertThat(events).filteredOn("released"::equals).hasSize(STREAMS)));
		}
	}

	@Test
	@Shows(Case.GOAWAY)
	void tellsThatTheServerSendsTheClientAway() throws Exception {
		Caller caller = caller(List.of(ClientSettings.Http2.class));
		if (lacks(Limit.STREAMS)) {
			return;
		}
		try (Http2Server http2 = Http2Server.start("127.0.0.9")) {
			http2.release();
			get(caller, http2.url(host("good")));
			shows(0, DIAL, "gotConn", STREAM);
			http2.sendAway(ENHANCE_YOUR_CALM);
			if (lacks(Limit.CLOSE_REASONS)) {
				get(caller, http2.url(host("good")));
				awaitAsserted((log) -> assertThat(log.connections()).startsWith("opened", "acquired", "released")
					.anyMatch((event) -> event.startsWith("closed ")));
				return;
			}
			showsConnections("opened", "acquired", "released", "closed GOAWAY " + ENHANCE_YOUR_CALM);
		}
	}

	@Test
	@Shows(Case.RESET)
	void showsAResetBeforeTheResponse() {
		serve(PhaseServer.start("127.0.0.9"));
		assertThatExceptionOfType(RuntimeException.class)
			.isThrownBy(() -> caller().exchange(HttpMethod.POST, url("/reset"), Map.of(), "hi"));
		if (lacks(Limit.RESETS)) {
			showsFirst(0, DIAL, "gotConn", "wroteHeaders");
			awaitAsserted((log) -> assertThat(log.request(0)).containsAnyOf("responseDone 0 ! connection_closed",
					"responseDone 0 ! connection_reset"));
			return;
		}
		// the write that ends a body may have nothing to send, and may find the
		// connection
		// reset
		List<String> expected = possible(DIAL, "gotConn", "wroteHeaders", "wroteRequest",
				"responseDone 0 ! connection_reset");
		awaitAsserted((log) -> assertThat(log.request(0).stream().map(PhaseContractTests::withoutReset))
			.containsExactlyElementsOf(expected));
		showsConnections("opened", "acquired", "released", "closed RESET");
	}

	private static String withoutReset(String hook) {
		return hook.equals("wroteRequest ! connection_reset") ? "wroteRequest" : hook;
	}

	@Test
	@Shows(Case.SLOW_HEAD)
	void showsAServerThatDoesNotAnswerInTime() throws Exception {
		serve(PhaseServer.start("127.0.0.9"));
		assertFails(caller("spring.http.clients.read-timeout=300ms"), url("/held"));
		shows(0, DIAL, "gotConn", "wroteHeaders", "wroteRequest", "responseDone 0 ! timed_out");
		showsConnections("opened", "acquired", "released", "closed TIMED_OUT");
	}

	@Test
	@Shows(Case.SLOW_BODY)
	void showsABodyThatComesLater() throws Exception {
		serve(PhaseServer.start("127.0.0.9"));
		Call call = caller().start(url("/body"));
		server().awaitHeld();
		if (!lacks(Limit.PHASES)) {
			awaitHook(0, "gotFirstResponseByte");
			assertThat(Objects.requireNonNull(this.log).request(0)).doesNotContain("responseDone 200");
		}
		server().release();
		await(call);
		if (lacks(Limit.UNREAD_BODIES)) {
			showsFirst(0, DIAL, "gotConn", "wroteHeaders", "wroteRequest", "gotFirstResponseByte");
			return;
		}
		shows(0, DIAL, "gotConn", EXCHANGE);
	}

	@Test
	@Shows(Case.EARLY_HINTS)
	void showsEarlyHints() {
		serve(PhaseServer.start("127.0.0.9"));
		Caller caller = caller();
		if (lacks(Limit.EARLY_HINTS)) {
			return;
		}
		assertThat(get(caller, url("/hints"))).isEqualTo("ok");
		if (lacks(Limit.UNTOLD_HINTS)) {
			shows(0, DIAL, "gotConn", EXCHANGE);
			return;
		}
		shows(0, DIAL, "gotConn", "wroteHeaders", "wroteRequest", "gotFirstResponseByte", "got1xxResponse 103",
				"responseDone 200", "putIdleConn");
	}

	@Test
	@Shows(Case.CONTINUE)
	void showsThatTheServerWantsTheBody() throws Exception {
		serve(PhaseServer.start("127.0.0.9"));
		Caller caller = caller();
		CompletableFuture<String> response = CompletableFuture.supplyAsync(
				() -> caller.exchange(HttpMethod.POST, url("/continue"), Map.of("Expect", "100-continue"), "hello"));
		server().awaitHeld();
		if (!lacks(Limit.PHASES) && !lacks(Limit.CONTINUE)) {
			awaitHook(0, "wait100Continue");
		}
		server().release();
		assertThat(response.get(20, TimeUnit.SECONDS)).isEqualTo("ok");
		if (lacks(Limit.CONTINUE)) {
			return;
		}
		shows(0, DIAL, "gotConn", "wroteHeaders", "wait100Continue", "gotFirstResponseByte", "got100Continue",
				"got1xxResponse 100", "wroteRequest", "responseDone 200", "putIdleConn");
	}

	@Test
	@Shows(Case.STALE)
	void showsThatARequestIsSentAgain() {
		serve(PhaseServer.start("127.0.0.9"));
		Caller caller = caller();
		assertThat(get(caller, url("/"))).isEqualTo("ok");
		shows(0, DIAL, "gotConn", EXCHANGE);
		try {
			get(caller, url("/drop"));
		}
		catch (RuntimeException ex) {
			// sent again or not, it is never answered
		}
		String[] exchange = { "getConn", "gotConn reused idle", "wroteHeaders", "wroteRequest",
				"responseDone 0 ! connection_closed" };
		if (lacks(Limit.RESENDS)) {
			shows(1, (Object[]) exchange);
			showsConnections("opened", "acquired", "released", "acquired", "released", "closed PEER");
		}
		else {
			showsFirst(1, exchange, dialAgain(), "gotConn", "wroteHeaders", "wroteRequest",
					"responseDone 0 ! connection_closed");
		}
	}

	/**
	 * OkHttp knows the address still.
	 */
	private String[] dialAgain() {
		return client().isOkHttp() ? new String[] { "getConn", "connectStart", "connectDone" } : DIAL;
	}

	@Test
	@Shows(Case.CONNECT_PROXY)
	void showsTheTunnelOfAProxy() {
		serveTls(AUTHORITY.server(host("good")));
		try (LoopbackProxy proxy = LoopbackProxy.start("127.0.0.9",
				new InetSocketAddress("127.0.0.9", server().port()))) {
			Caller caller = caller(List.of(ClientSettings.Proxied.class), proxied(proxy));
			assertThat(get(caller, secureUrl("/"))).isEqualTo("ok");
			shows(0, "getConn", "connectStart", "connectDone",
					lacks(Limit.TUNNELS) ? new String[0] : new String[] { "proxyStart http", "proxyDone" },
					"tlsHandshakeStart", "tlsHandshakeDone TLSv1.3", "gotConn", EXCHANGE);
		}
	}

	@Test
	@Shows(Case.CONNECT_REFUSED)
	void showsThatAProxyRefuses() {
		serveTls(AUTHORITY.server(host("good")));
		try (LoopbackProxy proxy = LoopbackProxy.start("127.0.0.9")) {
			assertFails(caller(List.of(ClientSettings.Proxied.class), proxied(proxy)), secureUrl("/"));
			if (lacks(Limit.TUNNELS)) {
				shows(0, "getConn", "connectStart", "connectDone ! proxy_tunnel_error");
				return;
			}
			shows(0, "getConn", "connectStart", "connectDone", "proxyStart http", "proxyDone !");
		}
	}

	/**
	 * By its IP address, because Reactor Netty looks a name up beforehand.
	 */
	private static String[] proxied(LoopbackProxy proxy) {
		return new String[] { "proxy.host=127.0.0.9", "proxy.port=" + proxy.port() };
	}

	@Test
	@Shows(Case.SOCKS)
	void showsTheStepOfASocksProxy() {
		serve(PhaseServer.start("127.0.0.9"));
		try (SocksProxy proxy = SocksProxy.start()) {
			Caller caller = caller(List.of(ClientSettings.SocksProxied.class), "proxy.host=127.0.0.1",
					"proxy.port=" + proxy.address().getPort());
			assertThat(get(caller, "http://127.0.0.9:" + server().port() + "/")).isEqualTo("ok");
			assertThat(proxy.connects()).hasSize(lacks(Limit.PHASES) ? 0 : 1);
		}
		shows(0, "getConn", "connectStart", "connectDone",
				lacks(Limit.SOCKS_STEP) ? new String[0] : new String[] { "proxyStart socks5", "proxyDone" }, "gotConn",
				EXCHANGE);
	}

}
