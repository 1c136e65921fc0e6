package io.nettrace.client.httpcomponents;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import com.sun.net.httpserver.HttpServer;
import io.nettrace.Hook;
import io.nettrace.NetTrace;
import io.nettrace.client.LoopbackAddresses;
import io.nettrace.concurrent.LookupThreads;
import io.nettrace.dial.AsyncDialer;
import io.nettrace.dial.DialSettings;
import io.nettrace.dial.DialStrategy;
import io.nettrace.dns.LookupSettings;
import io.nettrace.instrument.NetTracing;
import io.nettrace.test.SocksProxy;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.async.methods.SimpleHttpRequest;
import org.apache.hc.client5.http.async.methods.SimpleHttpResponse;
import org.apache.hc.client5.http.async.methods.SimpleRequestBuilder;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.impl.async.CloseableHttpAsyncClient;
import org.apache.hc.client5.http.impl.async.HttpAsyncClientBuilder;
import org.apache.hc.client5.http.impl.async.HttpAsyncClients;
import org.apache.hc.client5.http.impl.nio.PoolingAsyncClientConnectionManagerBuilder;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.reactor.IOReactorConfig;
import org.apache.hc.core5.reactor.IOSession;
import org.apache.hc.core5.util.Timeout;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Races under the asynchronous client, with real sockets; what goes wrong is what goes
 * wrong without a race.
 */
class AsyncRaceTests {

	private static final String A = "127.0.1.1";

	private static final String B = "127.0.1.2";

	private static final String C = "127.0.1.3";

	private final LoopbackAddresses loopback = new LoopbackAddresses();

	private final List<Closeable> open = new ArrayList<>();

	private final List<String> events = Collections.synchronizedList(new ArrayList<>());

	private Timeout connectTimeout = Timeout.ofSeconds(20);

	private IOReactorConfig reactor = IOReactorConfig.DEFAULT;

	private DialSettings race = DialSettings.defaults()
		.withStrategy(DialStrategy.RFC8305)
		.withFallbackDelay(Duration.ofMillis(30));

	@AfterEach
	void close() throws IOException {
		for (Closeable each : this.open) {
			each.close();
		}
		this.loopback.close();
	}

	private NetTraceHttpComponentsAsync netTrace(@Nullable DialSettings race) {
		return new NetTraceHttpComponentsAsync(
				new NetTracing(() -> List.of((request) -> new Attempts()), List::of, EnumSet.of(Hook.CONNECT)),
				LookupSettings.defaults(), LookupThreads.create(), race);
	}

	private final class Attempts implements NetTrace {

		@Override
		public void connectStart(String network, SocketAddress address) {
			AsyncRaceTests.this.events.add("start " + literal(address));
		}

