package io.nettrace.client.reactor;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

import io.nettrace.ConnectionTarget;
import io.nettrace.Hook;
import io.nettrace.WaitInfo;
import io.nettrace.WaitInfo.Outcome;
import io.nettrace.WaitInfo.Reason;
import io.nettrace.client.RecordedHooks;
import io.nettrace.concurrent.LookupThreads;
import io.nettrace.dns.LookupSettings;
import io.nettrace.instrument.NetTracing;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.netty.DisposableServer;
import reactor.netty.http.HttpProtocol;
import reactor.netty.http.client.HttpClient;
import reactor.netty.http.server.HttpServer;
import reactor.netty.resources.ConnectionProvider;
import reactor.netty.resources.LoopResources;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Waits for pools that do not tell of them.
 */
@SuppressWarnings("NullAway.Init") // the server
class NoticedWaitsTests {

	private static final Duration AT_MOST = Duration.ofSeconds(20);

	private static final Duration LONG = Duration.ofNanos(Acquisition.NOTICED_FROM_NANOS);

	private final RecordedHooks hooks = RecordedHooks.withNoticedWaits();

	private final NetTraceReactorNetty netTrace = new NetTraceReactorNetty(
			new NetTracing(() -> List.of((request) -> this.hooks.trace()), List::of, EnumSet.allOf(Hook.class)),
			LookupSettings.defaults(), LookupThreads.create());

	private final LoopResources loops = LoopResources.create("waits", 1, true);

	private final Sinks.One<String> held = Sinks.one();

	private final CountDownLatch asked = new CountDownLatch(1);

	private final List<ConnectionProvider> pools = new ArrayList<>();

	private DisposableServer server;

	private DisposableServer moved;

	@BeforeEach
	void startServers() {
		this.moved = HttpServer.create()
			.host("127.0.0.1")
			.port(0)
			.handle((request, response) -> response.sendRedirect(url("/ok")))
			.bindNow();
		this.server = HttpServer.create()
			.host("127.0.0.1")
			.port(0)
			.protocol(HttpProtocol.HTTP11, HttpProtocol.H2C)
			.route((routes) -> routes.get("/held", (request, response) -> {
				this.asked.countDown();
				return response.sendString(this.held.asMono());
			}).get("/moved", (request, response) -> {
				this.asked.countDown();
				return response.status(302).header("Location", "/ok").sendHeaders().sendString(this.held.asMono());
			}).get("/ok", (request, response) -> response.sendString(Mono.just("ok"))))
			.bindNow();
	}

	@AfterEach
	void stopServers() {
		this.held.tryEmitValue("at last");
		this.pools.forEach(ConnectionProvider::dispose);
		this.moved.disposeNow();
		this.server.disposeNow();
		this.loops.disposeLater(Duration.ZERO, AT_MOST).block(AT_MOST);
	}

	@Test
	void forAConnectionThatIsGivenBack() throws Exception {
		HttpClient client = client(ConnectionProvider.builder("one").maxConnections(1));
		hold(client, "/held");
		List<String> second = start(client, "/ok");
		awaitLong();
		this.held.tryEmitValue("at last");
		await().atMost(AT_MOST).until(() -> second.contains("ok"));
		assertThat(afterLastGetConn()).containsSubsequence("getConn", "responseDone 200", "waitStart UNKNOWN",
				"waitDone REUSED", "gotConn");
		assertLongWait(Outcome.REUSED);
	}

	/**
	 * The event loop is busy: what users wait for, and no library's meter shows
	 * (reactor-netty#3702).
	 */
	@Test
	void forTheEventLoopThatIsToConnect() throws Exception {
		HttpClient client = client(ConnectionProvider.builder("new"));
		List<String> outcome = whileTheLoopIsBusy(() -> start(client, "/ok"));
		await().atMost(AT_MOST).until(() -> outcome.contains("ok"));
		assertThat(afterLastGetConn()).startsWith("getConn", "waitStart UNKNOWN", "waitDone NEW", "connectStart",
				"connectDone", "gotConn");
		assertLongWait(Outcome.NEW);
	}

	@Test
	void forTheEventLoopOfAKeptConnection() throws Exception {
		HttpClient client = client(ConnectionProvider.builder("kept"));
		List<String> first = start(client, "/ok");
		await().atMost(AT_MOST).until(() -> first.contains("ok") && this.hooks.names().contains("putIdleConn"));
		List<String> outcome = whileTheLoopIsBusy(() -> start(client, "/ok"));
		await().atMost(AT_MOST).until(() -> outcome.contains("ok"));
		assertThat(afterLastGetConn()).startsWith("getConn", "waitStart UNKNOWN", "waitDone REUSED", "gotConn");
	}

