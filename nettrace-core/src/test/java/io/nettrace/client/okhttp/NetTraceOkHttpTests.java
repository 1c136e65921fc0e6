package io.nettrace.client.okhttp;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.nettrace.ConnectionInfo;
import io.nettrace.ConnectionTarget;
import io.nettrace.Hook;
import io.nettrace.NetTrace;
import io.nettrace.NetTraceContext;
import io.nettrace.PoolInfo;
import io.nettrace.client.RecordedHooks;
import io.nettrace.instrument.NetTracing;
import okhttp3.Call;
import okhttp3.Callback;
import okhttp3.Dns;
import okhttp3.EventListener;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Clients instrumented by hand, on a real server.
 */
@SuppressWarnings("NullAway.Init") // the server
class NetTraceOkHttpTests {

	private static final List<String> DIAL = List.of("getConn", "connectStart", "connectDone", "gotConn");

	private static final List<String> KEPT = List.of("getConn", "gotConn");

	private static final List<String> EXCHANGE = List.of("wroteHeaders", "wroteRequest", "gotFirstResponseByte",
			"responseDone 200");

	private final RecordedHooks hooks = new RecordedHooks();

	private final RecordedHooks connections = new RecordedHooks();

	private final NetTracing tracing = new NetTracing(() -> List.of((request) -> this.hooks.trace()),
			() -> List.of(this.connections.listener()), EnumSet.allOf(Hook.class));

	private final NetTraceOkHttp netTrace = new NetTraceOkHttp(this.tracing);

	private final CountDownLatch release = new CountDownLatch(1);

	private HttpServer server;

	@BeforeEach
	void startServer() throws IOException {
		this.server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
		this.server.setExecutor((task) -> new Thread(task, "test-server").start());
		this.server.createContext("/", (exchange) -> answer(exchange, 200));
		this.server.createContext("/redirect", (exchange) -> {
			exchange.getResponseHeaders().set("Location", "/");
			answer(exchange, 302);
		});
		this.server.createContext("/held", (exchange) -> {
			awaitRelease();
			answer(exchange, 200);
		});
		this.server.createContext("/half", (exchange) -> {
			exchange.sendResponseHeaders(200, 2);
			exchange.getResponseBody().write('o');
			exchange.getResponseBody().flush();
			awaitRelease();
			exchange.close();
		});
		this.server.start();
	}

	private void awaitRelease() throws IOException {
		try {
			this.release.await();
		}
		catch (InterruptedException ex) {
			throw new IOException(ex);
		}
	}

	private static void answer(HttpExchange exchange, int status) throws IOException {
		try (exchange) {
			exchange.sendResponseHeaders(status, 2);
			exchange.getResponseBody().write(new byte[] { 'o', 'k' });
		}
	}

	@AfterEach
	void stopServer() {
		this.release.countDown();
		this.server.stop(0);
	}

	private Call call(OkHttpClient client, String path) {
		return client.newCall(
				new Request.Builder().url("http://127.0.0.1:" + this.server.getAddress().getPort() + path).build());
	}

	private void get(OkHttpClient client, String path) throws IOException {
		try (Response response = call(client, path).execute()) {
			assertThat(response.body().string()).isEqualTo("ok");
		}
	}

	/**
	 * Put names and lists of names together.
	 */
	private static List<String> flat(Object... parts) {
		return Stream.of(parts)
			.flatMap((part) -> (part instanceof List<?> several) ? several.stream() : Stream.of(part))
			.map(String.class::cast)
			.toList();
	}

	@Test
	void showsANewConnectionAndAKeptOne() throws IOException {
		OkHttpClient client = this.netTrace.instrument(new OkHttpClient());
		get(client, "/");
		get(client, "/");
		assertThat(this.hooks.names())
			.isEqualTo(flat(DIAL, EXCHANGE, List.of("putIdleConn"), KEPT, EXCHANGE, List.of("putIdleConn")));
		assertThat(this.connections.names()).containsExactly("opened", "acquired", "released", "acquired", "released");
		int port = this.server.getAddress().getPort();
		assertThat(this.connections.all(ConnectionInfo.class)).allSatisfy(
				(connection) -> assertThat(connection.pool()).isEqualTo(new PoolInfo("okhttp", "127.0.0.1", port, -1)))
			.allSatisfy((connection) -> assertThat(connection.peerAddress())
				.isEqualTo(new InetSocketAddress("127.0.0.1", port)));
		ConnectionInfo second = this.connections.all(ConnectionInfo.class).get(3);
		assertThat(second.reused()).isTrue();
		assertThat(second.wasIdle()).isTrue();
		assertThat(second.requests()).isEqualTo(2);
	}

