package io.nettrace.autoconfigure;

import java.io.IOException;
import java.lang.ref.WeakReference;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.AbstractQueue;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Stream;

import io.nettrace.NetTrace;
import io.nettrace.NetTraceContext;
import io.nettrace.client.jetty.NetTraceJetty;
import io.nettrace.concurrent.LookupThreads;
import io.nettrace.dns.LookupSettings;
import io.nettrace.instrument.NetTracing;
import io.nettrace.test.TestAuthority;
import io.nettrace.test.BlackHole;
import io.nettrace.test.SocksProxy;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.awaitility.Awaitility;
import org.eclipse.jetty.client.Destination;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.client.Origin;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.client.Result;
import org.eclipse.jetty.client.Socks5Proxy;
import org.eclipse.jetty.client.transport.HttpClientTransportOverHTTP;
import org.eclipse.jetty.client.transport.HttpDestination;
import org.eclipse.jetty.client.transport.HttpExchange;
import org.eclipse.jetty.io.ClientConnector;
import org.eclipse.jetty.io.Transport;
import org.eclipse.jetty.util.Promise;
import org.eclipse.jetty.util.SocketAddressResolver;
import org.eclipse.jetty.util.component.AbstractLifeCycle;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

/**
 * Jetty clients that an application builds by hand, beside the same clients without
 * nettrace.
 */
@Tag("one-jdk")
class JettyByHandTests {

	private static final Duration AT_MOST = Duration.ofSeconds(20);

	private final LoopbackServer server = LoopbackServer.start("127.0.0.9");

	private final RecordingNetTrace hooks = new RecordingNetTrace();

	private final NetTracing tracing = new NetTracing((library) -> this.hooks);

	private final HttpClient plain = client();

	private final HttpClient client = client();

	private HttpClient client() {
		HttpClient client = new HttpClient();
		client.setSocketAddressResolver(answering("127.0.0.9"));
		return client;
	}

	private static SocketAddressResolver answering(String... literals) {
		return (host, port, context, promise) -> promise
			.succeeded(Stream.of(literals).map((literal) -> address(host, literal, port)).toList());
	}

	private static InetSocketAddress address(String host, String literal, int port) {
		try {
			return new InetSocketAddress(InetAddress.getByAddress(host, InetAddress.getByName(literal).getAddress()),
					port);
		}
		catch (UnknownHostException ex) {
			throw new AssertionError(ex);
		}
	}

	private HttpClient instrument(HttpClient client) {
		return instrument(client, this.tracing, LookupSettings.defaults());
	}

	private static HttpClient instrument(HttpClient client, NetTracing tracing, LookupSettings settings) {
		return new NetTraceJetty(tracing, settings, LookupThreads.create()).instrument(client);
	}

	@AfterEach
	void stop() throws Exception {
		this.plain.stop();
		this.client.stop();
		this.server.close();
	}

	/**
	 * Do the same with both clients.
	 */
	private void both(Consumer<HttpClient> action) {
		action.accept(this.plain);
		action.accept(instrument(this.client));
	}

	private Request request(HttpClient client, String host) {
		return client.newRequest(this.server.url(host));
	}

	private void get(HttpClient client, String host) throws Exception {
		assertThat(request(client, host).send().getStatus()).isEqualTo(204);
	}

	/**
	 * As if there were no descriptor left.
	 */
	private static final class NoSockets extends Transport.Wrapper {

		NoSockets() {
			super(Transport.TCP_IP);
		}

		@Override
		public SelectableChannel newSelectableChannel() throws IOException {
			throw new SocketException("Too many open files");
		}

	}