	@Test
	void forTheEventLoopOfAStream() throws Exception {
		HttpClient client = client(ConnectionProvider.builder("streams").maxConnections(1)).protocol(HttpProtocol.H2C);
		List<String> first = start(client, "/ok");
		await().atMost(AT_MOST).until(() -> first.contains("ok"));
		List<String> outcome = whileTheLoopIsBusy(() -> start(client, "/ok"));
		await().atMost(AT_MOST).until(() -> outcome.contains("ok"));
		assertThat(afterLastGetConn()).startsWith("getConn", "waitStart UNKNOWN", "waitDone REUSED", "gotConn");
	}

	@Test
	void timesOut() throws Exception {
		HttpClient client = client(
				ConnectionProvider.builder("one").maxConnections(1).pendingAcquireTimeout(Duration.ofMillis(100)));
		hold(client, "/held");
		List<String> second = start(client, "/ok");
		await().atMost(AT_MOST).until(() -> second.contains("PoolAcquireTimeoutException"));
		assertThat(afterLastGetConn()).containsExactly("getConn", "waitStart UNKNOWN",
				"waitDone TIMED_OUT PoolAcquireTimeoutException");
	}

	@Test
	void isCancelled() throws Exception {
		HttpClient client = client(ConnectionProvider.builder("one").maxConnections(1));
		hold(client, "/held");
		Disposable second = client.get().uri(url("/ok")).response().subscribe();
		awaitLong();
		second.dispose();
		assertThat(afterLastGetConn()).containsExactly("getConn", "waitStart UNKNOWN",
				"waitDone CANCELLED CancellationException");
	}

	@Test
	void isOfAPoolThatIsClosed() throws Exception {
		HttpClient client = client(ConnectionProvider.builder("one").maxConnections(1));
		hold(client, "/held");
		List<String> second = start(client, "/ok");
		awaitLong();
		this.pools.get(0).dispose();
		await().atMost(AT_MOST).until(() -> second.contains("PoolShutdownException"));
		assertThat(afterLastGetConn()).containsExactly("getConn", "waitStart UNKNOWN",
				"waitDone FAILED PoolShutdownException");
	}

	@Test
	void ofARedirectForAConnectionThatIsGivenBack() throws Exception {
		HttpClient client = client(ConnectionProvider.builder("one").maxConnections(1)).followRedirect(true);
		hold(client, "/held");
		List<String> outcome = start(client, this.moved);
		awaitRedirect();
		awaitLong();
		this.held.tryEmitValue("at last");
		await().atMost(AT_MOST).until(() -> outcome.contains("ok"));
		assertThat(afterLastGetConn()).containsSubsequence("getConn", "waitStart UNKNOWN", "waitDone REUSED", "gotConn",
				"responseDone 200");
		assertThat(this.hooks.names()).filteredOn("getConn"::equals).hasSize(3);
		assertLongWait(Outcome.REUSED);
	}

	@Test
	void ofARedirectTimesOut() throws Exception {
		HttpClient client = client(
				ConnectionProvider.builder("one").maxConnections(1).pendingAcquireTimeout(Duration.ofMillis(100)))
			.followRedirect(true);
		hold(client, "/held");
		List<String> outcome = start(client, this.moved);
		await().atMost(AT_MOST).until(() -> outcome.contains("PoolAcquireTimeoutException"));
		assertThat(afterLastGetConn()).containsSubsequence("getConn", "waitStart UNKNOWN",
				"waitDone TIMED_OUT PoolAcquireTimeoutException");
	}

	@Test
	void ofARedirectIsCancelled() throws Exception {
		HttpClient client = client(ConnectionProvider.builder("one").maxConnections(1)).followRedirect(true);
		hold(client, "/held");
		Disposable redirected = client.get().uri(url(this.moved, "/")).response().subscribe();
		awaitRedirect();
		awaitLong();
		redirected.dispose();
		assertThat(afterLastGetConn()).containsSubsequence("getConn", "waitStart UNKNOWN",
				"waitDone CANCELLED CancellationException");
	}

