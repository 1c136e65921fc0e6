package io.nettrace.client.jetty;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLHandshakeException;

import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
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
import org.awaitility.Awaitility;
import org.eclipse.jetty.client.CompletableResponseListener;
import org.eclipse.jetty.client.ContentResponse;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.client.HttpClientTransport;
import org.eclipse.jetty.client.HttpProxy;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.client.transport.HttpClientConnectionFactory;
import org.eclipse.jetty.client.transport.HttpClientTransportDynamic;
import org.eclipse.jetty.client.transport.HttpClientTransportOverHTTP;
import org.eclipse.jetty.http2.client.HTTP2Client;
import org.eclipse.jetty.http2.client.transport.ClientConnectionFactoryOverHTTP2;
import org.eclipse.jetty.http2.client.transport.HttpClientTransportOverHTTP2;
import org.eclipse.jetty.io.ClientConnector;
import org.eclipse.jetty.io.Transport;
import org.eclipse.jetty.util.Promise;
import org.eclipse.jetty.util.SocketAddressResolver;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import reactor.core.publisher.Flux;
import reactor.netty.DisposableServer;
import reactor.netty.http.Http2SslContextSpec;
import reactor.netty.http.HttpProtocol;
import reactor.netty.tcp.SslProvider.GenericSslContextSpec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assumptions.assumeThat;

/**
 * Races under Jetty, with real sockets; what goes wrong is what goes wrong without a
 * race.
 */
class JettyRaceTests {

	private static final String A = "127.0.1.1";

	private static final String B = "127.0.1.2";

	private static final String C = "127.0.1.3";

	private static final Duration AT_MOST = Duration.ofSeconds(20);

	private final LoopbackAddresses loopback = new LoopbackAddresses();

	private final List<Closeable> open = new ArrayList<>();

	private final List<String> events = Collections.synchronizedList(new ArrayList<>());

	private final ClientConnector connector = new ClientConnector();

	private DialSettings race = DialSettings.defaults()
		.withStrategy(DialStrategy.RFC8305)
		.withFallbackDelay(Duration.ofMillis(30));

	JettyRaceTests() {
		this.connector.setConnectTimeout(AT_MOST);
	}

	@AfterEach
	void close() throws IOException {
		for (Closeable each : this.open) {
			each.close();
		}
		this.loopback.close();
	}

	private final class Attempts implements NetTrace {

		@Override
		public void connectStart(String network, SocketAddress address) {
			JettyRaceTests.this.events.add("start " + literal(address));
		}