		@Override
		public void connectDone(String network, SocketAddress address, @Nullable Throwable error) {
			AsyncRaceTests.this.events.add("done " + literal(address) + ((error == null) ? ""
					: " " + error.getClass().getSimpleName().replaceAll("^.*Connect.*$", "refused")));
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

	private static DnsResolver resolver(String... literals) {
		return new DnsResolver() {

			@Override
			public InetAddress[] resolve(String host) throws UnknownHostException {
				InetAddress[] addresses = new InetAddress[literals.length];
				for (int i = 0; i < literals.length; i++) {
					addresses[i] = InetAddress.getByAddress(host, InetAddress.getByName(literals[i]).getAddress());
				}
				return addresses;
			}

			@Override
			public String resolveCanonicalHostname(String host) {
				return host;
			}

		};
	}

	/**
	 * A client that is built as Boot's are, with one connection: the next request waits
	 * until it has that back.
	 */
	private CloseableHttpAsyncClient client(@Nullable DialSettings race, DnsResolver resolver) {
		NetTraceHttpComponentsAsync netTrace = netTrace(race);
		PoolingAsyncClientConnectionManagerBuilder manager = PoolingAsyncClientConnectionManagerBuilder.create()
			.setMaxConnPerRoute(1)
			.setDefaultConnectionConfig(ConnectionConfig.custom().setConnectTimeout(this.connectTimeout).build())
			.setDnsResolver(resolver);
		netTrace.prepare(manager);
		return started(netTrace, manager);
	}

	private CloseableHttpAsyncClient started(NetTraceHttpComponentsAsync netTrace,
			PoolingAsyncClientConnectionManagerBuilder manager) {
		HttpAsyncClientBuilder builder = HttpAsyncClients.custom()
			.disableAutomaticRetries()
			.setIOReactorConfig(this.reactor)
			.setConnectionManager(manager.build());
		CloseableHttpAsyncClient client = netTrace.instrument(builder).build();
		client.start();
		this.open.add(() -> client.close(CloseMode.IMMEDIATE));
		return client;
	}

	private Future<SimpleHttpResponse> start(CloseableHttpAsyncClient client) {
		SimpleHttpRequest request = SimpleRequestBuilder.get("http://race.test:" + this.loopback.port() + "/").build();
		return client.execute(request, null);
	}

	private static String body(Future<SimpleHttpResponse> response) throws Exception {
		return response.get(20, TimeUnit.SECONDS).getBodyText();
	}

	private static Throwable failure(Future<SimpleHttpResponse> response)
			throws InterruptedException, TimeoutException {
		try {
			throw new AssertionError(response.get(20, TimeUnit.SECONDS));
		}
		catch (ExecutionException ex) {
			return Objects.requireNonNull(ex.getCause());
		}
	}

	private void assertEvents(String... expected) {
		Awaitility.await()
			.pollInterval(Duration.ofMillis(5))
			.atMost(Duration.ofSeconds(20))
			.untilAsserted(() -> assertThat(this.events).containsExactly(expected));
	}

	@Test
	void theNextAddressIsTriedBesideOneThatDoesNotAnswer() throws Exception {
		this.loopback.silent(A);
		CloseableHttpAsyncClient client = client(this.race, resolver(A, answering(B)));
		assertThat(body(start(client))).isEqualTo(B);
		assertThat(body(start(client))).as("on the kept connection").isEqualTo(B);
		assertEvents("start " + A, "start " + B, "done " + B, "done " + A + " CancellationException");
	}

	@Test
	void withTheFirstAddressAliveNoOtherIsTried() throws Exception {
		this.race = this.race.withFallbackDelay(Duration.ofSeconds(20));
		this.loopback.refusing(B);
		CloseableHttpAsyncClient client = client(this.race, resolver(answering(A), B));
		assertThat(body(start(client))).isEqualTo(A);
		assertEvents("start " + A, "done " + A);
	}

	@Test
	void aRefusedAddressDoesNotWaitForTheDelay() throws Exception {
		this.race = this.race.withFallbackDelay(Duration.ofDays(1));
		this.loopback.refusing(A);
		this.loopback.refusing(B);
		CloseableHttpAsyncClient client = client(this.race, resolver(A, B, answering(C)));
		assertThat(body(start(client))).isEqualTo(C);
		assertEvents("start " + A, "done " + A + " refused", "start " + B, "done " + B + " refused", "start " + C,
				"done " + C);
	}

	/**
	 * A request that is cancelled while the library connects is not: it keeps the
	 * connection (HttpClient 5.6). But who connects may cancel.
	 */
	@Test
	void aCancelledConnectEndsEveryAttempt() throws Exception {
		List<CompletableFuture<IOSession>> attempts = new CopyOnWriteArrayList<>();
		RacingInitiator initiator = new RacingInitiator((endpoint, remote, local, timeout, attachment, callback) -> {
			CompletableFuture<IOSession> attempt = new CompletableFuture<>();
			attempts.add(attempt);
			return attempt;
		}, new AsyncDialer(this.race.withFallbackDelay(Duration.ZERO), Runnable::run));
		List<InetSocketAddress> addresses = List.of(new InetSocketAddress(A, 80), new InetSocketAddress(B, 80));
		initiator.resolved(addresses);
		Future<IOSession> connect = initiator.connect(new HttpHost("race.test"), addresses.get(0), null, null, null,
				null);
		connect.cancel(true);
		assertThat(attempts).hasSize(2).allMatch(Future::isCancelled);
	}

	@Test
	void whenAllAreRefusedTheExceptionIsTheLibrarys() throws Exception {
		this.loopback.refusing(A);
		this.loopback.refusing(B);
		Throwable plain = failure(start(client(null, resolver(A, B))));
		assertEvents("start " + A, "done " + A + " refused", "start " + B, "done " + B + " refused");
		Throwable raced = failure(start(client(this.race, resolver(A, B))));
		assertThat(raced).hasSameClassAs(plain).hasMessage(plain.getMessage());
	}

	@Test
	void whenNoneAnswersTheExceptionIsTheLibrarys() throws Exception {
		this.connectTimeout = Timeout.ofMilliseconds(200);
		this.loopback.silent(A);
		this.loopback.silent(B);
		Throwable plain = failure(start(client(null, resolver(A, B))));
		Throwable raced = failure(start(client(this.race, resolver(A, B))));
		assertThat(raced).hasSameClassAs(plain).hasMessage(plain.getMessage());
	}

	@Test
	void aClientThatIsClosedEndsItsRaces() throws Exception {
		this.loopback.silent(A);
		this.loopback.silent(B);
		CloseableHttpAsyncClient client = client(this.race, resolver(A, B));
		Future<SimpleHttpResponse> response = start(client);
		assertEvents("start " + A, "start " + B);
		client.close(CloseMode.IMMEDIATE);
		Awaitility.await().untilAsserted(() -> assertThat(this.events).hasSize(4));
		assertThat(this.events).contains("done " + A + " CancellationException",
				"done " + B + " CancellationException");
		response.cancel(true);
	}

	@Test
	void whatAResolverAroundTheTracedOneLeavesOutIsNotConnectedTo() throws Exception {
		this.loopback.silent(A);
		this.race = this.race.withFallbackDelay(Duration.ZERO);
		NetTraceHttpComponentsAsync netTrace = netTrace(this.race);
		DnsResolver traced = netTrace.dnsResolver(resolver(answering(B), A));
		DnsResolver filter = new DnsResolver() {

			@Override
			public InetAddress[] resolve(String host) throws UnknownHostException {
				return new InetAddress[] { traced.resolve(host)[0] };
			}

			@Override
			public List<InetSocketAddress> resolve(String host, int port) throws UnknownHostException {
				return traced.resolve(host, port).subList(0, 1);
			}

			@Override
			public String resolveCanonicalHostname(String host) {
				return host;
			}

		};
		CloseableHttpAsyncClient client = started(netTrace,
				PoolingAsyncClientConnectionManagerBuilder.create().setDnsResolver(filter));
		assertThat(body(start(client))).isEqualTo(B);
		assertEvents("start " + B, "done " + B);
	}

	@Test
	void throughASocksProxyThereIsNoRace() throws Exception {
		this.loopback.refusing(A);
		String alive = answering(B);
		try (SocksProxy proxy = SocksProxy.start()) {
			this.reactor = IOReactorConfig.custom().setSocksProxyAddress(proxy.address()).build();
			this.race = this.race.withFallbackDelay(Duration.ZERO);
			CloseableHttpAsyncClient client = client(this.race, resolver(alive, A));
			assertThat(body(start(client))).isEqualTo(B);
			assertThat(this.events).containsExactly("start " + B, "done " + B);
		}
	}

}
