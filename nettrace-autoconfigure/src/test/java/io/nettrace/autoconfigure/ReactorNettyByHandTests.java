package io.nettrace.autoconfigure;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.Supplier;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.observation.contextpropagation.ObservationThreadLocalAccessor;
import io.nettrace.Hook;
import io.nettrace.NetTrace;
import io.nettrace.NetTraceContext;
import io.nettrace.RequestInfo;
import io.nettrace.client.reactor.NetTraceReactorNetty;
import io.nettrace.test.BlackHole;
import io.nettrace.test.DnsAnswer;
import io.nettrace.test.DnsServer;
import io.nettrace.test.RefusingAddress;
import io.nettrace.test.SocksProxy;
import io.nettrace.test.SpanTree;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.unix.DomainSocketAddress;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Schedulers;
import reactor.netty.DisposableServer;
import reactor.netty.Metrics;
import reactor.netty.http.HttpProtocol;
import reactor.netty.http.client.HttpClient;
import reactor.netty.http.client.HttpClientResponse;
import reactor.netty.http.server.HttpServer;
import reactor.netty.resources.ConnectionProvider;
import reactor.netty.transport.ProxyProvider;

import static io.nettrace.autoconfigure.ExpectedSpans.answered;
import static io.nettrace.autoconfigure.ExpectedSpans.connected;
import static io.nettrace.autoconfigure.ExpectedSpans.failed;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Reactor Netty clients that an application builds by hand.
 */
@Tag("one-jdk")
@SuppressWarnings("NullAway.Init") // the fields of startApplication
class ReactorNettyByHandTests {

	private static DnsServer dns;

	private static TracedApplication application;

	private final LoopbackServer server = LoopbackServer.start("127.0.0.9");

	private final RecordingNetTrace hooks = new RecordingNetTrace();

	@BeforeAll
	static void startApplication() {
		dns = DnsServer.start().set("good.test", DnsAnswer.addresses("127.0.0.9"));
		application = ReactorNettyCaller.WEB_CLIENT.start(dns, List.of(), "nettrace.dns.single-flight=always");
	}

	@BeforeEach
	void forgetSpans() {
		application.tree();
	}

	@AfterEach
	void stopServer() {
		this.server.close();
	}

	@AfterAll
	static void stopApplication() {
		application.close();
		dns.close();
	}

	@Test
	void isTracedOnceHoweverOftenItIsInstrumented() {
		HttpClient once = instrument(asking());
		HttpClient client = instrument(instrument(once).responseTimeout(Duration.ofSeconds(20)));
		assertThat(instrument(once)).isSameAs(once);
		get(client, "good.test");
		assertTree("business\n" + answered("good.test") + connected(1, "127.0.0.9", "good.test"));
	}

	@Test
	void showsOneConnectForManyStreams() {
		DisposableServer http2 = HttpServer.create()
			.protocol(HttpProtocol.H2C)
			.host("127.0.0.9")
			.port(0)
			.handle((request, response) -> response.status(204).send())
			.bindNow();
		try {
			HttpClient client = instrument(
					asking(HttpClient.create(ConnectionProvider.create("one", 1))).protocol(HttpProtocol.H2C))
				.host("good.test")
				.port(http2.port());
			within("streams", () -> Flux.range(0, 20).flatMap((index) -> client.get().response(), 20).blockLast());
			assertTree("streams\n" + answered("good.test") + connected(1, "127.0.0.9", "good.test"));
		}
		finally {
			http2.disposeNow();
		}
	}