	@Test
	void showsAnAttemptWhoseSocketCannotBeMade() throws Exception {
		List<String> failures = new ArrayList<>();
		both((each) -> {
			start(each);
			Request request = request(each, "good.test").transport(new NoSockets());
			failures.add(String.valueOf(catchThrowable(request::send)));
		});
		assertThat(failures.get(1)).isEqualTo(failures.get(0)).contains("Could not connect to");
		assertThat(this.hooks.calls()).containsExactly("dnsStart good.test", "dnsDone [127.0.0.9] ok",
				"connectStart tcp 127.0.0.9", "connectDone tcp 127.0.0.9 SocketException");
	}

	@Test
	void showsAnAttemptWhoseSocketCannotBeBound() {
		both((each) -> {
			each.setBindAddress(new InetSocketAddress("203.0.113.9", 0));
			start(each);
			assertThatThrownBy(() -> get(each, "good.test")).hasRootCauseInstanceOf(BindException.class);
		});
		assertThat(this.hooks.calls()).containsExactly("dnsStart good.test", "dnsDone [127.0.0.9] ok",
				"connectStart tcp 127.0.0.9", "connectDone tcp 127.0.0.9 BindException");
	}

	static Stream<LookupSettings> timeouts() {
		return Stream.of(LookupSettings.defaults(), LookupSettings.defaults().withTimeout(Duration.ofHours(1)));
	}

	@ParameterizedTest
	@MethodSource("timeouts")
	void endsTheLookupsOfAClientThatStops(LookupSettings settings) throws Exception {
		instrument(this.client, this.tracing, settings);
		List<Throwable> failures = new ArrayList<>();
		for (HttpClient each : List.of(this.plain, this.client)) {
			CountDownLatch asked = new CountDownLatch(1);
			each.setSocketAddressResolver((host, port, context, promise) -> asked.countDown());
			each.start();
			CompletableFuture<Throwable> failure = send(each, this.server.url("silent.test"));
			assertThat(asked.await(20, TimeUnit.SECONDS)).isTrue();
			each.stop();
			failures.add(failure.get(20, TimeUnit.SECONDS));
		}
		assertThat(this.hooks.calls()).containsExactly("dnsStart silent.test", "dnsDone [] UnknownHostException");
		assertThat(failures.get(1)).hasSameClassAs(failures.get(0))
			.hasMessage(failures.get(0).getMessage())
			.hasNoCause();
	}

	@Test
	void endsTheAttemptsOfAClientThatStops() throws Exception {
		List<Throwable> failures = new ArrayList<>();
		try (BlackHole hole = BlackHole.open()) {
			for (HttpClient each : List.of(this.plain, instrument(this.client))) {
				each.setSocketAddressResolver(answering("127.0.0.1"));
				CountDownLatch connecting = new CountDownLatch(1);
				each.getClientConnector().addEventListener(new ClientConnector.ConnectListener() {

					@Override
					public void onConnectBegin(SocketChannel channel, SocketAddress address) {
						connecting.countDown();
					}

				});
				each.start();
				CompletableFuture<Throwable> failure = send(each, "http://hole.test:" + hole.address().getPort() + "/");
				assertThat(connecting.await(20, TimeUnit.SECONDS)).isTrue();
				Awaitility.await().atMost(AT_MOST).until(() -> each == this.plain || this.hooks.calls().size() == 3);
				each.stop();
				failures.add(failure.get(20, TimeUnit.SECONDS));
			}
		}
		assertThat(this.hooks.calls()).containsExactly("dnsStart hole.test", "dnsDone [127.0.0.1] ok",
				"connectStart tcp 127.0.0.1", "connectDone tcp 127.0.0.1 CancellationException");
		assertThat(failures.get(1)).hasSameClassAs(failures.get(0));
	}

	private static CompletableFuture<Throwable> send(HttpClient client, String url) {
		CompletableFuture<Throwable> failure = new CompletableFuture<>();
		client.newRequest(url).send((result) -> failure.complete(failure(result)));
		return failure;
	}

	private static Throwable failure(Result result) {
		Throwable failure = result.getFailure();
		return (failure != null) ? failure : new AssertionError("The request has not failed");
	}

