package io.nettrace.client.reactor;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.TrustManagerFactory;

import com.sun.net.httpserver.HttpServer;
import io.nettrace.Hook;
import io.nettrace.NetTrace;
import io.nettrace.client.LoopbackAddresses;
import io.nettrace.client.SlowAddress;
import io.nettrace.concurrent.LookupThreads;
import io.nettrace.dial.DialSettings;
import io.nettrace.dial.DialStrategy;
import io.nettrace.dns.LookupSettings;
import io.nettrace.instrument.NetTracing;
import io.nettrace.test.TestAuthority;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.resolver.AbstractAddressResolver;
import io.netty.resolver.AddressResolver;
import io.netty.resolver.AddressResolverGroup;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.GlobalEventExecutor;
import io.netty.util.concurrent.Promise;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;
import reactor.netty.DisposableServer;
import reactor.netty.http.Http2SslContextSpec;
import reactor.netty.http.HttpProtocol;
import reactor.netty.http.client.HttpClient;
import reactor.netty.resources.ConnectionProvider;
import reactor.netty.resources.LoopResources;
import reactor.netty.tcp.SslProvider.GenericSslContextSpec;
import reactor.netty.transport.ProxyProvider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Races under Reactor Netty, with real sockets; what goes wrong is what goes wrong
 * without a race.
 */
class ReactorRaceTests {

	private static final String A = "127.0.1.1";

	private static final String B = "127.0.1.2";

	private static final String C = "127.0.1.3";

	private static final Duration AT_MOST = Duration.ofSeconds(20);

	private final LoopbackAddresses loopback = new LoopbackAddresses();

	private final List<Closeable> open = new ArrayList<>();

	private final List<String> events = Collections.synchronizedList(new ArrayList<>());

	private final ConnectionProvider pool = ConnectionProvider.create("race", 100);

	// the next request waits until it has the connection back
	private final ConnectionProvider one = ConnectionProvider.create("one", 1);

	private final LoopResources loops = LoopResources.create("race", 1, true);

	private boolean isNative = true;

	private int connectTimeoutMillis = 20_000;

	private DialSettings race = DialSettings.defaults()
		.withStrategy(DialStrategy.RFC8305)
		.withFallbackDelay(Duration.ofMillis(30));

	@AfterEach
	void close() throws IOException {
		this.pool.dispose();
		this.one.dispose();
		this.loops.disposeLater(Duration.ZERO, Duration.ofSeconds(5)).block();
		for (Closeable each : this.open) {
			each.close();
		}
		this.loopback.close();
	}

	private final class Attempts implements NetTrace {

		@Override
		public void connectStart(String network, SocketAddress address) {
			ReactorRaceTests.this.events.add("start " + literal(address));
		}

		@Override
		public void connectDone(String network, SocketAddress address, @Nullable Throwable error) {
			ReactorRaceTests.this.events.add("done " + literal(address) + ((error == null) ? ""
					: " " + error.getClass().getSimpleName().replaceAll("^.*ConnectException$", "refused")));
		}

	}

	private static String literal(SocketAddress address) {
		return ((InetSocketAddress) address).getAddress().getHostAddress();
	}

	/**
	 * Answers with its address.
	 */
	private String answering(String literal) throws IOException {
		HttpServer server = HttpServer.create(new InetSocketAddress(literal, this.loopback.port()), 0);
		server.createContext("/", (exchange) -> {
			byte[] body = literal.getBytes(StandardCharsets.US_ASCII);
			exchange.sendResponseHeaders(200, body.length);
			exchange.getResponseBody().write(body);
			exchange.close();
		});
		server.start();
		this.open.add(() -> server.stop(0));
		return literal;
	}