	/**
	 * Without a resolver of ours in it nothing tells from outside that a proxy's client
	 * is traced already.
	 */
	@ParameterizedTest
	@ValueSource(ints = { 1, 2 })
	void showsTheAddressOfAProxyAndNoLookup(int times) {
		try (SocksProxy proxy = SocksProxy.start(); LoopbackServer local = LoopbackServer.start("127.0.0.1")) {
			HttpClient client = HttpClient.create()
				.proxy((spec) -> spec.type(ProxyProvider.Proxy.SOCKS5).socketAddress(proxy.address()));
			for (int i = 0; i < times; i++) {
				client = instrument(client);
			}
			HttpClient traced = client;
			within("business", () -> traced.get().uri(local.url("localhost")).response().block());
			assertThat(proxy.connects()).containsExactly(InetSocketAddress.createUnresolved("localhost", local.port()));
			assertTree("business\n" + connected(1, "127.0.0.1", "127.0.0.1")
					+ "    proxy connect {nettrace.proxy.protocol=socks5, network.peer.address=127.0.0.1, "
					+ "network.peer.port=PORT, server.address=localhost, server.port=PORT}\n");
		}
	}

	@Test
	void sharesThePoolIfAProxysClientIsInstrumentedAgain() {
		try (SocksProxy proxy = SocksProxy.start(); LoopbackServer local = LoopbackServer.start("127.0.0.1")) {
			ConnectionProvider connections = ConnectionProvider.create("one", 1);
			HttpClient once = instrument(HttpClient.create(connections)
				.proxy((spec) -> spec.type(ProxyProvider.Proxy.SOCKS5).socketAddress(proxy.address())));
			for (HttpClient client : List.of(once, instrument(once), instrument(instrument(once)))) {
				client.get().uri(local.url("localhost")).responseContent().aggregate().block();
			}
			connections.dispose();
			assertThat(proxy.connects()).hasSize(1);
		}
	}

	@Test
	void isTracedOnceIfItGetsAnotherResolverAndIsInstrumentedAgain() {
		get(instrument(asking(instrument(HttpClient.create()))), "good.test");
		assertTree("business\n" + answered("good.test") + connected(1, "127.0.0.9", "good.test"));
	}

	@Test
	void isTracedOnceIfItsOwnChannelHandlerHidesThatItIsInstrumented() {
		get(instrument(asking(hidden(instrument(HttpClient.create())))), "good.test");
		assertTree("business\n" + answered("good.test") + connected(1, "127.0.0.9", "good.test"));
	}

	@Test
	void endsTheLookupOfACancelledRequestOfAClientInstrumentedTwice() {
		dns.set("mute.test", DnsAnswer.silence());
		Disposable request = subscribe(instrument(asking(hidden(instrument(HttpClient.newConnection())))), "mute.test");
		dns.awaitQueries("mute.test", "A", 1);
		request.dispose();
		assertTree("""
				DNS lookup ! {dns.question.name=mute.test, error.type=cancelled, nettrace.dns.coalesced=false}
				""");
	}

	@Test
	@EnabledIf("hasUnixDomainSockets")
	void showsAUnixDomainSocket(@TempDir Path directory) {
		DomainSocketAddress address = new DomainSocketAddress(directory.resolve("http.sock").toFile());
		DisposableServer unix = HttpServer.create()
			.bindAddress(() -> address)
			.handle((request, response) -> response.status(204).send())
			.bindNow();
		try {
			HttpClient client = instrument(HttpClient.create().remoteAddress(() -> address));
			Calls.withContext(NetTraceContext.empty().withTrace(this.hooks),
					() -> within("business", () -> client.get().uri("/").response().block()));
			assertThat(this.hooks.calls()).containsExactly("connectStart unix " + address.path(),
					"connectDone unix " + address.path() + " ok");
			await().untilAsserted(
					() -> assertThat(SpanTree.render(application.spans())).startsWith("business\n  socket connect {")
						.contains("network.transport=unix")
						.contains(address.path()));
		}
		finally {
			unix.disposeNow();
		}
	}

	static boolean hasUnixDomainSockets() {
		return Epoll.isAvailable();
	}

	@Test
	void endsTheLookupOfACancelledRequestWithoutAPool() {
		dns.set("silent.test", DnsAnswer.silence());
		HttpClient client = instrument(asking(HttpClient.newConnection()));
		Disposable request = subscribe(client, "silent.test");
		dns.awaitQueries("silent.test", "A", 1);
		request.dispose();
		assertTree("""
				DNS lookup ! {dns.question.name=silent.test, error.type=cancelled, nettrace.dns.coalesced=false}
				""");
	}