	@Test
	void passesOnWhatAResolverThrows() {
		both((each) -> {
			each.setSocketAddressResolver((host, port, context, promise) -> {
				throw new IllegalStateException("no names today");
			});
			start(each);
			assertThatThrownBy(() -> get(each, "good.test")).isExactlyInstanceOf(ExecutionException.class)
				.cause()
				.isExactlyInstanceOf(IllegalStateException.class)
				.hasMessage("no names today");
		});
		assertThat(this.hooks.calls()).containsExactly("dnsStart good.test", "dnsDone [] IllegalStateException");
	}

	@Test
	void passesOnTheFailureOfAResolver() {
		both((each) -> {
			each.setSocketAddressResolver(
					(host, port, context, promise) -> promise.failed(new IOException("name server hung up")));
			start(each);
			assertThatThrownBy(() -> get(each, "good.test")).isExactlyInstanceOf(ExecutionException.class)
				.cause()
				.isExactlyInstanceOf(IOException.class)
				.hasMessage("name server hung up");
		});
		assertThat(this.hooks.calls()).hasSize(2);
	}

	@Test
	void connectsOnTheThreadOnWhichTheResolverAnswers() {
		List<Thread> threads = new ArrayList<>();
		both((each) -> {
			each.getClientConnector().addEventListener(new ClientConnector.ConnectListener() {

				@Override
				public void onConnectBegin(SocketChannel channel, SocketAddress address) {
					threads.add(Thread.currentThread());
				}

			});
			start(each);
			try {
				get(each, "good.test");
			}
			catch (Exception ex) {
				throw new AssertionError(ex);
			}
		});
		assertThat(threads).containsExactly(Thread.currentThread(), Thread.currentThread());
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void leavesAResolverToBeStartedAndStoppedByItsClient(boolean setFirst) throws Exception {
		ResolverWithLifeCycle resolver = new ResolverWithLifeCycle();
		if (setFirst) {
			this.client.setSocketAddressResolver(resolver);
		}
		instrument(this.client);
		this.client.setSocketAddressResolver(resolver);
		this.client.start();
		get(this.client, "good.test");
		assertThat(resolver.events).containsExactly("start");
		this.client.stop();
		this.client.start();
		assertThat(resolver.events).containsExactly("start", "stop", "start");
		assertThat(this.hooks.calls()).hasSize(4);
	}

	private static final class ResolverWithLifeCycle extends AbstractLifeCycle implements SocketAddressResolver {

		private final List<String> events = new ArrayList<>();

		@Override
		public void resolve(String host, int port, Map<String, Object> context,
				Promise<List<InetSocketAddress>> promise) {
			answering("127.0.0.9").resolve(host, port, context, promise);
		}

		@Override
		protected void doStart() {
			this.events.add("start");
		}

		@Override
		protected void doStop() {
			this.events.add("stop");
		}

	}

	@Test
	void tracesAResolverThatIsSetWhileTheClientIsStopped() throws Exception {
		instrument(this.client).start();
		this.client.stop();
		AtomicInteger asked = new AtomicInteger();
		this.client.setSocketAddressResolver((host, port, context, promise) -> {
			asked.incrementAndGet();
			answering("127.0.0.9").resolve(host, port, context, promise);
		});
		this.client.start();
		get(this.client, "good.test");
		assertThat(asked).hasValue(1);
		assertThat(this.hooks.calls()).containsExactly("dnsStart good.test", "dnsDone [127.0.0.9] ok",
				"connectStart tcp 127.0.0.9", "connectDone tcp 127.0.0.9 ok");
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void keepsNothingOfARequestWhoseConnectionIsPooled(boolean tls) throws Exception {
		HttpClient pooling = this.client;
		pooling.setSocketAddressResolver(answering("127.0.0.9", "127.0.0.8"));
		SslContextFactory.Client ssl = new SslContextFactory.Client();
		TestAuthority authority = TestAuthority.create("Authority");
		ssl.setTrustStore(authority.trusted());
		pooling.setSslContextFactory(ssl);
		List<WeakReference<NetTrace>> traces = new ArrayList<>();
		instrument(pooling, new NetTracing((library) -> {
			NetTrace trace = new RecordingNetTrace();
			traces.add(new WeakReference<>(trace));
			return trace;
		}), LookupSettings.defaults()).start();
		try (LoopbackServer tlsServer = LoopbackServer.startTls("127.0.0.9", authority.server("good.test").context())) {
			String url = tls ? "https://good.test:" + tlsServer.port() + "/" : this.server.url("good.test");
			assertThat(pooling.GET(url).getStatus()).isEqualTo(204);
			Awaitility.await().atMost(AT_MOST).until(() -> {
				System.gc();
				return traces.get(0).get() == null;
			});
			assertThat(pooling.getDestinations()).singleElement()
				.asInstanceOf(InstanceOfAssertFactories.type(HttpDestination.class))
				.satisfies((destination) -> assertThat(destination.getConnectionPool().isEmpty()).isFalse());
		}
	}

	/**
	 * The first address takes the connection and says nothing that a proxy would say.
	 */
	@Test
	void showsTheNextAddressAfterAHandshakeThatFails() throws Exception {
		try (SocksProxy proxy = SocksProxy.start();
				ServerSocket other = new ServerSocket(proxy.address().getPort(), 1,
						InetAddress.getByName("127.0.0.8"))) {
			Thread closing = new Thread(() -> {
				try {
					other.accept().close();
				}
				catch (IOException closed) {
					// the test is over
				}
			});
			closing.start();
			this.client.setSocketAddressResolver(answering("127.0.0.8", "127.0.0.1"));
			this.client.getProxyConfiguration().addProxy(new Socks5Proxy("proxy.test", proxy.address().getPort()));
			instrument(this.client).start();
			assertThat(this.client.GET(this.server.url("127.0.0.9")).getStatus()).isEqualTo(204);
			closing.join();
		}
		assertThat(this.hooks.calls()).containsExactly("dnsStart proxy.test", "dnsDone [127.0.0.8, 127.0.0.1] ok",
				"connectStart tcp 127.0.0.8", "connectDone tcp 127.0.0.8 ok", "connectStart tcp 127.0.0.1",
				"connectDone tcp 127.0.0.1 ok");
	}

	/**
	 * The first request waits, queued, while the second opens its connection.
	 */
	@Test
	void connectionBelongsToTheRequestThatItsThreadHasQueued() throws Exception {
		instrument(this.client).start();
		CountDownLatch queued = new CountDownLatch(1);
		CountDownLatch release = new CountDownLatch(1);
		this.client.getRequestListeners().addQueuedListener((request) -> {
			if (request.getPath().equals("/first")) {
				queued.countDown();
				awaitUninterrupted(release);
			}
		});
		RecordingNetTrace first = new RecordingNetTrace();
		RecordingNetTrace second = new RecordingNetTrace();
		Thread sender = new Thread(() -> Calls.withContext(NetTraceContext.current().withTrace(first),
				() -> checked(() -> this.client.GET(this.server.url("good.test") + "first"))));
		sender.start();
		assertThat(queued.await(20, TimeUnit.SECONDS)).isTrue();
		CompletableFuture<Result> result = new CompletableFuture<>();
		Calls.withContext(NetTraceContext.current().withTrace(second),
				() -> request(this.client, "good.test").send(result::complete));
		Awaitility.await().atMost(AT_MOST).until(() -> second.calls().size() >= 4);
		// Jetty may open a connection for each of the two that are queued
		assertThat(first.calls()).isEmpty();
		release.countDown();
		sender.join();
		result.get(20, TimeUnit.SECONDS);
	}

	private static void awaitUninterrupted(CountDownLatch latch) {
		checked(() -> latch.await(20, TimeUnit.SECONDS));
	}

	private interface Action {

		Object run() throws Exception;

	}

	private static void checked(Action action) {
		try {
			action.run();
		}
		catch (Exception ex) {
			throw new AssertionError(ex);
		}
	}

	@Test
	void doesNotSearchTheQueueForEachConnectionOfABurst() throws Exception {
		AtomicInteger searches = new AtomicInteger();
		HttpClient many = new HttpClient(new HttpClientTransportOverHTTP() {

			@Override
			public Destination newDestination(Origin origin) {
				return new CountingDestination(getHttpClient(), origin, searches);
			}

		});
		many.setSocketAddressResolver(answering("127.0.0.9"));
		instrument(many).start();
		List<CompletableFuture<Result>> results = new ArrayList<>();
		for (int i = 0; i < 50; i++) {
			CompletableFuture<Result> result = new CompletableFuture<>();
			request(many, "good.test").path("/held").send(result::complete);
			results.add(result);
		}
		for (int i = 0; i < 50; i++) {
			this.server.awaitHeld();
		}
		this.server.release();
		for (CompletableFuture<Result> result : results) {
			assertThat(result.get(20, TimeUnit.SECONDS).isSucceeded()).isTrue();
		}
		many.stop();
		assertThat(searches).hasValueLessThan(25); // Jetty opens a few without a request
	}

	private static final class CountingDestination extends HttpDestination {

		private final AtomicInteger searches;

		CountingDestination(HttpClient client, Origin origin, AtomicInteger searches) {
			super(client, origin);
			this.searches = searches;
		}

		@Override
		public Queue<HttpExchange> getHttpExchanges() {
			Queue<HttpExchange> queue = super.getHttpExchanges();
			return (this.searches == null) ? queue : new CountingQueue(queue, this.searches);
		}

	}

	private static final class CountingQueue extends AbstractQueue<HttpExchange> {

		private final Queue<HttpExchange> queue;

		private final AtomicInteger searches;

		CountingQueue(Queue<HttpExchange> queue, AtomicInteger searches) {
			this.queue = queue;
			this.searches = searches;
		}

		@Override
		public Iterator<HttpExchange> iterator() {
			this.searches.incrementAndGet();
			return this.queue.iterator();
		}

		@Override
		public int size() {
			return this.queue.size();
		}

		@Override
		public boolean offer(HttpExchange exchange) {
			return this.queue.offer(exchange);
		}

		@Override
		public @Nullable HttpExchange poll() {
			return this.queue.poll();
		}

		@Override
		public @Nullable HttpExchange peek() {
			return this.queue.peek();
		}

	}

	/**
	 * The selector's thread serves all connections.
	 */
	@Test
	void goesOnAfterAHookThatInterruptsItsThread() throws Exception {
		AtomicInteger interruptions = new AtomicInteger();
		instrument(this.client, new NetTracing((library) -> new NetTrace() {

			@Override
			public void connectDone(String network, SocketAddress address, @Nullable Throwable error) {
				interruptions.incrementAndGet();
				Thread.currentThread().interrupt();
			}

		}), LookupSettings.defaults()).start();
		for (int i = 0; i < 20; i++) {
			get(this.client, "good" + i + ".test");
		}
		assertThat(interruptions).hasValue(20);
	}

	@Test
	void letsGoOfTheApplicationWhenTracingIsClosed() throws Exception {
		AtomicInteger traces = new AtomicInteger();
		NetTracing tracing = new NetTracing((library) -> {
			traces.incrementAndGet();
			return this.hooks;
		});
		instrument(this.client, tracing, LookupSettings.defaults()).start();
		get(this.client, "good.test");
		tracing.close();
		get(this.client, "other.test");
		assertThat(traces).hasValue(1);
		assertThat(this.hooks.calls()).hasSize(4);
	}

	private static void start(HttpClient client) {
		checked(() -> {
			client.start();
			return client;
		});
	}

}
