package io.nettrace.client.reactor;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import io.nettrace.CloseInfo;
import io.nettrace.ConnectionInfo;
import io.nettrace.ConnectionTarget;
import io.nettrace.Hook;
import io.nettrace.NetTrace;
import io.nettrace.PoolInfo;
import io.nettrace.WaitInfo;
import io.nettrace.WaitInfo.Outcome;
import io.nettrace.client.RecordedHooks;
import io.nettrace.concurrent.LookupThreads;
import io.nettrace.dns.LookupSettings;
import io.nettrace.instrument.NetTracing;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.Disposable;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Schedulers;
import reactor.netty.DisposableServer;
import reactor.netty.http.HttpProtocol;
import reactor.netty.http.client.HttpClient;
import reactor.netty.http.client.HttpClientResponse;
import reactor.netty.http.server.HttpServer;
import reactor.netty.resources.ConnectionProvider;
import reactor.netty.resources.LoopResources;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.awaitility.Awaitility.await;

/**
 * What is told of the pool: waits, its connections and why it closes them.
 */
@SuppressWarnings("NullAway.Init") // the server
class ReactorPoolTests {

	private static final Duration AT_MOST = Duration.ofSeconds(20);

	private final RecordedHooks hooks = new RecordedHooks();

	private final RecordedHooks connections = new RecordedHooks();

	private Runnable atWaitStart = () -> {
	};

	private final NetTrace first = new NetTrace() {

		@Override
		public void waitStart(WaitInfo wait) {
			ReactorPoolTests.this.atWaitStart.run();
		}

	};

	private final NetTraceReactorNetty netTrace = new NetTraceReactorNetty(
			new NetTracing(() -> List.of((request) -> this.first, (request) -> this.hooks.trace()),
					() -> List.of(this.connections.listener()), EnumSet.allOf(Hook.class)),
			LookupSettings.defaults(), LookupThreads.create());

	private final Sinks.One<String> held = Sinks.one();

	private final CountDownLatch asked = new CountDownLatch(1);

	private final List<ConnectionProvider> pools = new ArrayList<>();

	private DisposableServer server;

	@BeforeEach
	void startServer() {
		this.server = server(HttpProtocol.HTTP11).bindNow();
	}

	private HttpServer server(HttpProtocol... protocols) {
		return HttpServer.create()
			.host("127.0.0.1")
			.port(0)
			.protocol(protocols)
			.route((routes) -> routes.get("/held", (request, response) -> {
				this.asked.countDown();
				return response.sendString(this.held.asMono());
			})
				.get("/close", (request, response) -> response.keepAlive(false).sendString(Mono.just("bye")))
				.get("/moved", (request, response) -> response.sendRedirect("/ok"))
				.get("/ok", (request, response) -> response.sendString(Mono.just("ok"))));
	}

	@AfterEach
	void stopServer() {
		this.held.tryEmitValue("at last");
		this.pools.forEach(ConnectionProvider::dispose);
		this.server.disposeNow();
	}

	@Test
	void exchangeWaitsUntilAConnectionIsGivenBack() throws Exception {
		HttpClient client = client(ConnectionProvider.builder("waits").maxConnections(1));
		Mono<String> first = hold(client);
		List<String> second = start(get(client, "/ok"));
		awaitHook("waitStart HOST_LIMIT");
		this.held.tryEmitValue("at last");
		assertThat(first.block(AT_MOST)).isEqualTo("at last");
		await().atMost(AT_MOST).until(() -> second.contains("ok"));
		awaitHook("waitDone REUSED");
		assertThat(afterSecondGetConn()).startsWith("getConn", "waitStart HOST_LIMIT").endsWith("putIdleConn");
		assertThat(this.hooks.names()).containsSubsequence("waitStart HOST_LIMIT", "waitDone REUSED", "gotConn",
				"wroteHeaders");
		assertThat(this.hooks.names()).containsSubsequence("responseDone 200", "putIdleConn", "gotConn",
				"responseDone 200", "putIdleConn");
		await().atMost(AT_MOST)
			.untilAsserted(() -> assertThat(this.connections.names()).containsExactly("opened", "acquired", "released",
					"acquired", "released"));
		ConnectionTarget target = new ConnectionTarget("127.0.0.1", this.server.port(), false);
		assertThat(this.hooks.all(WaitInfo.class)).extracting(WaitInfo::target).containsExactly(target, target);
		ConnectionInfo handedOver = this.connections.connections()
			.stream()
			.filter((info) -> info.requests() == 2 && info.activeRequests() == 1)
			.findFirst()
			.orElseThrow();
		assertThat(handedOver.reused()).isTrue();
		assertThat(handedOver.wasIdle()).isFalse();
		assertThat(handedOver.idleTime()).isZero();
	}