	private static AddressResolverGroup<InetSocketAddress> resolver(String... literals) {
		return new AddressResolverGroup<>() {

			@Override
			protected AddressResolver<InetSocketAddress> newResolver(EventExecutor executor) {
				return new AbstractAddressResolver<>(executor, InetSocketAddress.class) {

					@Override
					protected boolean doIsResolved(InetSocketAddress address) {
						return !address.isUnresolved();
					}

					@Override
					protected void doResolve(InetSocketAddress address, Promise<InetSocketAddress> promise) {
						promise.setFailure(new UnsupportedOperationException());
					}

					@Override
					protected void doResolveAll(InetSocketAddress address, Promise<List<InetSocketAddress>> promise)
							throws Exception {
						List<InetSocketAddress> all = new ArrayList<>();
						for (String literal : literals) {
							all.add(new InetSocketAddress(InetAddress.getByAddress(address.getHostString(),
									InetAddress.getByName(literal).getAddress()), address.getPort()));
						}
						promise.setSuccess(all);
					}

				};
			}

		};
	}

	private HttpClient plain(ConnectionProvider provider, String... literals) {
		return HttpClient.create(provider)
			.runOn(this.loops, this.isNative)
			.option(ChannelOption.CONNECT_TIMEOUT_MILLIS, this.connectTimeoutMillis)
			.disableRetry(true)
			.resolver(resolver(literals));
	}

	private HttpClient client(@Nullable DialSettings race, HttpClient plain) {
		return client(race, plain, new Attempts());
	}

	private static HttpClient client(@Nullable DialSettings race, HttpClient plain, NetTrace trace) {
		return new NetTraceReactorNetty(
				new NetTracing(() -> List.of((request) -> trace), List::of, EnumSet.of(Hook.CONNECT)),
				LookupSettings.defaults(), LookupThreads.create(), race)
			.instrument(plain);
	}

	private HttpClient client(@Nullable DialSettings race, String... literals) {
		return client(race, plain(this.pool, literals));
	}

	private Future<String> start(HttpClient client) {
		return start(client, "http");
	}

	private Future<String> start(HttpClient client, String scheme) {
		return client.get()
			.uri(scheme + "://race.test:" + this.loopback.port() + "/")
			.responseContent()
			.aggregate()
			.asString()
			.toFuture();
	}

	private static String body(Future<String> response) throws Exception {
		return response.get(AT_MOST.toSeconds(), TimeUnit.SECONDS);
	}

	private static Throwable failure(Future<String> response) throws InterruptedException, TimeoutException {
		try {
			throw new AssertionError(response.get(AT_MOST.toSeconds(), TimeUnit.SECONDS));
		}
		catch (ExecutionException ex) {
			return Objects.requireNonNull(ex.getCause());
		}
	}

