package io.nettrace.equality;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;

import javax.net.ssl.KeyManagerFactory;

import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.SslContextBuilder;
import okhttp3.CertificatePinner;
import okhttp3.ConnectionSpec;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Response;
import okhttp3.WebSocket;
import okhttp3.WebSocketListener;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.netty.DisposableServer;
import reactor.netty.http.HttpProtocol;
import reactor.netty.http.server.HttpServer;

/**
 * What OkHttp connects through and speaks: addresses, proxies, TLS, HTTP/2, WebSocket.
 */
final class OkHttpNetworkScenarios {

	private OkHttpNetworkScenarios() {
	}

	static void addTo(List<Scenario> scenarios) {
		scenarios.addAll(List.of(Scenario.of("selector of proxies", OkHttpNetworkScenarios::selected),
				Scenario.of("selector of proxies that throws", (stage) -> {
					RecordingServer server = stage.server(ExchangeScenarios.ok());
					OkHttpScenarios.caller(stage, OkHttpScenarios.listening(stage, null)
						.andThen((builder) -> builder.proxySelector(new Selector(stage, () -> {
							throw new IllegalStateException("thrown by the application");
						})))).send(Request.get(server.url("localhost") + "/"));
				}), Scenario.of("proxy that asks for a password", OkHttpListenerScenarios::heardThroughTunnel),
				Scenario.of("pinned to another certificate", (stage) -> {
					RecordingServer server = stage.secureServer("good", ExchangeScenarios.ok());
					OkHttpScenarios.caller(stage,
							OkHttpScenarios.trusting(stage, "good")
								.andThen((builder) -> builder.certificatePinner(new CertificatePinner.Builder()
									.add("localhost", "sha256/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")
									.build())))
						.send(Request.get("https://localhost:" + server.port() + "/"));
				}), Scenario.of("verifier of hosts", (stage) -> {
					RecordingServer server = stage.secureServer("good", ExchangeScenarios.ok());
					OkHttpScenarios.caller(stage, OkHttpScenarios.trusting(stage, "good")
						.andThen((builder) -> builder.hostnameVerifier((host, session) -> {
							stage.noteThread("verifies " + host);
							return true;
						}))).send(Request.get("https://127.0.0.1:" + server.port() + "/1"));
					OkHttpScenarios.caller(stage, OkHttpScenarios.trusting(stage, "good")
						.andThen((builder) -> builder.hostnameVerifier((host, session) -> {
							throw new IllegalStateException("thrown by the application");
						}))).send(Request.get("https://localhost:" + server.port() + "/2"));
				}), Scenario.of("specs of connections", (stage) -> {
					RecordingServer server = stage.secureServer("good", ExchangeScenarios.ok());
					OkHttpScenarios
						.caller(stage,
								OkHttpScenarios.trusting(stage, "good")
									.andThen((builder) -> builder.connectionSpecs(
											List.of(ConnectionSpec.RESTRICTED_TLS, ConnectionSpec.COMPATIBLE_TLS))))
						.send(Request.get("https://localhost:" + server.port() + "/1"));
					OkHttpScenarios
						.caller(stage, (builder) -> builder.connectionSpecs(List.of(ConnectionSpec.RESTRICTED_TLS)))
						.send(Request.get("http://localhost:" + server.port() + "/2"));
				}), Scenario.of("redirect from TLS to plain", (stage) -> {
					RecordingServer plain = stage.server(ExchangeScenarios.ok());
					RecordingServer secure = stage.secureServer("good",
							ExchangeScenarios.status("302 Found", "Location: " + plain.url("localhost") + "/plain"));
					OkHttpScenarios
						.caller(stage,
								OkHttpScenarios.trusting(stage, "good").andThen(OkHttpScenarios.listening(stage, null)))
						.send(Request.get("https://localhost:" + secure.port() + "/"));
					OkHttpScenarios
						.caller(stage,
								OkHttpScenarios.trusting(stage, "good")
									.andThen((builder) -> builder.followSslRedirects(false)))
						.send(Request.get("https://localhost:" + secure.port() + "/"));
				}), Scenario.of("HTTP/2 in clear text", (stage) -> http2(stage, false)),
				Scenario.of("HTTP/2", (stage) -> http2(stage, true)),
				Scenario.of("HTTP/2, five at once", OkHttpNetworkScenarios::atOnce),
				Scenario.of("WebSocket", OkHttpNetworkScenarios::webSocket),
				Scenario.of("WebSocket that is refused", (stage) -> {
					RecordingServer server = stage.server(ExchangeScenarios.status("403 No")).unreported();
					CountDownLatch done = new CountDownLatch(1);
					OkHttpScenarios.byHand(stage, OkHttpScenarios.listening(stage, null))
						.newWebSocket(new okhttp3.Request.Builder().url(server.url("localhost") + "/").build(),
								new OwnSocket(stage, done));
					OkHttpScenarios.await(done);
				})));
	}