	@Test
	void endsTheAttemptOfACancelledRequestWithoutAPool() throws Exception {
		dns.set("hole.test", DnsAnswer.addresses("127.0.0.5", "127.0.0.6"));
		try (BlackHole hole = BlackHole.open("127.0.0.5", this.server.port())) {
			assertThat(hole.address().getPort()).isEqualTo(this.server.port());
			HttpClient client = instrument(asking(HttpClient.newConnection()));
			List<Disposable> requests = new ArrayList<>();
			Calls.withContext(NetTraceContext.empty().withTrace(this.hooks),
					() -> requests.add(subscribe(client, "hole.test")));
			this.hooks.awaitConnect();
			requests.get(0).dispose();
			await().until(() -> this.hooks.calls().size() == 4);
			assertThat(this.hooks.calls()).containsExactly("dnsStart hole.test", "dnsDone [127.0.0.5, 127.0.0.6] ok",
					"connectStart tcp 127.0.0.5", "connectDone tcp 127.0.0.5 CancellationException");
			await().untilAsserted(() -> assertThat(SpanTree.render(application.spans()))
				.contains("nettrace.connect.outcome=cancelled")
				.doesNotContain("nettrace.connect.attempt=2"));
		}
	}

	@Test
	void hookThatCancelsEndsTheAttemptAfterEveryHookOfItsStart() throws Exception {
		dns.set("hole.test", DnsAnswer.addresses("127.0.0.5"));
		try (BlackHole hole = BlackHole.open("127.0.0.5", this.server.port())) {
			assertThat(hole.address().getPort()).isEqualTo(this.server.port());
			HttpClient client = instrument(asking(HttpClient.newConnection()));
			CompletableFuture<Disposable> request = new CompletableFuture<>();
			NetTrace cancelling = new NetTrace() {

				@Override
				public void connectStart(String network, SocketAddress address) {
					request.join().dispose();
				}

			};
			Calls.withContext(NetTraceContext.empty().withTrace(this.hooks).withTrace(cancelling),
					() -> request.complete(subscribe(client, "hole.test")));
			await().until(() -> this.hooks.calls().size() == 4);
			assertThat(this.hooks.calls()).containsExactly("dnsStart hole.test", "dnsDone [127.0.0.5] ok",
					"connectStart tcp 127.0.0.5", "connectDone tcp 127.0.0.5 CancellationException");
		}
	}

	@Test
	void showsNothingMoreThanWithoutReactorNettysOwnMetrics() {
		get(instrument(asking().metrics(true, Function.identity())), "good.test");
		assertTree("business\n" + answered("good.test") + connected(1, "127.0.0.9", "good.test"));
	}

	/**
	 * Its spans do not hide ours, and are not their parents.
	 */
	@Test
	void showsTheSameBesideReactorNettysOwnSpans() {
		ObservationRegistry own = Metrics.OBSERVATION_REGISTRY;
		Metrics.observationRegistry(application.bean(ObservationRegistry.class));
		try {
			get(instrument(asking().metrics(true, Function.identity())), "good.test");
		}
		finally {
			Metrics.observationRegistry(own);
		}
		await().untilAsserted(() -> assertThat(SpanTree.render(application.spans()).lines()).containsExactlyInAnyOrder(
				"business", "  hostname resolution", answered("good.test").stripTrailing().substring(2), "  connect",
				connected(1, "127.0.0.9", "good.test").stripTrailing().substring(2), "  http GET"));
	}

	/**
	 * The selector's addresses carry no trace.
	 */
	@Test
	void findsTheParentOfEachAttemptEvenIfASelectorCopiesTheAddresses() {
		try (RefusingAddress refusing = RefusingAddress.open("127.0.0.8", this.server.port())) {
			dns.set("copied.test", DnsAnswer.addresses(refusing.address().getHostString(), "127.0.0.9"));
			HttpClient client = instrument(
					asking().resolvedAddressesSelector((configuration, addresses) -> addresses.stream()
						.map(InetSocketAddress.class::cast)
						.map((address) -> new InetSocketAddress(address.getAddress(), address.getPort()))
						.toList()));
			get(client, "copied.test");
		}
		assertTree("business\n" + answered("copied.test").replace("127.0.0.9", "127.0.0.8,127.0.0.9")
				+ failed(1, "127.0.0.8", "copied.test", "connection_refused")
				+ connected(1, "127.0.0.9", "copied.test"));
	}