	/**
	 * Await that it has asked again.
	 */
	private void awaitRedirect() {
		await().atMost(AT_MOST)
			.untilAsserted(() -> assertThat(this.hooks.names()).filteredOn("getConn"::equals).hasSize(3));
	}

	@Test
	void areNotToldIfTheyAreShort() {
		HttpClient client = client(ConnectionProvider.builder("short"));
		for (int i = 0; i < 50; i++) {
			assertThat(get(client, url("/ok")).block(AT_MOST)).isEqualTo("ok");
		}
		assertThat(this.hooks.names()).filteredOn("getConn"::equals).hasSize(50);
		assertThat(this.hooks.all(WaitInfo.class)).hasSizeLessThan(2 * 50);
	}

	/**
	 * Such pools have told of each exchange that waits for them.
	 */
	@Test
	void areNotToldOfPoolsThatTellOfWaits() throws Exception {
		ConnectionProvider pool = this.netTrace.connectionProvider(ConnectionProvider.builder("exact"));
		this.pools.add(pool);
		HttpClient client = this.netTrace.instrument(HttpClient.create(pool).runOn(this.loops));
		List<String> outcome = whileTheLoopIsBusy(() -> start(client, "/ok"));
		await().atMost(AT_MOST).until(() -> outcome.contains("ok"));
		assertThat(this.hooks.names()).contains("gotConn");
		assertThat(this.hooks.all(WaitInfo.class)).isEmpty();
	}

	private void assertLongWait(Outcome outcome) {
		ConnectionTarget target = new ConnectionTarget("127.0.0.1", this.server.port(), false);
		List<WaitInfo> waits = this.hooks.all(WaitInfo.class);
		WaitInfo started = waits.get(waits.size() - 2);
		assertThat(started.target()).isEqualTo(target);
		assertThat(started.reason()).isEqualTo(Reason.UNKNOWN);
		assertThat(started.elapsed()).isGreaterThanOrEqualTo(LONG);
		assertThat(waits.get(waits.size() - 1)).isEqualTo(started.ended(outcome, null));
	}

	/**
	 * Have the only event loop do something else for longer than a wait must be.
	 */
	private List<String> whileTheLoopIsBusy(Supplier<List<String>> start) throws Exception {
		CountDownLatch busy = new CountDownLatch(1);
		CountDownLatch done = new CountDownLatch(1);
		this.loops.onClient(true).next().execute(() -> {
			busy.countDown();
			try {
				done.await(20, TimeUnit.SECONDS);
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
			}
		});
		try {
			assertThat(busy.await(20, TimeUnit.SECONDS)).isTrue();
			List<String> outcome = start.get();
			awaitLong();
			return outcome;
		}
		finally {
			done.countDown();
		}
	}

	private static void awaitLong() {
		long start = System.nanoTime();
		await().atMost(AT_MOST)
			.pollInterval(Duration.ofMillis(1))
			.until(() -> System.nanoTime() - start > Acquisition.NOTICED_FROM_NANOS);
	}

	private HttpClient client(ConnectionProvider.Builder builder) {
		ConnectionProvider pool = builder.build();
		this.pools.add(pool);
		return this.netTrace.instrument(HttpClient.create(pool).runOn(this.loops));
	}

	private String url(String path) {
		return url(this.server, path);
	}

	private static String url(DisposableServer server, String path) {
		return "http://127.0.0.1:" + server.port() + path;
	}

	private static Mono<String> get(HttpClient client, String url) {
		return client.get().uri(url).responseContent().aggregate().asString();
	}

	/**
	 * Have the server hold a request, and its connection with it.
	 */
	private void hold(HttpClient client, String path) throws InterruptedException {
		start(client, path);
		assertThat(this.asked.await(20, TimeUnit.SECONDS)).isTrue();
		await().atMost(AT_MOST).untilAsserted(() -> assertThat(this.hooks.names()).contains("wroteRequest"));
	}

	private List<String> start(HttpClient client, String path) {
		return startAt(client, url(path));
	}

	private static List<String> start(HttpClient client, DisposableServer server) {
		return startAt(client, url(server, "/"));
	}

	private static List<String> startAt(HttpClient client, String url) {
		List<String> outcome = Collections.synchronizedList(new ArrayList<>());
		get(client, url).subscribe(outcome::add, (failure) -> outcome.add(failure.getClass().getSimpleName()));
		return outcome;
	}

	private List<String> afterLastGetConn() {
		List<String> names = this.hooks.names();
		return names.subList(names.lastIndexOf("getConn"), names.size());
	}

}