		@Override
		public void connectDone(String network, SocketAddress address, @Nullable Throwable error) {
			JettyRaceTests.this.events.add("done " + literal(address) + ((error == null) ? ""
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
		return answering(HttpServer.create(new InetSocketAddress(literal, this.loopback.port()), 0), literal);
	}

	private String securely(String literal, TestAuthority authority) throws IOException {
		HttpsServer server = HttpsServer.create(new InetSocketAddress(literal, this.loopback.port()), 0);
		server.setHttpsConfigurator(new HttpsConfigurator(authority.server("race.test").context()));
		return answering(server, literal);
	}

	private String answering(HttpServer server, String literal) {
		server.createContext("/", (exchange) -> {
			byte[] body = literal.getBytes(StandardCharsets.US_ASCII);
			exchange.getResponseHeaders().set("Client", exchange.getRemoteAddress().getAddress().getHostAddress());
			exchange.sendResponseHeaders(200, body.length);
			exchange.getResponseBody().write(body);
			exchange.close();
		});
		server.start();
		this.open.add(() -> server.stop(0));
		return literal;
	}

	private static SocketAddressResolver resolver(String... literals) {
		return (host, port, context, promise) -> promise.succeeded(
				Stream.of(literals).map((literal) -> new InetSocketAddress(address(host, literal), port)).toList());
	}

	private static InetAddress address(String host, String literal) {
		try {
			return InetAddress.getByAddress(host, InetAddress.getByName(literal).getAddress());
		}
		catch (IOException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private HttpClient client(@Nullable DialSettings race, String... literals) throws Exception {
		return client(race, new HttpClient(new HttpClientTransportOverHTTP(this.connector)), literals);
	}

	private HttpClient client(@Nullable DialSettings race, HttpClient plain, String... literals) throws Exception {
		plain.setSocketAddressResolver(resolver(literals));
		return started(race, plain, new Attempts());
	}

	private HttpClient started(@Nullable DialSettings race, HttpClient plain, NetTrace trace) throws Exception {
		return started(plain,
				new NetTraceJetty(new NetTracing(() -> List.of((request) -> trace), List::of, EnumSet.of(Hook.CONNECT)),
						LookupSettings.defaults(), LookupThreads.create(), race));
	}

	private HttpClient started(HttpClient plain, NetTraceJetty netTrace) throws Exception {
		plain.setMaxConnectionsPerDestination(
				(plain.getMaxConnectionsPerDestination() != 64) ? plain.getMaxConnectionsPerDestination() : 1);
		netTrace.instrument(plain).start();
		this.open.add(0, () -> stop(plain));
		return plain;
	}

	private static void stop(HttpClient client) {
		try {
			client.stop();
		}
		catch (Exception ex) {
			throw new IllegalStateException(ex);
		}
	}

	private Request request(HttpClient client, String scheme) {
		return client.newRequest(scheme + "://race.test:" + this.loopback.port() + "/");
	}

	private Future<ContentResponse> start(HttpClient client) {
		return start(request(client, "http"));
	}

	private static CompletableFuture<ContentResponse> start(Request request) {
		return new CompletableResponseListener(request).send();
	}

	private static String body(Future<ContentResponse> response) throws Exception {
		return response.get(AT_MOST.toSeconds(), TimeUnit.SECONDS).getContentAsString();
	}

	private static Throwable failure(Future<ContentResponse> response) throws InterruptedException, TimeoutException {
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

	@Test
	void theNextAddressIsTriedBesideOneThatDoesNotAnswer() throws Exception {
		this.loopback.silent(A);
		HttpClient client = client(this.race, A, answering(B));
		assertThat(body(start(client))).isEqualTo(B);
		assertThat(body(start(client))).as("on the kept connection").isEqualTo(B);
		assertEvents("start " + A, "start " + B, "done " + B, "done " + A + " CancellationException");
	}

	@Test
	void withTheFirstAddressAliveNoOtherIsTried() throws Exception {
		this.race = this.race.withFallbackDelay(AT_MOST);
		this.loopback.refusing(B);
		Channels channels = new Channels();
		this.connector.addEventListener(channels);
		HttpClient client = client(this.race, answering(A), B);
		assertThat(body(start(client))).isEqualTo(A);
		assertEvents("start " + A, "done " + A);
		assertThat(channels.begun).as("as many as without a race").hasSize(1);
	}

	@Test
	void aRefusedAddressDoesNotWaitForTheDelay() throws Exception {
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
	 * What the client speaks.
	 */
	enum Protocol {

		HTTP {

			@Override
			HttpClientTransport transport(ClientConnector connector) {
				return new HttpClientTransportOverHTTP(connector);
			}

			@Override
			HttpProtocol server() {
				return HttpProtocol.HTTP11;
			}

		},

		NEGOTIATED {

			@Override
			HttpClientTransport transport(ClientConnector connector) {
				return new HttpClientTransportDynamic(connector, HttpClientConnectionFactory.HTTP11,
						new ClientConnectionFactoryOverHTTP2.HTTP2(new HTTP2Client(connector)));
			}

			@Override
			HttpProtocol server() {
				return HttpProtocol.H2;
			}

			@Override
			String scheme() {
				return "https";
			}

		},

		HTTP_2 {

			@Override
			HttpClientTransport transport(ClientConnector connector) {
				return new HttpClientTransportOverHTTP2(new HTTP2Client(connector));
			}

			@Override
			HttpProtocol server() {
				return HttpProtocol.H2C;
			}

		};

		abstract HttpClientTransport transport(ClientConnector connector);

		abstract HttpProtocol server();

		String scheme() {
			return "http";
		}

	}

	/**
	 * The first address answers at last, when the second has been tried.
	 */
	@ParameterizedTest
	@EnumSource
	void anAttemptThatWinsLateIsUsed(Protocol protocol) throws Exception {
		TestAuthority authority = TestAuthority.create("Test CA");
		trust(authority);
		DisposableServer server = serve(authority, protocol);
		SlowAddress slow = SlowAddress.open(this.loopback, A, server.port());
		this.open.add(slow);
		this.loopback.silent(B);
		HttpClient client = client(this.race, new HttpClient(protocol.transport(this.connector)), A, B);
		Future<ContentResponse> response = start(request(client, protocol.scheme()));
		Awaitility.await().atMost(AT_MOST).untilAsserted(() -> assertThat(this.events).contains("start " + B));
		slow.answer();
		assertThat(body(response)).isEqualTo("late");
		assertThat(body(start(request(client, protocol.scheme())))).as("on the kept connection").isEqualTo("late");
		assertEvents("start " + A, "start " + B, "done " + A, "done " + B + " CancellationException");
		assertThat(slow.accepted()).isEqualTo(1);
	}

	private void trust(TestAuthority authority) throws Exception {
		SslContextFactory.Client tls = new SslContextFactory.Client();
		tls.setTrustStore(authority.trusted());
		this.connector.setSslContextFactory(tls);
	}

	private DisposableServer serve(TestAuthority authority, Protocol protocol) throws Exception {
		reactor.netty.http.server.HttpServer server = reactor.netty.http.server.HttpServer.create()
			.host("127.0.0.1")
			.port(0)
			.protocol(protocol.server())
			.handle((request, response) -> response.sendString(Flux.just("late")));
		if (protocol == Protocol.NEGOTIATED) {
			GenericSslContextSpec<?> secured = Http2SslContextSpec.forServer(keys(authority));
			server = server.secure((ssl) -> ssl.sslContext(secured));
		}
		DisposableServer bound = server.bindNow();
		this.open.add(bound::disposeNow);
		return bound;
	}

	private static KeyManagerFactory keys(TestAuthority authority) throws Exception {
		KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
		keys.init(authority.server("race.test").keys(), TestAuthority.PASSWORD.toCharArray());
		return keys;
	}

	/**
	 * Jetty tries the next address then, if it shakes hands before it has a request.
	 */
	@Test
	void whenTheHandshakeWithTheWinnerFailsThoseThatAreLeftRace() throws Exception {
		TestAuthority authority = TestAuthority.create("Test CA");
		trust(authority);
		this.loopback.silent(A);
		HttpClient client = client(this.race, new HttpClient(Protocol.NEGOTIATED.transport(this.connector)), A,
				securely(B, TestAuthority.create("Other CA")), securely(C, authority));
		assertThat(body(start(request(client, "https")))).isEqualTo(C);
		assertEvents("start " + A, "start " + B, "done " + B, "done " + A + " CancellationException", "start " + A,
				"start " + C, "done " + C, "done " + A + " CancellationException");
	}

	@Test
	void whenEveryHandshakeFailsTheExceptionIsTheLastOnes() throws Exception {
		TestAuthority authority = TestAuthority.create("Test CA");
		trust(authority);
		this.loopback.refusing(A);
		HttpClient client = client(this.race, new HttpClient(Protocol.NEGOTIATED.transport(this.connector)), A,
				securely(B, TestAuthority.create("Other CA")));
		assertThat(failure(start(request(client, "https")))).isInstanceOf(SSLHandshakeException.class);
		assertEvents("start " + A, "done " + A + " refused", "start " + B, "done " + B);
	}

	@ParameterizedTest
	@EnumSource
	void whenAllAreRefusedTheExceptionIsTheLibrarys(Protocol protocol) throws Exception {
		this.loopback.refusing(A);
		this.loopback.refusing(B);
		Throwable plain = failure(start(client(null, new HttpClient(protocol.transport(new ClientConnector())), A, B)));
		assertEvents("start " + A, "done " + A + " refused", "start " + B, "done " + B + " refused");
		Throwable raced = failure(start(client(this.race, new HttpClient(protocol.transport(this.connector)), A, B)));
		assertThat(raced).hasSameClassAs(plain).hasMessage(plain.getMessage());
	}

	@Test
	void whenNoneAnswersTheExceptionIsTheLibrarys() throws Exception {
		this.loopback.silent(A);
		this.loopback.silent(B);
		ClientConnector other = new ClientConnector();
		other.setConnectTimeout(Duration.ofMillis(200));
		Throwable plain = failure(start(client(null, new HttpClient(new HttpClientTransportOverHTTP(other)), A, B)));
		this.connector.setConnectTimeout(Duration.ofMillis(200));
		Throwable raced = failure(start(client(this.race, A, B)));
		assertThat(raced).hasSameClassAs(plain).hasMessage(plain.getMessage());
		assertThat(this.events).hasSize(8).filteredOn((event) -> event.endsWith("SocketTimeoutException")).hasSize(4);
	}

	@Test
	void aClientThatIsStoppedEndsItsRaces() throws Exception {
		this.loopback.silent(A);
		this.loopback.silent(B);
		HttpClient client = client(this.race, A, B);
		Channels channels = new Channels();
		this.connector.addEventListener(channels);
		Future<ContentResponse> response = start(client);
		assertEvents("start " + A, "start " + B);
		client.stop();
		assertThat(failure(response)).isNotNull();
		Awaitility.await().atMost(AT_MOST).untilAsserted(() -> assertThat(this.events).hasSize(4));
		assertThat(this.events).contains("done " + A + " CancellationException",
				"done " + B + " CancellationException");
		assertThat(channels.begun).hasSize(2).noneMatch(SocketChannel::isOpen);
	}

	@Test
	void aClientThatStartsAgainRacesAgain() throws Exception {
		this.loopback.silent(A);
		HttpClient client = client(this.race, A, answering(B));
		assertThat(body(start(client))).isEqualTo(B);
		client.stop();
		client.start();
		assertThat(body(start(client))).isEqualTo(B);
		Awaitility.await().atMost(AT_MOST).untilAsserted(() -> assertThat(this.events).hasSize(8));
		assertThat(this.events).filteredOn(("done " + B)::equals).hasSize(2);
	}

	/**
	 * Also if the selector of an attempt is not the one that has found the winner.
	 */
	@Test
	void theSocketsOfLosersAreClosedAtOnce() throws Exception {
		Path sockets = Path.of("/proc/net/tcp6"); // the JVM's are of both families
		assumeThat(sockets).exists();
		String connecting = String.format(Locale.ROOT, "0101007F:%04X 02 ", this.loopback.silent(A).getPort());
		this.connector.setSelectors(4);
		AtomicBoolean seen = new AtomicBoolean();
		this.connector.addEventListener(new ClientConnector.ConnectListener() {

			@Override
			public void onConnectSuccess(SocketChannel channel) {
				seen.set(read(sockets).contains(connecting));
			}

		});
		HttpClient client = client(this.race, A, answering(B));
		assertThat(body(start(client))).isEqualTo(B);
		assertThat(seen).as("the loser was connecting").isTrue();
		Awaitility.await().atMost(AT_MOST).untilAsserted(() -> assertThat(read(sockets)).doesNotContain(connecting));
	}

	private static String read(Path file) {
		try {
			return Files.readString(file);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * It is not known what such a client leaves out.
	 */
	@Test
	void aClientThatPutsAResolverAroundTheTracedOneHasNoRace() throws Exception {
		oneAfterTheOther();
		answering(B);
		HttpClient filtering = new FilteringClient(new HttpClientTransportOverHTTP(this.connector), B);
		assertThat(body(start(client(this.race, filtering, A, B, answering(C))))).isEqualTo(C);
		assertEvents("start " + A, "done " + A + " SocketTimeoutException", "start " + C, "done " + C);
	}

	/**
	 * Have the first address end in time, so that the next one is tried then, and not
	 * beside it.
	 */
	private void oneAfterTheOther() throws IOException {
		this.loopback.silent(A);
		this.connector.setConnectTimeout(Duration.ofMillis(200));
		this.race = this.race.withFallbackDelay(Duration.ZERO);
	}

	@Test
	void hooksThatThrowChangeNothing() throws Exception {
		this.loopback.silent(A);
		HttpClient plain = new HttpClient(new HttpClientTransportOverHTTP(this.connector));
		plain.setSocketAddressResolver(resolver(A, answering(B)));
		HttpClient client = started(this.race, plain, new NetTrace() {

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

	@Test
	void withoutHooksAddressesRaceToo() throws Exception {
		this.loopback.silent(A);
		HttpClient plain = new HttpClient(new HttpClientTransportOverHTTP(this.connector));
		plain.setSocketAddressResolver(resolver(A, answering(B)));
		HttpClient client = started(plain,
				new NetTraceJetty(new NetTracing(), LookupSettings.defaults(), LookupThreads.create(), this.race));
		assertThat(body(start(client))).isEqualTo(B);
	}

	@Test
	void fiftyRacesAtOnce() throws Exception {
		this.loopback.silent(A);
		HttpClient plain = new HttpClient(new HttpClientTransportOverHTTP(this.connector));
		plain.setMaxConnectionsPerDestination(50);
		HttpClient client = client(this.race, plain, A, answering(B));
		List<Future<ContentResponse>> responses = new ArrayList<>();
		for (int i = 0; i < 50; i++) {
			responses.add(start(client));
		}
		for (Future<ContentResponse> response : responses) {
			assertThat(body(response)).isEqualTo(B);
		}
		Awaitility.await().atMost(AT_MOST).untilAsserted(() -> {
			List<String> all = List.copyOf(this.events);
			assertThat(all.stream().filter((event) -> event.startsWith("start")).count())
				.isEqualTo(all.stream().filter((event) -> event.startsWith("done")).count());
		});
		assertThat(this.events).contains("done " + B, "done " + A + " CancellationException");
	}

	@Test
	void toAProxyThereIsNoRace() throws Exception {
		oneAfterTheOther();
		HttpClient plain = new HttpClient(new HttpClientTransportOverHTTP(this.connector));
		String alive = answering(B);
		plain.getProxyConfiguration().addProxy(new HttpProxy("proxy.test", this.loopback.port()));
		assertThat(body(start(client(this.race, plain, A, alive)))).isEqualTo(B);
		assertEvents("start " + A, "done " + A + " SocketTimeoutException", "start " + B, "done " + B);
	}

	@Test
	void aTransportOfTheApplicationsOwnStays() throws Exception {
		oneAfterTheOther();
		AtomicInteger connects = new AtomicInteger();
		HttpClient client = client(this.race, A, answering(B));
		Request request = request(client, "http").transport(new Transport.Wrapper(Transport.TCP_IP) {

			@Override
			public void connect(SocketAddress address, Map<String, Object> context) {
				connects.incrementAndGet();
				super.connect(address, context);
			}

		});
		assertThat(body(start(request))).isEqualTo(B);
		assertEvents("start " + A, "done " + A + " SocketTimeoutException", "start " + B, "done " + B);
		assertThat(connects).hasValue(2);
	}

	@Test
	void connectsThatBlockDoNotRace() throws Exception {
		oneAfterTheOther();
		this.connector.setConnectBlocking(true);
		assertThat(body(start(client(this.race, A, answering(B))))).isEqualTo(B);
		assertEvents("start " + A, "done " + A + " SocketTimeoutException", "start " + B, "done " + B);
	}

	@Test
	void theSettingsOfTheConnectorHoldForEachAttempt() throws Exception {
		this.loopback.silent(A);
		this.connector.setBindAddress(new InetSocketAddress("127.0.1.99", 0));
		this.connector.setTCPNoDelay(false);
		Channels channels = new Channels();
		this.connector.addEventListener(channels);
		ContentResponse response = start(client(this.race, A, answering(B))).get(AT_MOST.toSeconds(), TimeUnit.SECONDS);
		assertThat(response.getHeaders().get("Client")).isEqualTo("127.0.1.99");
		assertThat(channels.noDelay).containsExactly(false, false);
		assertThat(channels.local).containsExactly("127.0.1.99", "127.0.1.99");
	}

	@Test
	void thereIsNoTimeout() {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> new NetTraceJetty(new NetTracing(), LookupSettings.defaults(), LookupThreads.create(),
					this.race.withTimeout(Duration.ofSeconds(1))))
			.withMessageContaining("timeout");
	}

	/**
	 * A client that never connects to an address.
	 */
	@SuppressWarnings("try") // the interface that HttpClient has
	private static final class FilteringClient extends HttpClient {

		private final String denied;

		FilteringClient(HttpClientTransport transport, String denied) {
			super(transport);
			this.denied = denied;
		}

		@Override
		public void setSocketAddressResolver(SocketAddressResolver resolver) {
			super.setSocketAddressResolver((host, port, context, promise) -> resolver.resolve(host, port, context,
					Promise.from((addresses) -> promise.succeeded(allowed(addresses)), promise::failed)));
		}

		private List<InetSocketAddress> allowed(List<InetSocketAddress> addresses) {
			return addresses.stream().filter((address) -> !literal(address).equals(this.denied)).toList();
		}

	}

	/**
	 * The channels of a connector, as they begin to connect.
	 */
	private static final class Channels implements ClientConnector.ConnectListener {

		private final List<SocketChannel> begun = Collections.synchronizedList(new ArrayList<>());

		private final List<Boolean> noDelay = Collections.synchronizedList(new ArrayList<>());

		private final List<String> local = Collections.synchronizedList(new ArrayList<>());

		@Override
		public void onConnectBegin(SocketChannel channel, SocketAddress address) {
			this.begun.add(channel);
			try {
				this.noDelay.add(channel.getOption(StandardSocketOptions.TCP_NODELAY));
				SocketAddress bound = channel.getLocalAddress();
				this.local.add((bound != null) ? literal(bound) : "");
			}
			catch (IOException ex) {
				throw new IllegalStateException(ex);
			}
		}

	}

}