	@Test
	void noticesThatThePoolHasClosedAnIdleConnection() throws IOException {
		OkHttpClient client = this.netTrace.instrument(new OkHttpClient());
		get(client, "/");
		client.connectionPool().evictAll();
		get(client, "/");
		assertThat(this.connections.names()).containsExactly("opened", "acquired", "released", "closed UNKNOWN",
				"opened", "acquired", "released");
	}

	@Test
	void aRedirectToTheSameHostHasItsConnectionHandedOver() throws IOException {
		get(this.netTrace.instrument(new OkHttpClient()), "/redirect");
		assertThat(this.hooks.names())
			.isEqualTo(flat(DIAL, List.of("wroteHeaders", "wroteRequest", "gotFirstResponseByte", "responseDone 302"),
					KEPT, EXCHANGE, List.of("putIdleConn")));
		assertThat(this.connections.names()).containsExactly("opened", "acquired", "released", "acquired", "released");
		assertThat(this.connections.all(ConnectionInfo.class)).last()
			.satisfies((connection) -> assertThat(connection.requests()).isEqualTo(2));
	}

	@Test
	void aResponseThatIsClosedUnreadIsReadToItsEnd() throws IOException {
		OkHttpClient client = this.netTrace.instrument(new OkHttpClient());
		call(client, "/").execute().close();
		assertThat(this.hooks.names()).isEqualTo(flat(DIAL, EXCHANGE, "putIdleConn"));
	}

	@Test
	void aResponseThatIsClosedWhileMoreOfItIsToComeIsGivenUp() throws IOException {
		OkHttpClient client = this.netTrace.instrument(new OkHttpClient());
		call(client, "/half").execute().close();
		assertThat(this.hooks.names()).isEqualTo(flat(DIAL, "wroteHeaders", "wroteRequest", "gotFirstResponseByte",
				"responseDone 200 CancellationException"));
		assertThat(this.connections.names()).containsExactly("opened", "acquired", "released", "closed CANCELLED");
	}

	@Test
	void callsTheTraceThatIsBoundToTheThreadThatEnqueues() throws Exception {
		OkHttpClient client = this.netTrace.instrument(new OkHttpClient());
		RecordedHooks bound = new RecordedHooks();
		CompletableFuture<String> answer = new CompletableFuture<>();
		within(NetTraceContext.current().withTrace(bound.trace()), () -> call(client, "/").enqueue(completing(answer)));
		assertThat(answer.join()).isEqualTo("ok");
		Awaitility.await()
			.untilAsserted(() -> assertThat(bound.names()).isEqualTo(flat(DIAL, EXCHANGE, List.of("putIdleConn"))));
	}

	private static void within(NetTraceContext context, Work work) throws IOException {
		NetTraceContext.Scope scope = context.open();
		try {
			work.run();
		}
		finally {
			scope.close();
		}
	}

	private interface Work {

		void run() throws IOException;

	}

	private static Callback completing(CompletableFuture<String> answer) {
		return new Callback() {

			@Override
			public void onFailure(Call call, IOException failure) {
				answer.completeExceptionally(failure);
			}

			@Override
			public void onResponse(Call call, Response response) throws IOException {
				try (response) {
					answer.complete(response.body().string());
				}
			}

		};
	}

