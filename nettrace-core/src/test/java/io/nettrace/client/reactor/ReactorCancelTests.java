package io.nettrace.client.reactor;

import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;

import io.nettrace.ConnectionTarget;
import io.nettrace.Hook;
import io.nettrace.NetTrace;
import io.nettrace.client.RecordedHooks;
import io.nettrace.concurrent.LookupThreads;
import io.nettrace.dns.LookupSettings;
import io.nettrace.instrument.NetTracing;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Mono;
import reactor.netty.DisposableServer;
import reactor.netty.http.HttpProtocol;
import reactor.netty.http.client.HttpClient;
import reactor.netty.http.server.HttpServer;
import reactor.netty.resources.ConnectionProvider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Requests that another thread cancels while the event loop is at work for them.
 */
class ReactorCancelTests {

	private static final Duration AT_MOST = Duration.ofSeconds(20);

	private final RecordedHooks hooks = new RecordedHooks();

	private final RecordedHooks connections = new RecordedHooks();

	private final NetTraceReactorNetty netTrace = new NetTraceReactorNetty(
			new NetTracing(() -> List.of((request) -> this.hooks.trace()), () -> List.of(this.connections.listener()),
					EnumSet.allOf(Hook.class)),
			LookupSettings.defaults(), LookupThreads.create());

	private final List<DisposableServer> servers = new ArrayList<>();

	private final ConnectionProvider pool = ConnectionProvider.create("cancelled", 1);

	@AfterEach
	void stop() {
		this.pool.dispose();
		this.servers.forEach(DisposableServer::disposeNow);
	}

	/**
	 * The library has handed over the connection, and goes on to write the request.
	 */
	@ParameterizedTest
	@EnumSource(names = { "HTTP11", "H2C" })
	void justAsItGetsItsConnection(HttpProtocol protocol) {
		Disposable.Swap request = Disposables.swap();
		HttpClient client = this.netTrace.instrument(HttpClient.create(this.pool).protocol(protocol))
			.doOnRequest((prepared, connection) -> cancelElsewhere(request));
		String url = "http://127.0.0.1:" + serve(protocol) + "/never";
		Mono<Object> response = client.get().uri(url).response().cast(Object.class);
		response.doOnSubscribe((subscription) -> request.update(subscription::cancel)).subscribe();
		await().atMost(AT_MOST).untilAsserted(() -> assertThat(this.connections.names()).contains("released"));
		assertThat(this.connections.names()).startsWith("opened", "acquired", "released");
		assertThat(this.hooks.names()).startsWith("getConn", "connectStart", "connectDone", "gotConn", "wroteHeaders")
			.contains("responseDone 0 CancellationException");
		assertThat(this.hooks.names().stream().filter((name) -> name.startsWith("wroteRequest"))).hasSize(1);
	}

	/**
	 * The connection is set up for the pool. The library closes it when it has nothing to
	 * use it for.
	 */
	@Test
	void whileItsConnectionIsSetUp() {
		Disposable.Swap request = Disposables.swap();
		NetTracing tracing = new NetTracing(() -> List.of((info) -> new NetTrace() {

			@Override
			public void connectDone(String network, SocketAddress address, @Nullable Throwable error) {
				cancelElsewhere(request);
			}

		}), () -> List.of(this.connections.listener()), EnumSet.allOf(Hook.class));
		HttpClient client = new NetTraceReactorNetty(tracing, LookupSettings.defaults(), LookupThreads.create())
			.instrument(HttpClient.create(this.pool));
		String url = "http://127.0.0.1:" + serve(HttpProtocol.HTTP11) + "/never";
		Mono<Object> response = client.get().uri(url).response().cast(Object.class);
		response.doOnSubscribe((subscription) -> request.update(subscription::cancel)).subscribe();
		await().atMost(AT_MOST)
			.untilAsserted(() -> assertThat(this.connections.names()).containsExactly("opened", "closed CANCELLED"));
	}

	private static void cancelElsewhere(Disposable request) {
		Thread other = new Thread(request::dispose);
		other.start();
		try {
			other.join(AT_MOST.toMillis());
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	/**
	 * A redirect that was cancelled when its response was there asks for nothing more.
	 */
	@Test
	void justBeforeItAsksAgain() {
		Acquisition redirected = acquisition();
		redirected.ask(null);
		redirected.exchangeEnded(null);
		redirected.cancel();
		redirected.current().waits();
		redirected.current().ask(null);
		assertThat(this.hooks.names()).containsExactly("getConn");
	}

	@Test
	void whileItWaitsAgain() {
		Acquisition redirected = acquisition();
		redirected.ask(null);
		redirected.exchangeEnded(null);
		redirected.current().waits();
		redirected.cancel();
		assertThat(this.hooks.names()).containsExactly("getConn", "getConn", "waitStart HOST_LIMIT",
				"waitDone CANCELLED CancellationException");
	}

	@Test
	void afterTwoRedirects() {
		Acquisition redirected = acquisition();
		redirected.ask(null);
		redirected.exchangeEnded(null);
		redirected.current().ask(null);
		redirected.current().exchangeEnded(null);
		redirected.current().waits();
		redirected.cancel();
		assertThat(this.hooks.names()).containsExactly("getConn", "getConn", "getConn", "waitStart HOST_LIMIT",
				"waitDone CANCELLED CancellationException");
	}

	private Acquisition acquisition() {
		return new Acquisition(this.hooks.trace(), new TracedConnect(Mono.never(), this.netTrace),
				new ConnectionTarget("redirected.example", 80, false));
	}

	private int serve(HttpProtocol protocol) {
		DisposableServer server = HttpServer.create()
			.host("127.0.0.1")
			.port(0)
			.protocol(protocol)
			.handle((request, response) -> Mono.never())
			.bindNow();
		this.servers.add(server);
		return server.port();
	}

}