	/**
	 * The connection before is closed instead of given back.
	 */
	@Test
	void exchangeWaitsForPlaceForAnotherConnection() throws Exception {
		HttpClient client = client(ConnectionProvider.builder("waits").maxConnections(1));
		Disposable first = client.get().uri(url("/held")).response().subscribe();
		assertThat(this.asked.await(20, TimeUnit.SECONDS)).isTrue();
		List<String> second = start(get(client, "/ok"));
		awaitHook("waitStart HOST_LIMIT");
		first.dispose();
		await().atMost(AT_MOST).until(() -> second.contains("ok"));
		assertThat(this.hooks.names()).containsSubsequence("waitStart HOST_LIMIT", "waitDone NEW", "connectStart",
				"connectDone", "gotConn");
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void waitThatTimesOut(boolean ownTimer) throws Exception {
		List<Duration> times = Collections.synchronizedList(new ArrayList<>());
		ConnectionProvider.Builder builder = ConnectionProvider.builder("waits")
			.maxConnections(1)
			.pendingAcquireTimeout(Duration.ofMillis(100));
		if (ownTimer) {
			builder.pendingAcquireTimer((task, time) -> {
				times.add(time);
				return Schedulers.parallel().schedule(task, time.toMillis(), TimeUnit.MILLISECONDS);
			});
		}
		HttpClient client = client(builder);
		hold(client);
		assertThat(start(get(client, "/ok"), 1)).containsExactly("PoolAcquireTimeoutException");
		assertThat(afterSecondGetConn()).containsExactly("getConn", "waitStart HOST_LIMIT",
				"waitDone TIMED_OUT PoolAcquireTimeoutException");
		assertThat(times).hasSize(ownTimer ? 1 : 0).allMatch(Duration.ofMillis(100)::equals);
	}

	/**
	 * The library hands the connection to it all the same, and closes it.
	 */
	@Test
	void waitThatIsCancelled() throws Exception {
		HttpClient client = client(ConnectionProvider.builder("waits").maxConnections(1));
		Mono<String> first = hold(client);
		Disposable second = client.get().uri(url("/ok")).response().subscribe();
		awaitHook("waitStart HOST_LIMIT");
		second.dispose();
		assertThat(afterSecondGetConn()).containsExactly("getConn", "waitStart HOST_LIMIT",
				"waitDone CANCELLED CancellationException");
		this.held.tryEmitValue("at last");
		assertThat(first.block(AT_MOST)).isEqualTo("at last");
		awaitClosed("closed CANCELLED");
		assertThat(this.hooks.names()).filteredOn("gotConn"::equals).hasSize(1);
	}

	/**
	 * The next hook is told of the start before it is told of the end.
	 */
	@Test
	void waitThatIsCancelledByAHook() throws Exception {
		HttpClient client = client(ConnectionProvider.builder("waits").maxConnections(1));
		hold(client);
		BaseSubscriber<HttpClientResponse> second = new BaseSubscriber<>() {
		};
		this.atWaitStart = second::cancel;
		client.get().uri(url("/ok")).response().subscribe(second);
		assertThat(afterSecondGetConn()).containsExactly("getConn", "waitStart HOST_LIMIT",
				"waitDone CANCELLED CancellationException");
	}

	@Test
	void waitThatIsOneTooMany() throws Exception {
		HttpClient client = client(ConnectionProvider.builder("waits").maxConnections(1).pendingAcquireMaxCount(0));
		hold(client);
		assertThat(start(get(client, "/ok"), 1)).containsExactly("PoolAcquirePendingLimitException");
		assertThat(afterSecondGetConn()).containsExactly("getConn", "waitStart HOST_LIMIT",
				"waitDone FAILED PoolAcquirePendingLimitException");
	}

	@Test
	void waitOfAPoolThatIsClosed() throws Exception {
		ConnectionProvider pool = this.netTrace
			.connectionProvider(ConnectionProvider.builder("waits").maxConnections(1));
		HttpClient client = this.netTrace.instrument(HttpClient.create(pool));
		hold(client);
		List<String> second = start(get(client, "/ok"));
		awaitHook("waitStart HOST_LIMIT");
		pool.dispose();
		await().atMost(AT_MOST).until(() -> second.contains("PoolShutdownException"));
		assertThat(afterSecondGetConn()).containsExactly("getConn", "waitStart HOST_LIMIT",
				"waitDone FAILED PoolShutdownException");
	}

	/**
	 * Without a limit to the wait the pool starts no timer.
	 */
	@Test
	void waitWithoutALimit() throws Exception {
		HttpClient client = client(
				ConnectionProvider.builder("waits").maxConnections(1).pendingAcquireTimeout(Duration.ZERO));
		hold(client);
		List<String> second = start(get(client, "/ok"));
		awaitHook("waitStart HOST_LIMIT");
		this.held.tryEmitValue("at last");
		await().atMost(AT_MOST).until(() -> second.contains("ok"));
		awaitHook("waitDone REUSED");
	}

	@Test
	void settingsOfOneHostHold() throws Exception {
		SocketAddress host = new InetSocketAddress("127.0.0.1", this.server.port());
		HttpClient client = client(ConnectionProvider.builder("waits")
			.maxConnections(50)
			.forRemoteHost(host, (spec) -> spec.maxConnections(1).pendingAcquireTimeout(Duration.ofMillis(100))));
		hold(client);
		assertThat(start(get(client, "/ok"), 1)).containsExactly("PoolAcquireTimeoutException");
		awaitHook("waitDone TIMED_OUT PoolAcquireTimeoutException");
		assertThat(this.hooks.connections().get(0).pool())
			.isEqualTo(new PoolInfo("reactor-netty", "127.0.0.1", this.server.port(), 1));
	}

	@Test
	void redirectWaitsToo() throws Exception {
		HttpClient client = client(ConnectionProvider.builder("waits").maxConnections(1)).followRedirect(true);
		assertThat(get(client, "/moved").block(AT_MOST)).isEqualTo("ok");
		await().atMost(AT_MOST)
			.untilAsserted(() -> assertThat(this.hooks.names()).filteredOn("putIdleConn"::equals).hasSize(2));
		List<String> names = this.hooks.names();
		assertThat(names).containsSubsequence("getConn", "gotConn", "responseDone 302", "gotConn", "responseDone 200");
		assertThat(names).filteredOn("getConn"::equals).hasSize(2);
		assertThat(names.stream().filter((name) -> name.startsWith("waitStart")))
			.hasSameSizeAs(names.stream().filter((name) -> name.startsWith("waitDone")).toList());
	}

	@Test
	void manyOnAPoolOfTwo() {
		HttpClient client = client(ConnectionProvider.builder("waits").maxConnections(2).pendingAcquireMaxCount(-1));
		List<String> answers = Flux.range(0, 50)
			.flatMap((index) -> get(client, "/ok"), 50)
			.collectList()
			.block(AT_MOST);
		assertThat(answers).hasSize(50).containsOnly("ok");
		await().atMost(AT_MOST)
			.untilAsserted(() -> assertThat(this.hooks.names()).filteredOn("putIdleConn"::equals).hasSize(50));
		List<String> names = this.hooks.names();
		assertThat(names).filteredOn("getConn"::equals).hasSize(50);
		assertThat(names).filteredOn("gotConn"::equals).hasSize(50);
		assertThat(names).filteredOn("waitStart HOST_LIMIT"::equals).hasSizeGreaterThan(25);
		assertThat(this.hooks.all(WaitInfo.class).stream().filter((wait) -> wait.outcome() == null))
			.hasSameSizeAs(this.hooks.all(WaitInfo.class).stream().filter((wait) -> wait.outcome() != null).toList());
		assertThat(this.hooks.all(WaitInfo.class)).extracting(WaitInfo::outcome)
			.isSubsetOf(null, Outcome.REUSED, Outcome.NEW);
		assertThat(this.connections.names()).filteredOn("opened"::equals).hasSizeLessThanOrEqualTo(2);
	}

	@Test
	void streamsWaitForTheirConnection() {
		DisposableServer http2 = server(HttpProtocol.H2C).bindNow();
		HttpClient client = client(ConnectionProvider.builder("waits").maxConnections(1)).protocol(HttpProtocol.H2C);
		Flux.range(0, 10)
			.flatMap((index) -> client.get()
				.uri("http://127.0.0.1:" + http2.port() + "/ok")
				.responseContent()
				.aggregate()
				.asString(), 10)
			.blockLast(AT_MOST);
		await().atMost(AT_MOST)
			.untilAsserted(() -> assertThat(this.connections.names()).filteredOn("released"::equals).hasSize(10));
		assertThat(this.hooks.all(WaitInfo.class).stream().filter((wait) -> wait.outcome() == null))
			.hasSameSizeAs(this.hooks.all(WaitInfo.class).stream().filter((wait) -> wait.outcome() != null).toList());
		assertThat(this.connections.connections()).extracting(ConnectionInfo::activeRequests)
			.allMatch((active) -> active <= 10);
		assertThat(this.connections.connections().get(this.connections.connections().size() - 1).activeRequests())
			.isZero();
		http2.disposeNow();
	}

	@Test
	void otherPoolsLimitTheirConnectionsToo() throws Exception {
		hold(other(1));
		assertThat(this.hooks.connections().get(0).pool().maxConnections()).isOne();
	}

	/**
	 * From then on it is in the queue, the event loop's own delay included.
	 */
	@Test
	void getConnIsCalledByTheThreadThatSubscribes() {
		List<Thread> threads = Collections.synchronizedList(new ArrayList<>());
		NetTracing tracing = new NetTracing((request) -> new NetTrace() {

			@Override
			public void getConn(ConnectionTarget target) {
				threads.add(Thread.currentThread());
			}

		});
		HttpClient client = new NetTraceReactorNetty(tracing, LookupSettings.defaults(), LookupThreads.create())
			.instrument(HttpClient.create());
		assertThat(get(client, "/ok").block(AT_MOST)).isEqualTo("ok");
		assertThat(threads).containsExactly(Thread.currentThread());
	}

	@Test
	void idleForTooLong() {
		HttpClient client = client(ConnectionProvider.builder("idle")
			.maxConnections(1)
			.maxIdleTime(Duration.ofMillis(50))
			.evictInBackground(Duration.ofMillis(20)));
		assertThat(get(client, "/ok").block(AT_MOST)).isEqualTo("ok");
		awaitClosed("closed IDLE");
	}

	@Test
	void openForTooLong() {
		HttpClient client = client(ConnectionProvider.builder("life")
			.maxConnections(1)
			.maxLifeTime(Duration.ofMillis(50))
			.evictInBackground(Duration.ofMillis(20)));
		assertThat(get(client, "/ok").block(AT_MOST)).isEqualTo("ok");
		awaitClosed("closed MAX_LIFETIME");
	}

	@Test
	void eventLoopsThatAreShutDown() {
		LoopResources loops = LoopResources.create("ended", 1, true);
		HttpClient client = client(ConnectionProvider.builder("ended")).runOn(loops);
		assertThat(get(client, "/ok").block(AT_MOST)).isEqualTo("ok");
		await().atMost(AT_MOST).until(() -> this.connections.names().contains("released"));
		loops.disposeLater(Duration.ZERO, AT_MOST).block(AT_MOST);
		awaitClosed("closed CLIENT_CLOSED");
	}

	@Test
	void serverThatDoesNotKeepConnections() {
		HttpClient client = client(ConnectionProvider.builder("not-kept"));
		assertThat(get(client, "/close").block(AT_MOST)).isEqualTo("bye");
		awaitClosed("closed NOT_KEPT");
		assertThat(this.connections.all(CloseInfo.class)).containsExactly(CloseInfo.notKept(CloseInfo.Side.PEER));
	}

	@Test
	void clientThatDoesNotKeepConnections() {
		HttpClient client = client(ConnectionProvider.builder("not-kept")).keepAlive(false);
		assertThat(get(client, "/ok").block(AT_MOST)).isEqualTo("ok");
		awaitClosed("closed NOT_KEPT");
		assertThat(this.connections.all(CloseInfo.class)).containsExactly(CloseInfo.notKept(CloseInfo.Side.CLIENT));
	}

	@Test
	@SuppressWarnings("NullAway") // what is tested
	void builderIsRequired() {
		assertThatNullPointerException().isThrownBy(() -> this.netTrace.connectionProvider(null))
			.withMessage("'builder' must not be null");
	}

	/**
	 * Return a client whose pools do not tell of waits.
	 */
	private HttpClient other(int maxConnections) {
		ConnectionProvider pool = ConnectionProvider.create("other", maxConnections);
		this.pools.add(pool);
		return this.netTrace.instrument(HttpClient.create(pool));
	}

	private HttpClient client(ConnectionProvider.Builder builder) {
		ConnectionProvider pool = this.netTrace.connectionProvider(builder);
		this.pools.add(pool);
		return this.netTrace.instrument(HttpClient.create(pool));
	}

	private String url(String path) {
		return "http://127.0.0.1:" + this.server.port() + path;
	}

	private Mono<String> get(HttpClient client, String path) {
		return client.get().uri(url(path)).responseContent().aggregate().asString();
	}

	/**
	 * Have the server hold a request, and its connection with it.
	 */
	private Mono<String> hold(HttpClient client) throws InterruptedException {
		Mono<String> response = get(client, "/held").cache();
		response.subscribe((body) -> {
		}, (failure) -> {
		});
		assertThat(this.asked.await(20, TimeUnit.SECONDS)).isTrue();
		awaitHook("wroteRequest");
		return response;
	}

	private static List<String> start(Mono<String> request) {
		List<String> outcome = Collections.synchronizedList(new ArrayList<>());
		request.subscribe(outcome::add, (failure) -> outcome.add(failure.getClass().getSimpleName()));
		return outcome;
	}

	private static List<String> start(Mono<String> request, int outcomes) {
		List<String> outcome = start(request);
		await().atMost(AT_MOST).until(() -> outcome.size() == outcomes);
		return outcome;
	}

	private List<String> afterSecondGetConn() {
		List<String> names = this.hooks.names();
		return names.subList(names.lastIndexOf("getConn"), names.size());
	}

	private void awaitHook(String name) {
		await().atMost(AT_MOST).untilAsserted(() -> assertThat(this.hooks.names()).contains(name));
	}

	private void awaitClosed(String name) {
		await().atMost(AT_MOST)
			.untilAsserted(
					() -> assertThat(this.connections.names()).containsExactly("opened", "acquired", "released", name));
	}

}