	@Test
	void whatAHookSendsItselfIsNotShown() throws IOException {
		OkHttpClient client = this.netTrace.instrument(new OkHttpClient());
		AtomicInteger sent = new AtomicInteger();
		RecordedHooks bound = new RecordedHooks();
		NetTrace sending = new NetTrace() {

			@Override
			public void gotConn(ConnectionInfo connection) {
				try {
					get(client, "/");
					sent.incrementAndGet();
				}
				catch (IOException ex) {
					throw new IllegalStateException(ex);
				}
			}

		};
		within(NetTraceContext.current().withTrace(sending).withTrace(bound.trace()), () -> get(client, "/"));
		assertThat(sent).hasValue(1);
		assertThat(bound.names()).isEqualTo(flat(DIAL, EXCHANGE, List.of("putIdleConn")));
	}

	@Test
	void endsTheExchangeOfACallThatIsCancelled() throws Exception {
		OkHttpClient client = this.netTrace.instrument(new OkHttpClient());
		CompletableFuture<String> answer = new CompletableFuture<>();
		Call call = call(client, "/held");
		call.enqueue(completing(answer));
		Awaitility.await().until(() -> this.hooks.names().contains("wroteRequest"));
		call.cancel();
		assertThatExceptionOfType(Exception.class).isThrownBy(answer::join);
		assertThat(this.hooks.names())
			.isEqualTo(flat(DIAL, List.of("wroteHeaders", "wroteRequest", "responseDone 0 CancellationException")));
		assertThat(this.connections.names()).containsExactly("opened", "acquired", "released", "closed CANCELLED");
	}

	@Test
	void endsTheExchangeOfACallThatTakesTooLong() {
		OkHttpClient client = this.netTrace
			.instrument(new OkHttpClient.Builder().callTimeout(Duration.ofMillis(300)).build());
		assertThatExceptionOfType(IOException.class).isThrownBy(() -> get(client, "/held"));
		assertThat(this.hooks.names())
			.isEqualTo(flat(DIAL, List.of("wroteHeaders", "wroteRequest", "responseDone 0 SocketTimeoutException")));
		assertThat(this.connections.names()).containsExactly("opened", "acquired", "released", "closed TIMED_OUT");
	}

	@Test
	void endsWhatAnInterceptorOfTheApplicationInterrupts() {
		OkHttpClient client = this.netTrace.instrument(new OkHttpClient.Builder().addNetworkInterceptor((chain) -> {
			chain.proceed(chain.request());
			throw new IllegalStateException("the application's");
		}).build());
		assertThatExceptionOfType(IllegalStateException.class).isThrownBy(() -> get(client, "/"));
		assertThat(this.hooks.names()).isEqualTo(flat(DIAL,
				List.of("wroteHeaders", "wroteRequest", "gotFirstResponseByte", "responseDone 200 IOException")));
		assertThat(this.connections.names()).startsWith("opened", "acquired", "released", "closed UNKNOWN");
	}

	@Test
	void instrumentedTwiceIsOnce() throws IOException {
		OkHttpClient client = this.netTrace.instrument(new OkHttpClient());
		assertThat(this.netTrace.instrument(client)).isSameAs(client);
		get(this.netTrace.instrument(client.newBuilder()).build(), "/");
		assertThat(this.hooks.names()).isEqualTo(flat(DIAL, EXCHANGE, List.of("putIdleConn")));
	}

	@Test
	void sharesPoolAndDispatcherWithTheClientItIsDerivedFrom() throws IOException {
		OkHttpClient untraced = new OkHttpClient();
		OkHttpClient traced = this.netTrace.instrument(untraced);
		get(untraced, "/");
		get(traced, "/");
		get(untraced, "/");
		assertThat(traced.dispatcher()).isSameAs(untraced.dispatcher());
		assertThat(untraced.connectionPool().connectionCount()).isEqualTo(1);
		assertThat(this.hooks.names()).isEqualTo(flat(KEPT, EXCHANGE, List.of("putIdleConn")));
		assertThat(this.hooks.connections()).first()
			.satisfies((connection) -> assertThat(connection.reused()).isTrue());
	}

	@Test
	void aBuilderKeepsTheListenerOfTheApplication() throws IOException {
		List<String> heard = new ArrayList<>();
		OkHttpClient client = this.netTrace.instrument(new OkHttpClient.Builder().eventListener(new EventListener() {

			@Override
			public void callStart(Call call) {
				heard.add("callStart");
			}

			@Override
			public void callEnd(Call call) {
				heard.add("callEnd");
			}

		})).build();
		get(client, "/");
		assertThat(heard).containsExactly("callStart", "callEnd");
		assertThat(this.hooks.names()).isEqualTo(flat(DIAL, EXCHANGE, List.of("putIdleConn")));
	}