	private static void selected(Stage stage) throws IOException {
		RecordingServer target = stage.server("target", "127.0.0.2", new HttpConversation(ExchangeScenarios.ok()));
		RecordingServer proxy = stage.server(ExchangeScenarios.ok());
		Proxy refusing = new Proxy(Proxy.Type.HTTP, new InetSocketAddress("127.0.0.1", stage.closedPort()));
		Proxy working = new Proxy(Proxy.Type.HTTP, proxy.address());
		Caller caller = OkHttpScenarios.caller(stage,
				OkHttpScenarios.listening(stage, null)
					.andThen((builder) -> builder
						.proxySelector(new Selector(stage, () -> List.of(refusing, working, Proxy.NO_PROXY)))));
		caller.send(Request.get(target.url("127.0.0.2") + "/1"));
		caller.send(Request.get(target.url("127.0.0.2") + "/2"));
		OkHttpScenarios
			.caller(stage,
					(builder) -> builder.proxySelector(new Selector(stage, () -> List.of(refusing, Proxy.NO_PROXY))))
			.send(Request.get(target.url("127.0.0.2") + "/3"));
		OkHttpScenarios.caller(stage, (builder) -> builder.proxySelector(new Selector(stage, Collections::emptyList)))
			.send(Request.get(target.url("127.0.0.2") + "/4"));
	}

	/**
	 * Records what it is asked and told.
	 */
	private static final class Selector extends ProxySelector {

		private final Stage stage;

		private final java.util.function.Supplier<List<Proxy>> proxies;

		Selector(Stage stage, java.util.function.Supplier<List<Proxy>> proxies) {
			this.stage = stage;
			this.proxies = proxies;
		}

		@Override
		public List<Proxy> select(URI uri) {
			this.stage.noteThread("selects for " + uri);
			return this.proxies.get();
		}

		@Override
		public void connectFailed(URI uri, SocketAddress address, IOException failure) {
			this.stage.note("told of " + uri + " " + address + " " + failure);
		}

	}

	private static DisposableServer http2Server(Stage stage, boolean secure, @Nullable CountDownLatch all)
			throws Exception {
		List<String> peers = Collections.synchronizedList(new ArrayList<>());
		HttpServer server = HttpServer.create()
			.host("127.0.0.1")
			.port(0)
			.protocol(secure ? HttpProtocol.H2 : HttpProtocol.H2C)
			.handle((request, response) -> {
				String peer = String.valueOf(request.remoteAddress());
				if (!peers.contains(peer)) {
					peers.add(peer);
				}
				if (all == null) {
					stage.note("server: " + request.method() + " " + request.uri() + " on connection "
							+ (peers.indexOf(peer) + 1) + " " + request.requestHeaders().names());
				}
				Mono<String> body = request.receive().aggregate().asString().defaultIfEmpty("nothing").map((text) -> {
					if (all != null) {
						all.countDown();
						OkHttpScenarios.await(all);
					}
					return text;
				});
				return response.header("X-Own", "1").sendString(body);
			});
		if (secure) {
			KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
			keys.init(stage.keys("good"), Certificates.PASSWORD.toCharArray());
			SslContextBuilder context = SslContextBuilder.forServer(keys)
				.applicationProtocolConfig(new ApplicationProtocolConfig(ApplicationProtocolConfig.Protocol.ALPN,
						ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
						ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT, "h2"));
			io.netty.handler.ssl.SslContext built = context.build();
			server = server.secure((spec) -> spec.sslContext(built));
		}
		DisposableServer bound = server.bindNow();
		stage.opened(bound::disposeNow);
		stage.port("http2", bound.port());
		return bound;
	}