	@Test
	void findsItsParentInReactorsContext() {
		HttpClient client = instrument(asking());
		Observation business = Observation.start("business", application.bean(ObservationRegistry.class));
		getOnAnotherThread(client, business);
		business.stop();
		assertTree("business\n" + answered("good.test") + connected(1, "127.0.0.9", "good.test"));
	}

	/**
	 * As every factory may that knows nothing of Reactor.
	 */
	@Test
	void factoryFindsTheRequestOfReactorsContextOnItsThread() {
		try (TracedApplication other = ReactorNettyCaller.WEB_CLIENT.start(dns, List.of(Parents.class))) {
			HttpClient client = other.bean(NetTraceReactorNetty.class).instrument(asking());
			Observation business = Observation.start("business", other.bean(ObservationRegistry.class));
			getOnAnotherThread(client, business);
			business.stop();
			assertThat(other.bean(Parents.class).names).containsExactly("business");
		}
	}

	@Test
	void factoryIsAskedOnceForEachOperationOfAClientInstrumentedTwice() {
		try (TracedApplication other = ReactorNettyCaller.WEB_CLIENT.start(dns, List.of(Counting.class))) {
			NetTraceReactorNetty netTrace = other.bean(NetTraceReactorNetty.class);
			netTrace.instrument(asking(hidden(netTrace.instrument(HttpClient.create()))))
				.get()
				.uri(this.server.url("good.test"))
				.response()
				.block();
			assertThat(other.bean(Counting.class).dials).hasValue(1);
		}
	}

	/**
	 * Between its trace being asked for and its lookup being begun.
	 */
	@Test
	void callsNoHookOfARequestThatItsFactoryCancels() {
		dns.set("unwanted.test", DnsAnswer.addresses("127.0.0.9"));
		try (TracedApplication other = ReactorNettyCaller.WEB_CLIENT.start(dns, List.of(Cancelling.class),
				"nettrace.observations.exchanges=false")) {
			HttpClient client = other.bean(NetTraceReactorNetty.class).instrument(asking());
			Cancelling factories = other.bean(Cancelling.class);
			factories.request.complete(subscribe(client, "unwanted.test"));
			dns.awaitQueries("unwanted.test", "A", 1);
			assertThat(factories.hooks.calls()).isEmpty();
		}
	}

	@Test
	void anObservationSwitchedOffInReactorsContextDoesNotHideTheOneOnTheThread() {
		HttpClient client = instrument(asking());
		within("business",
				() -> client.get()
					.uri(this.server.url("good.test"))
					.response()
					.contextWrite((context) -> context.put(ObservationThreadLocalAccessor.KEY, Observation.NOOP))
					.block());
		assertTree("business\n" + answered("good.test") + connected(1, "127.0.0.9", "good.test"));
	}

	@Test
	void looksUpWithTheDefaultResolver() {
		try (LoopbackServer local = LoopbackServer.start("127.0.0.1")) {
			within("business",
					() -> instrument(HttpClient.create()).get().uri(local.url("localhost")).response().block());
			assertThat(application.tree()).startsWith("business\n  DNS lookup {")
				.contains("dns.question.name=localhost");
		}
	}

