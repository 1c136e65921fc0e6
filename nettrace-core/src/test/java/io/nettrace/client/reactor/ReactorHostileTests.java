package io.nettrace.client.reactor;

import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;

import io.nettrace.ConnectionListener;
import io.nettrace.Hook;
import io.nettrace.NetTrace;
import io.nettrace.client.RecordedHooks;
import io.nettrace.concurrent.LookupThreads;
import io.nettrace.dns.LookupSettings;
import io.nettrace.instrument.NetTracing;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;
import reactor.netty.ByteBufFlux;
import reactor.netty.DisposableChannel;
import reactor.netty.DisposableServer;
import reactor.netty.http.HttpProtocol;
import reactor.netty.http.client.HttpClient;
import reactor.netty.http.client.PrematureCloseException;
import reactor.netty.http.server.HttpServer;
import reactor.netty.resources.ConnectionProvider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

/**
 * Hooks that throw, and clients that are instrumented more than once: requests are what
 * they were, and each hook is called once.
 */
@SuppressWarnings("NullAway.Init") // the server
class ReactorHostileTests {

	private static final Duration AT_MOST = Duration.ofSeconds(20);

	private final RecordedHooks hooks = new RecordedHooks();

	private final RecordedHooks connections = new RecordedHooks();

	private final Set<String> thrown = new ConcurrentSkipListSet<>();

	private final ConnectionProvider pool = ConnectionProvider.create("hostile", 1);

	private DisposableServer server;

	@BeforeEach
	void startServer() {
		this.server = HttpServer.create()
			.host("127.0.0.1")
			.port(0)
			.protocol(HttpProtocol.HTTP11, HttpProtocol.H2C)
			.route((routes) -> routes.get("/moved", (request, response) -> response.sendRedirect("/ok"))
				.get("/gone", (request, response) -> {
					response.withConnection(DisposableChannel::dispose);
					return Mono.never();
				})
				.post("/ok",
						(request, response) -> response.sendString(request.receive().asString().then(Mono.just("ok"))))
				.get("/ok", (request, response) -> response.sendString(Mono.just("ok"))))
			.bindNow();
	}

	@AfterEach
	void stopServer() {
		this.pool.dispose();
		this.server.disposeNow();
	}

	@ParameterizedTest
	@EnumSource(names = { "HTTP11", "H2C" })
	void hooksThatThrowChangeNothing(HttpProtocol protocol) {
		NetTracing tracing = new NetTracing(() -> List.of((request) -> throwing(NetTrace.class)),
				() -> List.of(throwing(ConnectionListener.class), this.connections.listener()),
				EnumSet.allOf(Hook.class));
		HttpClient client = netTrace(tracing).instrument(HttpClient.create(this.pool).protocol(protocol))
			.followRedirect(true);
		assertThat(get(client, "/moved")).isEqualTo("ok");
		assertThat(client.post()
			.uri(url("/ok"))
			.send(ByteBufFlux.fromString(Mono.just("body")))
			.responseContent()
			.aggregate()
			.asString()
			.block(AT_MOST)).isEqualTo("ok");
		Class<? extends Throwable> failure = (protocol == HttpProtocol.H2C) ? Exception.class
				: PrematureCloseException.class;
		assertThatThrownBy(() -> get(client, "/gone")).hasRootCauseInstanceOf(failure);
		this.pool.dispose(); // closes a connection that has only lost a stream
		await().atMost(AT_MOST)
			.untilAsserted(() -> assertThat(this.connections.names()).anyMatch((name) -> name.startsWith("closed")));
		assertThat(this.connections.names()).filteredOn("acquired"::equals)
			.hasSameSizeAs(this.connections.names().stream().filter("released"::equals).toList());
		assertThat(this.thrown).contains("getConn", "connectStart", "connectDone", "gotConn", "wroteHeaders",
				"wroteRequest", "gotFirstResponseByte", "responseDone", "opened", "acquired", "released", "closed");
	}

	/**
	 * Return hooks that all throw.
	 */
	private <T> T throwing(Class<T> type) {
		return type
			.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] { type }, (proxy, method, arguments) -> {
				if (method.getName().equals("forDial")) {
					return proxy;
				}
				if (method.getDeclaringClass() == Object.class) {
					return switch (method.getName()) {
						case "hashCode" -> 1;
						case "equals" -> arguments[0] == proxy;
						default -> "throwing";
					};
				}
				this.thrown.add(method.getName());
				throw new IllegalStateException(method.getName());
			}));
	}

	/**
	 * By one instance, or by those of two application contexts.
	 */
	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void clientThatIsInstrumentedTwiceCallsEachHookOnce(boolean byTwo) {
		NetTracing tracing = new NetTracing(() -> List.of((request) -> this.hooks.trace()),
				() -> List.of(this.connections.listener()), EnumSet.allOf(Hook.class));
		NetTraceReactorNetty first = netTrace(tracing);
		HttpClient once = first.instrument(HttpClient.create(this.pool));
		HttpClient client = (byTwo ? netTrace(tracing) : first).instrument(once.followRedirect(true));
		assertThat(get(client, "/moved")).isEqualTo("ok");
		await().atMost(AT_MOST).until(() -> this.hooks.names().stream().filter("putIdleConn"::equals).count() == 2);
		assertThat(this.hooks.names()).containsExactlyInAnyOrder("getConn", "connectStart", "connectDone", "gotConn",
				"wroteHeaders", "wroteRequest", "gotFirstResponseByte", "responseDone 302", "putIdleConn", "getConn",
				"gotConn", "wroteHeaders", "wroteRequest", "gotFirstResponseByte", "responseDone 200", "putIdleConn");
		await().atMost(AT_MOST)
			.untilAsserted(() -> assertThat(this.connections.names()).containsExactly("opened", "acquired", "released",
					"acquired", "released"));
	}

	/**
	 * What the application adds to an instrumented client comes on top.
	 */
	@Test
	void settingsThatAreMadeLaterHold() {
		NetTracing tracing = new NetTracing(() -> List.of((request) -> this.hooks.trace()), List::of,
				EnumSet.allOf(Hook.class));
		Set<String> called = new TreeSet<>();
		HttpClient client = netTrace(tracing).instrument(HttpClient.create(this.pool))
			.doOnChannelInit((observer, channel, remote) -> called.add("init"))
			.doOnRequest((request, connection) -> called.add("request"))
			.observe((connection, state) -> called.add("observed"))
			.mapConnect((connect) -> connect.doOnSubscribe((subscription) -> called.add("connect")));
		assertThat(get(client, "/ok")).isEqualTo("ok");
		await().atMost(AT_MOST).until(() -> this.hooks.names().contains("putIdleConn"));
		assertThat(this.hooks.names()).containsExactly("getConn", "connectStart", "connectDone", "gotConn",
				"wroteHeaders", "wroteRequest", "gotFirstResponseByte", "responseDone 200", "putIdleConn");
		assertThat(called).containsExactly("connect", "init", "observed", "request");
	}

	private static NetTraceReactorNetty netTrace(NetTracing tracing) {
		return new NetTraceReactorNetty(tracing, LookupSettings.defaults(), LookupThreads.create());
	}

	private String url(String path) {
		return "http://127.0.0.1:" + this.server.port() + path;
	}

	private String get(HttpClient client, String path) {
		String body = client.get().uri(url(path)).responseContent().aggregate().asString().block(AT_MOST);
		return (body != null) ? body : "";
	}

}