	private static void http2(Stage stage, boolean secure) throws Exception {
		DisposableServer server = http2Server(stage, secure, null);
		Consumer<OkHttpClient.Builder> protocol = secure ? OkHttpScenarios.trusting(stage, "good")
				: (builder) -> builder.protocols(List.of(Protocol.H2_PRIOR_KNOWLEDGE));
		OkHttpClient client = OkHttpScenarios.byHand(stage, protocol.andThen(OkHttpScenarios.listening(stage, null)));
		Caller caller = Caller.of(client, stage.transcript());
		String url = (secure ? "https" : "http") + "://localhost:" + server.port();
		caller.send(Request.get(url + "/1"));
		caller.send(Request.post(url + "/2", "body"));
		OkHttpScenarios.enqueue(stage, client, Request.get(url + "/3"));
		stage.note("connections " + client.connectionPool().connectionCount());
		client.connectionPool().evictAll();
	}

	private static void atOnce(Stage stage) throws Exception {
		DisposableServer server = http2Server(stage, false, new CountDownLatch(1));
		OkHttpClient client = OkHttpScenarios.byHand(stage,
				(builder) -> builder.protocols(List.of(Protocol.H2_PRIOR_KNOWLEDGE)));
		Caller caller = Caller.of(client, stage.transcript());
		caller.send(Request.get("http://localhost:" + server.port() + "/first"));
		caller.sendAtOnce(Collections.nCopies(5, Request.get("http://localhost:" + server.port() + "/")));
		stage.note("connections " + client.connectionPool().connectionCount());
		client.connectionPool().evictAll();
	}

	private static void webSocket(Stage stage) throws IOException {
		RecordingServer server = stage.server("server", "127.0.0.1", new WebSocketConversation());
		CountDownLatch done = new CountDownLatch(1);
		OkHttpClient client = OkHttpScenarios.byHand(stage, OkHttpScenarios.listening(stage, null));
		client.newWebSocket(new okhttp3.Request.Builder().url("ws://localhost:" + server.port() + "/").build(),
				new OwnSocket(stage, done));
		OkHttpScenarios.await(done);
		Caller.awaitRelease();
		stage.note("connections " + client.connectionPool().connectionCount() + " running "
				+ client.dispatcher().runningCallsCount());
	}

	/**
	 * Sends a message, and closes when it comes back.
	 */
	private static final class OwnSocket extends WebSocketListener {

		private final Stage stage;

		private final CountDownLatch done;

		OwnSocket(Stage stage, CountDownLatch done) {
			this.stage = stage;
			this.done = done;
		}

		@Override
		public void onOpen(WebSocket socket, Response response) {
			this.stage.note("open " + response.code() + " " + response.headers().names());
			socket.send("hello");
		}

		@Override
		public void onMessage(WebSocket socket, String text) {
			this.stage.note("message " + text);
			socket.close(1000, "through");
		}

		@Override
		public void onClosing(WebSocket socket, int code, String reason) {
			this.stage.note("closing " + code + " " + reason);
		}

		@Override
		public void onClosed(WebSocket socket, int code, String reason) {
			this.stage.note("closed " + code + " " + reason);
			this.done.countDown();
		}

		@Override
		public void onFailure(WebSocket socket, Throwable failure, @Nullable Response response) {
			this.stage.transcript().add(Outcomes.of(failure));
			this.done.countDown();
		}

	}

}