	private void assertEvents(String... expected) {
		Awaitility.await()
			.pollInterval(Duration.ofMillis(5))
			.atMost(AT_MOST)
			.untilAsserted(() -> assertThat(this.events).containsExactly(expected));
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void theNextAddressIsTriedBesideOneThatDoesNotAnswer(boolean isNative) throws Exception {
		this.isNative = isNative;
		this.loopback.silent(A);
		HttpClient client = client(this.race, plain(this.one, A, answering(B)));
		assertThat(body(start(client))).isEqualTo(B);
		assertThat(body(start(client))).as("on the kept connection").isEqualTo(B);
		assertEvents("start " + A, "start " + B, "done " + B, "done " + A + " CancellationException");
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void withTheFirstAddressAliveNoOtherIsTried(boolean isNative) throws Exception {
		this.isNative = isNative;
		this.race = this.race.withFallbackDelay(AT_MOST);
		this.loopback.refusing(B);
		List<Channel> channels = Collections.synchronizedList(new ArrayList<>());
		HttpClient client = client(this.race, plain(this.pool, answering(A), B)
			.doOnChannelInit((observer, channel, remote) -> channels.add(channel)));
		assertThat(body(start(client))).isEqualTo(A);
		assertEvents("start " + A, "done " + A);
		assertThat(channels).as("as many as without a race").hasSize(1);
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void aRefusedAddressDoesNotWaitForTheDelay(boolean isNative) throws Exception {
		this.isNative = isNative;
		this.race = this.race.withFallbackDelay(Duration.ofDays(1));
		this.loopback.refusing(A);
		this.loopback.refusing(B);
		assertThat(body(start(client(this.race, A, B, answering(C))))).isEqualTo(C);
		assertEvents("start " + A, "done " + A + " refused", "start " + B, "done " + B + " refused", "start " + C,
				"done " + C);
	}

	@Test
	void oneFamilyIsTriedInOrderByGosStrategy() throws Exception {
		this.loopback.refusing(A);
		HttpClient client = client(DialSettings.defaults(), A, answering(B));
		assertThat(body(start(client))).isEqualTo(B);
		assertEvents("start " + A, "done " + A + " refused", "start " + B, "done " + B);
	}

	/**
	 * Eight addresses of which only the last one is alive.
	 */
	@Test
	void manyRace() throws Exception {
		String[] all = new String[8];
		for (int i = 0; i < 7; i++) {
			all[i] = "127.0.1." + (10 + i);
			this.loopback.silent(all[i]);
		}
		all[7] = answering("127.0.1.17");
		this.race = this.race.withFallbackDelay(Duration.ZERO);
		assertThat(body(start(client(this.race, all)))).isEqualTo("127.0.1.17");
		Awaitility.await().atMost(AT_MOST).untilAsserted(() -> assertThat(this.events).hasSize(16));
		assertThat(this.events).contains("done 127.0.1.17")
			.filteredOn((event) -> event.endsWith("Exception"))
			.hasSize(7);
	}

	/**
	 * The first address answers at last, when Reactor Netty waits for the second one: the
	 * kernel asks again after a second.
	 */
	@ParameterizedTest
	@CsvSource({ "true,http,HTTP11", "false,http,HTTP11", "true,https,H2", "false,https,H2", "true,http,H2C",
			"false,http,H2C" })
	void anAttemptThatWinsLateIsUsed(boolean isNative, String scheme, HttpProtocol protocol) throws Exception {
		this.isNative = isNative;
		TestAuthority authority = TestAuthority.create("Test CA");
		DisposableServer server = serve(authority, scheme.equals("https"), protocol);
		SlowAddress slow = SlowAddress.open(this.loopback, A, server.port());
		this.open.add(slow);
		this.loopback.silent(B);
		ChannelGroup channels = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
		HttpClient plain = plain(this.one, A, B).protocol(protocol).channelGroup(channels);
		HttpClient client = client(this.race, scheme.equals("https") ? secured(plain, authority) : plain);
		Future<String> response = start(client, scheme);
		Awaitility.await().atMost(AT_MOST).untilAsserted(() -> assertThat(this.events).contains("start " + B));
		slow.answer();
		assertThat(body(response)).isEqualTo("late");
		assertThat(body(start(client, scheme))).as("on the kept connection").isEqualTo("late");
		List<String> expected = new ArrayList<>(
				List.of("start " + A, "start " + B, "done " + A, "done " + B + " CancellationException"));
		if (channels.stream().anyMatch(ReactorRaceTests::keepsItsSocket)) {
			expected.addAll(List.of("start " + A, "done " + A));
		}
		else {
			assertThat(slow.accepted()).as("connections that are used").isEqualTo(1);
		}
		assertEvents(expected.toArray(String[]::new));
		assertThat(channels.stream().filter(Channel::isActive).filter((channel) -> channel.parent() == null))
			.as("channels with the socket")
			.hasSize(1);
	}

	/**
	 * No other channel can take over a socket of io_uring's: the winner's address is
	 * connected to once more.
	 */
	private static boolean keepsItsSocket(Channel channel) {
		return channel.getClass().getSimpleName().startsWith("IoUring");
	}

	@Test
	@EnabledIfSystemProperty(named = "nettrace.tests.transport", matches = ".+",
			disabledReason = "no transport is asked for")
	void theTransportIsTheOneThatIsAskedFor() throws Exception {
		this.loopback.refusing(B);
		ChannelGroup channels = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
		body(start(plain(this.pool, answering(A)).channelGroup(channels)));
		assertThat(channels.stream()).isNotEmpty()
			.allMatch((channel) -> channel.getClass()
				.getSimpleName()
				.startsWith(System.getProperty("nettrace.tests.transport")));
	}

	private static HttpClient secured(HttpClient client, TestAuthority authority) {
		GenericSslContextSpec<?> trusting = Http2SslContextSpec.forClient()
			.configure((context) -> context.trustManager(trust(authority)));
		return client.secure((ssl) -> ssl.sslContext(trusting));
	}

	private static TrustManagerFactory trust(TestAuthority authority) {
		try {
			TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
			factory.init(authority.trusted());
			return factory;
		}
		catch (Exception ex) {
			throw new IllegalStateException(ex);
		}
	}

	private DisposableServer serve(TestAuthority authority, boolean tls, HttpProtocol protocol) throws Exception {
		reactor.netty.http.server.HttpServer server = reactor.netty.http.server.HttpServer.create()
			.host("127.0.0.1")
			.port(0)
			.protocol(protocol)
			.handle((request, response) -> response.sendString(Flux.just("late")));
		if (tls) {
			KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
			keys.init(authority.server("race.test").keys(), TestAuthority.PASSWORD.toCharArray());
			GenericSslContextSpec<?> secured = Http2SslContextSpec.forServer(keys);
			server = server.secure((ssl) -> ssl.sslContext(secured));
		}
		DisposableServer bound = server.bindNow();
		this.open.add(bound::disposeNow);
		return bound;
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void whenAllAreRefusedTheExceptionIsTheLibrarys(boolean isNative) throws Exception {
		this.isNative = isNative;
		this.loopback.refusing(A);
		this.loopback.refusing(B);
		Throwable plain = failure(start(client(null, A, B)));
		assertEvents("start " + A, "done " + A + " refused", "start " + B, "done " + B + " refused");
		Throwable raced = failure(start(client(this.race, A, B)));
		assertThat(raced).hasSameClassAs(plain).hasMessage(plain.getMessage());
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void whenNoneAnswersTheExceptionIsTheLibrarys(boolean isNative) throws Exception {
		this.isNative = isNative;
		this.connectTimeoutMillis = 200;
		this.loopback.silent(A);
		this.loopback.silent(B);
		Throwable plain = failure(start(client(null, A, B)));
		Throwable raced = failure(start(client(this.race, A, B)));
		assertThat(raced).hasSameClassAs(plain).hasMessage(plain.getMessage());
	}

	@Test
	void clientsWhoseEventLoopsEndEndTheirRaces() throws Exception {
		this.loopback.silent(A);
		this.loopback.silent(B);
		Future<String> response = start(client(this.race, A, B));
		assertEvents("start " + A, "start " + B);
		this.loops.disposeLater(Duration.ZERO, Duration.ofSeconds(5)).block();
		assertThat(failure(response)).isNotNull();
		Awaitility.await().atMost(AT_MOST).untilAsserted(() -> assertThat(this.events).hasSize(4));
	}

	@Test
	void whatAnAddressFilterLeavesOutIsNotConnectedTo() throws Exception {
		this.loopback.silent(A);
		this.race = this.race.withFallbackDelay(Duration.ZERO);
		answering(B);
		HttpClient filtered = plain(this.pool, A, B, answering(C)).resolvedAddressesSelector(
				(config, addresses) -> addresses.stream().filter((address) -> !literal(address).equals(B)).toList());
		assertThat(body(start(client(this.race, filtered)))).isEqualTo(C);
		assertEvents("start " + A, "start " + C, "done " + C, "done " + A + " CancellationException");
	}

	/**
	 * The pool does not know of the cancellation, and goes on for another request.
	 */
	@Test
	void aCancelledRequestHearsNoMoreOfItsRace() throws Exception {
		this.loopback.silent(A);
		this.loopback.silent(B);
		HttpClient client = client(this.race, A, B);
		start(client).cancel(true);
		Future<String> response = start(client);
		Awaitility.await().atMost(AT_MOST).untilAsserted(() -> assertThat(this.events).contains("start " + B));
		response.cancel(true);
		Awaitility.await()
			.atMost(AT_MOST)
			.untilAsserted(() -> assertThat(this.events).contains("done " + A + " CancellationException",
					"done " + B + " CancellationException"));
	}

	@Test
	void theRaceOfACancelledRequestGoesOnForThePool() throws Exception {
		this.connectTimeoutMillis = 300;
		this.race = this.race.withFallbackDelay(AT_MOST);
		this.loopback.silent(A);
		HttpClient client = client(this.race, plain(this.one, A, answering(B)));
		Future<String> cancelled = start(client);
		assertEvents("start " + A);
		cancelled.cancel(true);
		assertEvents("start " + A, "done " + A + " CancellationException");
		assertThat(body(start(client))).isEqualTo(B);
	}

	/**
	 * Reactor Netty does not close the channel of a request that is cancelled, but who
	 * has it may.
	 */
	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	@SuppressWarnings("FutureReturnValueIgnored")
	void aChannelThatIsClosedEndsEveryAttempt(boolean isNative) throws Exception {
		this.isNative = isNative;
		this.loopback.silent(A);
		this.loopback.silent(B);
		List<Channel> channels = Collections.synchronizedList(new ArrayList<>());
		HttpClient client = client(this.race,
				plain(this.pool, A, B).doOnChannelInit((observer, channel, remote) -> channels.add(channel)));
		Future<String> response = start(client);
		assertEvents("start " + A, "start " + B);
		channels.get(1).close();
		assertThat(failure(response)).isInstanceOf(ClosedChannelException.class);
		Awaitility.await().atMost(AT_MOST).untilAsserted(() -> assertThat(channels).noneMatch(Channel::isOpen));
		assertThat(channels).hasSize(2);
		assertThat(this.events).hasSize(4);
	}

	@Test
	void hooksThatThrowChangeNothing() throws Exception {
		this.loopback.silent(A);
		HttpClient client = client(this.race, plain(this.pool, A, answering(B)), new NetTrace() {

			@Override
			public void connectStart(String network, SocketAddress address) {
				throw new IllegalStateException("start");
			}

			@Override
			public void connectDone(String network, SocketAddress address, @Nullable Throwable error) {
				throw new IllegalStateException("done");
			}

		});
		assertThat(body(start(client))).isEqualTo(B);
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void withoutHooksAddressesRaceToo(boolean isNative) throws Exception {
		this.isNative = isNative;
		this.loopback.silent(A);
		HttpClient client = new NetTraceReactorNetty(new NetTracing(), LookupSettings.defaults(),
				LookupThreads.create(), this.race)
			.instrument(plain(this.pool, A, answering(B)));
		assertThat(body(start(client))).isEqualTo(B);
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void fiftyRacesAtOnce(boolean isNative) throws Exception {
		this.isNative = isNative;
		this.loopback.silent(A);
		HttpClient client = client(this.race, plain(ConnectionProvider.newConnection(), A, answering(B)));
		List<Future<String>> responses = new ArrayList<>();
		for (int i = 0; i < 50; i++) {
			responses.add(start(client));
		}
		for (Future<String> response : responses) {
			assertThat(body(response)).isEqualTo(B);
		}
		Awaitility.await().atMost(AT_MOST).untilAsserted(() -> assertThat(this.events).hasSize(200));
		assertThat(this.events).filteredOn((event) -> event.equals("done " + B)).hasSize(50);
	}

	@Test
	void thereIsNoRaceToTheTargetOfAProxy() throws Exception {
		this.loopback.refusing(A);
		this.race = this.race.withFallbackDelay(Duration.ZERO);
		String alive = answering(B);
		HttpClient proxied = plain(this.pool, A, C)
			.proxy((proxy) -> proxy.type(ProxyProvider.Proxy.HTTP).host(alive).port(this.loopback.port()));
		assertThat(failure(start(client(this.race, proxied)))).isNotNull();
		assertThat(this.events).isNotEmpty().containsOnly("start " + B, "done " + B);
	}

	@Test
	void poolsAreSharedAsWithout() {
		HttpClient plain = plain(this.pool, A);
		assertThat(hash(client(this.race, plain))).isEqualTo(hash(client(this.race, plain)));
		assertThat(hash(client(this.race, plain))).isNotEqualTo(hash(client(null, plain)));
		HttpClient once = client(this.race, plain);
		assertThat(hash(client(this.race, once))).isEqualTo(hash(once));
	}

	private static int hash(HttpClient client) {
		return client.configuration().channelHash();
	}

	@Test
	void thereIsNoTimeout() {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> client(this.race.withTimeout(Duration.ofSeconds(1)), HttpClient.create()))
			.withMessageContaining("timeout");
	}

}