	@Test
	void goesOnForThePoolWithWhatACancelledRequestHasBegun() {
		CompletableFuture<Void> release = new CompletableFuture<>();
		dns.set("late.test", DnsAnswer.addresses("127.0.0.9").after(release));
		HttpClient client = instrument(asking());
		Disposable cancelled = subscribe(client, "late.test");
		dns.awaitQueries("late.test", "A", 1);
		cancelled.dispose();
		assertTree("""
				DNS lookup ! {dns.question.name=late.test, error.type=cancelled, nettrace.dns.coalesced=false}
				""");
		CompletableFuture<HttpClientResponse> next = new CompletableFuture<>();
		Calls.withContext(NetTraceContext.empty().withTrace(this.hooks),
				() -> client.get().uri(this.server.url("late.test")).response().subscribe(next::complete));
		await().until(() -> this.hooks.calls().contains("dnsStart late.test"));
		release.complete(null);
		next.join();
		assertThat(dns.queries("late.test", "A")).isEqualTo(1);
		assertThat(application.tree()).contains("nettrace.dns.coalesced=true").containsOnlyOnce("socket connect {");
	}

	private static HttpClient instrument(HttpClient client) {
		return application.bean(NetTraceReactorNetty.class).instrument(client);
	}

	/**
	 * With a handler of its own, behind which it cannot be seen that it is instrumented.
	 */
	private static HttpClient hidden(HttpClient client) {
		return client.doOnChannelInit((observer, channel, remote) -> {
		});
	}

	private static HttpClient asking() {
		return asking(HttpClient.create());
	}

	private static HttpClient asking(HttpClient client) {
		return client.resolver(ReactorNettyCaller.Names.asking(dns.address()));
	}

	private void get(HttpClient client, String host) {
		within("business", () -> client.get().uri(this.server.url(host)).response().block());
	}

	private Disposable subscribe(HttpClient client, String host) {
		return client.get().uri(this.server.url(host)).response().subscribe();
	}

	/**
	 * Only Reactor's context knows the parent.
	 */
	private void getOnAnotherThread(HttpClient client, Observation parent) {
		client.get()
			.uri(this.server.url("good.test"))
			.response()
			.subscribeOn(Schedulers.single())
			.contextWrite((context) -> context.put(ObservationThreadLocalAccessor.KEY, parent))
			.block();
	}

	private static void within(String name, Runnable action) {
		Observation.createNotStarted(name, application.bean(ObservationRegistry.class)).observe(action);
	}

	/**
	 * Without a request's span in between.
	 */
	private static void assertTree(String expected) {
		application.awaitTree(expected.replace("    ", "  "));
	}

	/**
	 * Looks for a request's parent on the thread.
	 */
	@Configuration(proxyBeanMethods = false)
	static class Parents {

		private final List<@Nullable String> names = new CopyOnWriteArrayList<>();

		@Bean
		NetTrace.Factory parents(ObservationRegistry registry) {
			return (client) -> {
				Observation parent = registry.getCurrentObservation();
				this.names.add((parent != null) ? parent.getContext().getName() : null);
				return NetTrace.NONE;
			};
		}

	}

	/**
	 * Counts dials.
	 */
	@Configuration(proxyBeanMethods = false)
	static class Counting {

		private final AtomicInteger dials = new AtomicInteger();

		@Bean
		NetTrace.Factory counting() {
			return (request) -> new NetTrace() {

				@Override
				public NetTrace forDial() {
					Counting.this.dials.incrementAndGet();
					return NetTrace.NONE;
				}

			};
		}

	}

	/**
	 * Cancels the request that it is asked for. If nothing observes exchanges, it is not
	 * asked before a connection is set up, on the event loop.
	 */
	@Configuration(proxyBeanMethods = false)
	static class Cancelling {

		private final CompletableFuture<Disposable> request = new CompletableFuture<>();

		private final RecordingNetTrace hooks = new RecordingNetTrace();

		@Bean
		NetTrace.Factory cancelling() {
			return ofSetUps(() -> {
				this.request.join().dispose();
				return NetTrace.NONE;
			});
		}

		@Bean
		NetTrace.Factory recording() {
			return ofSetUps(() -> this.hooks);
		}

		private static NetTrace.Factory ofSetUps(Supplier<NetTrace> traces) {
			return new NetTrace.Factory() {

				@Override
				public NetTrace create(RequestInfo request) {
					return traces.get();
				}

				@Override
				public Set<Hook> hooks() {
					return Set.of(Hook.DNS, Hook.CONNECT);
				}

			};
		}

	}

}