	@Test
	void anAddressThatIsMissingInAnAnswerChangesNothing() throws IOException {
		OkHttpClient client = this.netTrace
			.instrument(new OkHttpClient.Builder().dns((name) -> someOfWhichAreMissing()).build());
		URI uri = URI.create("http://missing.test:" + this.server.getAddress().getPort() + "/");
		try (Response response = client.newCall(new Request.Builder().url(uri.toString()).build()).execute()) {
			assertThat(response.code()).isEqualTo(200);
		}
		assertThat(this.hooks.names()).isEqualTo(flat("getConn", "dnsStart", "dnsDone", "connectStart", "connectDone",
				"gotConn", EXCHANGE, List.of("putIdleConn")));
	}

	/**
	 * The name is too long for a label, so that nothing is asked. OkHttp would not take
	 * it for a host.
	 */
	@Test
	void aFailureOfTheJvmsCacheIsNamedAsSuch() {
		OkHttpClient client = this.netTrace
			.instrument(new OkHttpClient.Builder().dns((name) -> Dns.SYSTEM.lookup("x".repeat(64) + ".okhttp.invalid"))
				.build());
		for (int i = 0; i < 2; i++) {
			Call call = client.newCall(new Request.Builder().url("http://unknown.test/").build());
			assertThatExceptionOfType(UnknownHostException.class).isThrownBy(call::execute);
		}
		assertThat(this.hooks.names()).containsExactly("getConn", "dnsStart", "dnsDone UnknownHostException", "getConn",
				"dnsStart", "dnsAnswer", "dnsDone UnknownHostException");
	}

	@SuppressWarnings("NullAway") // deliberately
	private static List<InetAddress> someOfWhichAreMissing() {
		return Arrays.asList(InetAddress.getLoopbackAddress(), null);
	}

	@Test
	void asksForAConnectionToTheProxy() throws IOException {
		InetSocketAddress proxy = this.server.getAddress();
		OkHttpClient client = this.netTrace
			.instrument(new OkHttpClient.Builder().proxy(new Proxy(Proxy.Type.HTTP, proxy)).build());
		for (int i = 0; i < 2; i++) {
			try (Response response = client.newCall(new Request.Builder().url("http://target.test/").build())
				.execute()) {
				assertThat(response.body().string()).isEqualTo("ok");
			}
		}
		ConnectionTarget asked = new ConnectionTarget(proxy.getHostString(), proxy.getPort(), false);
		assertThat(this.hooks.all(ConnectionTarget.class)).containsExactly(asked, asked);
	}

	@Test
	void endsTheExchangeOfASelectorOfProxiesThatThrows() {
		OkHttpClient client = this.netTrace
			.instrument(new OkHttpClient.Builder().proxySelector(new ThrowingSelector()).build());
		assertThatExceptionOfType(IllegalStateException.class).isThrownBy(() -> get(client, "/"));
		assertThat(this.hooks.names()).containsExactly("getConn");
	}

	/**
	 * Of the application.
	 */
	private static final class ThrowingSelector extends ProxySelector {

		@Override
		public List<Proxy> select(URI uri) {
			throw new IllegalStateException("thrown by the application");
		}

		@Override
		public void connectFailed(URI uri, SocketAddress address, IOException failure) {
			throw new IllegalStateException("thrown by the application");
		}

	}

	@Test
	void leavesAClientOfAnotherClassAlone() {
		OkHttpClient own = new OkHttpClient() {
		};
		assertThat(this.netTrace.instrument(own)).isSameAs(own);
	}

	@Test
	void keepsNothingOfAnApplicationThatHasEnded() throws IOException {
		OkHttpClient client = this.netTrace.instrument(new OkHttpClient());
		this.tracing.close();
		get(client, "/");
		assertThat(this.hooks.names()).isEmpty();
		assertThat(this.connections.names()).isEmpty();
	}

}
