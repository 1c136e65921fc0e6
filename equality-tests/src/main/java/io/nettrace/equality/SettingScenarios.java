package io.nettrace.equality;

import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;

import io.netty.resolver.AddressResolverGroup;
import org.apache.hc.client5.http.impl.DefaultHttpRequestRetryStrategy;
import org.apache.hc.client5.http.ssl.DefaultClientTlsStrategy;
import org.apache.hc.client5.http.ssl.TlsSocketStrategy;
import org.apache.hc.core5.util.TimeValue;
import org.springframework.boot.http.client.ClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.HttpComponentsClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.HttpCookieHandling;
import org.springframework.boot.http.client.HttpRedirects;
import org.springframework.boot.http.client.JdkClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.ReactorClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.reactive.ClientHttpConnectorBuilder;
import org.springframework.boot.http.client.reactive.HttpComponentsClientHttpConnectorBuilder;
import org.springframework.boot.http.client.reactive.JdkClientHttpConnectorBuilder;
import org.springframework.boot.http.client.reactive.ReactorClientHttpConnectorBuilder;
import org.springframework.context.support.GenericApplicationContext;
import reactor.netty.http.client.HttpClient;
import reactor.netty.resources.ConnectionProvider;
import reactor.netty.resources.LoopResources;

import io.nettrace.equality.Settings.Setting;

/**
 * Settings of an application: properties, on Boot's builders, and on the library's
 * builders.
 */
final class SettingScenarios {

	private static final Duration SHORT = Duration.ofMillis(600);

	private SettingScenarios() {
	}

	static List<Scenario> all() {
		List<Scenario> scenarios = new ArrayList<>();
		scenarios.addAll(List.of(
				Scenario.of("redirects switched off",
						(stage) -> redirected(stage,
								stage.settings((settings) -> settings.withRedirects(HttpRedirects.DONT_FOLLOW)))),
				Scenario.of("time-outs and redirects by properties", SettingScenarios::properties).slow(),
				Scenario.of("cookies switched on", (stage) -> cookies(stage, HttpCookieHandling.ENABLE_WHEN_POSSIBLE))
					.on(Client::isOfSpring),
				Scenario.of("cookies switched off", (stage) -> cookies(stage, HttpCookieHandling.DISABLE))
					.on(Client::isOfSpring),
				Scenario.of("response time-out of the library's", SettingScenarios::responseTimeout).slow(),
				Scenario.of("connect time-out of the library's", SettingScenarios::connectTimeout).slow(),
				Scenario.of("connect time-out set by a customizer", SettingScenarios::customizedTimeout).slow(),
				Scenario.of("builder of the application's own", SettingScenarios::ownBuilder)
					.on(Client::isOfSpring)
					.slow(),
				Scenario.of("many settings at once", SettingScenarios::several)
					.on((client) -> !client.isOnTheJvm())
					.slow()));
		scenarios.add(Scenario.of("pool of one connection", SettingScenarios::oneConnection)
			.on((client) -> !client.isOnTheJvm()));
		scenarios
			.add(Scenario.of("local address", SettingScenarios::localAddress).on((client) -> !client.isOnTheJvm()));
		onHttpComponents(scenarios);
		onReactorNetty(scenarios);
		onJetty(scenarios);
		onTheJdk(scenarios);
		return scenarios;
	}

	private static void redirected(Stage stage, Caller caller) throws IOException {
		RecordingServer server = stage.server(ExchangeScenarios.status("302 Found", "Location: /there"));
		caller.send(Request.get(server.url("localhost") + "/"));
	}

	private static void properties(Stage stage) throws IOException {
		RecordingServer server = stage.server((exchange) -> {
			if (exchange.requestLine().contains("/slow")) {
				exchange.hold();
				return;
			}
			exchange.respond("302 Found", "", "Location: /there");
		});
		BlackHole hole = stage.opened(new BlackHole("127.0.0.1", 0));
		stage.port("hole", hole.port());
		Caller caller = stage.caller(stage.application((context) -> {
		}, "spring.http.clients.connect-timeout=500ms", "spring.http.clients.read-timeout=700ms",
				"spring.http.clients.redirects=dont-follow"));
		caller.send(Request.get(server.url("localhost") + "/"));
		caller.send(Request.get(server.url("localhost") + "/slow"));
		caller.send(Request.get("http://127.0.0.1:" + hole.port() + "/"));
	}

	private static void cookies(Stage stage, HttpCookieHandling handling) throws IOException {
		RecordingServer server = stage.server(ExchangeScenarios.status("200 OK", "Set-Cookie: session=1; Path=/"));
		Caller caller = stage.settings((settings) -> settings.withCookieHandling(handling));
		caller.send(Request.get(server.url("localhost") + "/1"));
		caller.send(Request.get(server.url("localhost") + "/2"));
	}

	private static void responseTimeout(Stage stage) throws IOException, InterruptedException {
		RecordingServer server = stage.server((exchange) -> exchange.hold());
		stage.caller(Settings.responseTimeout(SHORT)).sendOrGiveUp(Request.get(server.url("localhost") + "/"));
	}

	private static void connectTimeout(Stage stage) throws IOException {
		BlackHole hole = stage.opened(new BlackHole("127.0.0.1", 0));
		stage.port("hole", hole.port());
		stage.caller(Settings.connectTimeout(SHORT)).send(Request.get("http://127.0.0.1:" + hole.port() + "/"));
	}

	private static void customizedTimeout(Stage stage) throws IOException {
		BlackHole hole = stage.opened(new BlackHole("127.0.0.1", 0));
		stage.port("hole", hole.port());
		stage.caller(stage.application(Application.customized(Settings.connectTimeout(SHORT))))
			.send(Request.get("http://127.0.0.1:" + hole.port() + "/"));
	}

	private static void ownBuilder(Stage stage) throws IOException {
		RecordingServer server = stage.server(ExchangeScenarios.status("302 Found", "Location: /there"));
		Client client = stage.client();
		Caller caller = stage.caller(stage.application((context) -> registerBuilder(context, client)));
		caller.send(Request.get(server.url("localhost") + "/1"));
		caller.send(Request.get(server.url("localhost") + "/2"));
	}

	private static void registerBuilder(GenericApplicationContext context, Client client) {
		context.registerBean("ownFactories", ClientHttpRequestFactoryBuilder.class, () -> switch (client.library()) {
			case HTTP_COMPONENTS -> ClientHttpRequestFactoryBuilder.httpComponents()
				.withHttpClientCustomizer((builder) -> builder.setUserAgent("own"));
			case JETTY -> ClientHttpRequestFactoryBuilder.jetty()
				.withHttpClientCustomizer((builder) -> builder.setFollowRedirects(false));
			case REACTOR_NETTY -> ClientHttpRequestFactoryBuilder.reactor()
				.withHttpClientFactory(() -> HttpClient.newConnection().headers((headers) -> headers.add("own", "1")));
			case JDK -> ClientHttpRequestFactoryBuilder.jdk()
				.withHttpClientCustomizer((builder) -> builder.version(java.net.http.HttpClient.Version.HTTP_1_1));
			case HTTP_URL_CONNECTION, OK_HTTP ->
				ClientHttpRequestFactoryBuilder.simple().withCustomizer((factory) -> factory.setChunkSize(10));
		});
		context.registerBean("ownConnectors", ClientHttpConnectorBuilder.class, () -> switch (client.library()) {
			case HTTP_COMPONENTS -> ClientHttpConnectorBuilder.httpComponents()
				.withHttpClientCustomizer((builder) -> builder.setUserAgent("own"));
			case JETTY -> ClientHttpConnectorBuilder.jetty()
				.withHttpClientCustomizer((builder) -> builder.setFollowRedirects(false));
			case REACTOR_NETTY -> ClientHttpConnectorBuilder.reactor()
				.withHttpClientFactory(() -> HttpClient.newConnection().headers((headers) -> headers.add("own", "1")));
			case JDK, HTTP_URL_CONNECTION, OK_HTTP -> ClientHttpConnectorBuilder.jdk()
				.withHttpClientCustomizer((builder) -> builder.version(java.net.http.HttpClient.Version.HTTP_1_1));
		});
	}

	private static void several(Stage stage) throws IOException {
		RecordingServer server = stage.secureServer("good", ExchangeScenarios.ok());
		Setting all = Settings.names(Names.of("127.0.0.3", "127.0.0.1").recordedBy(stage.transcript()))
			.and(Settings.sslContext(stage.certificates("good"), stage.trust("good")))
			.and(Settings.connectTimeout(Duration.ofSeconds(10)))
			.and(Settings.responseTimeout(Duration.ofSeconds(20)));
		Caller injected = stage.caller(all);
		Caller customized = stage.caller(stage.application(Application.customized(all)));
		injected.send(Request.get("https://good.test:" + server.port() + "/1"));
		injected.send(Request.get("https://good.test:" + server.port() + "/2"));
		customized.send(Request.get("https://good.test:" + server.port() + "/3"));
		customized.send(Request.get("https://good.test:" + server.port() + "/4"));
	}

	private static void oneConnection(Stage stage) throws IOException, InterruptedException {
		RecordingServer server = stage.server(ExchangeScenarios.ok()).counted();
		Caller caller = stage.caller(Settings.oneConnection());
		caller.send(Request.get(server.url("localhost") + "/first"));
		caller.sendAtOnce(Collections.nCopies(3, Request.get(server.url("localhost") + "/")));
	}

	private static void localAddress(Stage stage) throws IOException {
		RecordingServer server = stage.server(ExchangeScenarios.ok());
		stage.caller(Settings.localAddress("127.0.0.77")).send(Request.get(server.url("127.0.0.1") + "/"));
	}

	private static void onHttpComponents(List<Scenario> scenarios) {
		List<Scenario> own = List.of(
				Scenario.of("interceptors of HttpComponents", SettingScenarios::httpComponentsInterceptors),
				Scenario.of("retries of HttpComponents", SettingScenarios::httpComponentsRetries),
				Scenario.of("connections that HttpComponents keeps for a moment", (stage) -> {
					RecordingServer server = stage.server(ExchangeScenarios.ok());
					Caller caller = stage.caller(Settings.shortKeepAlive());
					caller.send(Request.get(server.url("localhost") + "/1"));
					caller.send(Request.get(server.url("localhost") + "/2"));
				}));
		own.forEach((scenario) -> scenarios.add(scenario.on((client) -> client.library() == Library.HTTP_COMPONENTS)));
		List<Scenario> classic = List.of(
				Scenario.of("TLS strategy of HttpComponents, set on the manager", (stage) -> strategy(stage, true)),
				Scenario.of("TLS strategy of HttpComponents, set on Boot's builder", (stage) -> strategy(stage, false)),
				Scenario.of("TLS strategy of HttpComponents that refuses", SettingScenarios::refusingStrategy));
		classic.forEach(
				(scenario) -> scenarios.add(scenario.on((client) -> client == Client.REST_CLIENT_ON_HTTP_COMPONENTS)));
	}

	private static void httpComponentsInterceptors(Stage stage) throws IOException {
		RecordingServer server = stage.server(ExchangeScenarios.ok());
		Caller caller = stage.caller((builder) -> {
			if (builder instanceof HttpComponentsClientHttpRequestFactoryBuilder b) {
				return b.withHttpClientCustomizer((client) -> client
					.addRequestInterceptorFirst((request, entity, context) -> stage.noteThread("request"))
					.addResponseInterceptorLast((response, entity, context) -> stage.noteThread("response"))
					.addExecInterceptorFirst("own", (request, scope, chain) -> {
						stage.noteThread("execution");
						return chain.proceed(request, scope);
					}));
			}
			return ((HttpComponentsClientHttpConnectorBuilder) builder).withHttpClientCustomizer((client) -> client
				.addRequestInterceptorFirst((request, entity, context) -> stage.noteThread("request"))
				.addResponseInterceptorLast((response, entity, context) -> stage.noteThread("response")));
		});
		caller.send(Request.get(server.url("localhost") + "/1"));
		caller.send(Request.get(server.url("localhost") + "/2"));
	}

	private static void httpComponentsRetries(Stage stage) throws IOException {
		RecordingServer server = stage.server(ExchangeScenarios.status("503 Busy"));
		DefaultHttpRequestRetryStrategy twice = new DefaultHttpRequestRetryStrategy(2, TimeValue.ofMilliseconds(20));
		stage.caller((builder) -> {
			if (builder instanceof HttpComponentsClientHttpRequestFactoryBuilder b) {
				return b.withHttpClientCustomizer((client) -> client.setRetryStrategy(twice));
			}
			return ((HttpComponentsClientHttpConnectorBuilder) builder)
				.withHttpClientCustomizer((client) -> client.setRetryStrategy(twice));
		}).send(Request.get(server.url("localhost") + "/"));
	}

	/**
	 * A strategy that records which socket it is given.
	 */
	private static TlsSocketStrategy recording(Stage stage) {
		TlsSocketStrategy strategy = new DefaultClientTlsStrategy(stage.certificates("good"));
		return (socket, target, port, attachment, context) -> {
			stage.note("TLS for " + target + " at " + socket.getInetAddress().getHostAddress() + ", attachment "
					+ attachment + ", context " + context.getClass().getName());
			stage.note(options(socket));
			stage.noteThread("TLS");
			return strategy.upgrade(socket, target, port, attachment, context);
		};
	}

	private static String options(Socket socket) throws IOException {
		return "socket SO_TIMEOUT " + socket.getSoTimeout() + " TCP_NODELAY " + socket.getTcpNoDelay()
				+ " SO_KEEPALIVE " + socket.getKeepAlive() + " SO_LINGER " + socket.getSoLinger() + " SO_REUSEADDR "
				+ socket.getReuseAddress() + " channel " + (socket.getChannel() != null);
	}

	private static void strategy(Stage stage, boolean onManager) throws IOException {
		RecordingServer server = stage.secureServer("good", ExchangeScenarios.ok());
		Caller caller = stage.caller((settings) -> settings.withTimeouts(Duration.ofSeconds(8), Duration.ofSeconds(9)),
				(builder) -> {
					HttpComponentsClientHttpRequestFactoryBuilder b = (HttpComponentsClientHttpRequestFactoryBuilder) builder;
					return (onManager
							? b.withConnectionManagerCustomizer(
									(manager) -> manager.setTlsSocketStrategy(recording(stage)))
							: b.withTlsSocketStrategyFactory((bundle) -> recording(stage)))
						.withSocketConfigCustomizer((config) -> config.setSoKeepAlive(true).setTcpNoDelay(true));
				});
		caller.send(Request.get("https://localhost:" + server.port() + "/1"));
		caller.send(Request.get("https://127.0.0.1:" + server.port() + "/2"));
	}

	private static void refusingStrategy(Stage stage) throws IOException {
		RecordingServer server = stage.secureServer("good", ExchangeScenarios.ok());
		TlsSocketStrategy refusing = (socket, target, port, attachment, context) -> {
			throw new IOException("pinned to another certificate");
		};
		stage
			.caller((builder) -> ((HttpComponentsClientHttpRequestFactoryBuilder) builder)
				.withConnectionManagerCustomizer((manager) -> manager.setTlsSocketStrategy(refusing)))
			.send(Request.get("https://localhost:" + server.port() + "/"));
	}

	private static void onReactorNetty(List<Scenario> scenarios) {
		List<Scenario> own = List.of(Scenario.of("callbacks of Reactor Netty", SettingScenarios::reactorNettyCallbacks),
				Scenario.of("callbacks of Reactor Netty on names", SettingScenarios::reactorNettyNameCallbacks),
				Scenario.of("pool and event loops of the application's own", SettingScenarios::reactorNettyPool),
				Scenario.of("client of Reactor Netty made by hand", SettingScenarios::reactorNettyByHand),
				Scenario.of("configuration of Reactor Netty", SettingScenarios::reactorNettyConfiguration),
				Scenario.of("address selector of Reactor Netty", SettingScenarios::reactorNettySelector),
				Scenario.of("retries of Reactor Netty switched off", (stage) -> {
					RecordingServer server = stage.server((exchange) -> exchange.close());
					stage.caller(Settings.reactorNetty((client) -> client.disableRetry(true)))
						.send(Request.get(server.url("localhost") + "/"));
				}), Scenario.of("channel initializer of Reactor Netty", SettingScenarios::reactorNettyInitializer));
		own.forEach((scenario) -> scenarios.add(scenario.on((client) -> client.library() == Library.REACTOR_NETTY)));
	}

	private static void reactorNettyCallbacks(Stage stage) throws IOException {
		RecordingServer server = stage.server(ExchangeScenarios.ok());
		Caller caller = stage
			.caller(Settings.reactorNetty((client) -> client.doOnConnect((config) -> stage.noteThread("connect"))
				.doOnConnected((connection) -> stage.noteThread("connected"))
				.doOnRequest((request, connection) -> stage.noteThread("request"))
				.doAfterRequest((request, connection) -> stage.noteThread("after request"))
				.doOnResponse((response, connection) -> stage.noteThread("response"))));
		caller.send(Request.get(server.url("localhost") + "/1"));
		caller.send(Request.get(server.url("localhost") + "/2"));
	}

	private static void reactorNettyNameCallbacks(Stage stage) throws IOException {
		RecordingServer server = stage.server(ExchangeScenarios.ok());
		Names names = Names.of("127.0.0.1").recordedBy(stage.transcript());
		Caller caller = stage.caller(Settings.names(names)
			.and(Settings.reactorNetty((client) -> client.doOnResolve((connection) -> stage.noteThread("resolve"))
				.doAfterResolve((connection, address) -> stage.noteThread("resolved " + address))
				.doOnResolveError((connection, ex) -> stage.noteThread("not resolved " + ex)))));
		caller.send(Request.get(server.url("callbacks.test") + "/1"));
	}

	private static void reactorNettyPool(Stage stage) throws IOException {
		RecordingServer server = stage.server(ExchangeScenarios.ok());
		ConnectionProvider pool = ConnectionProvider.builder("own").maxConnections(3).build();
		LoopResources loops = LoopResources.create("own-loop", 2, true);
		Setting setting = Settings.reactorNetty((client) -> HttpClient.create(pool)
			.runOn(loops)
			.doOnConnected((connection) -> stage.noteThread("connected")));
		Caller first = stage.caller(setting);
		Caller second = stage.caller(setting);
		first.send(Request.get(server.url("localhost") + "/first"));
		second.send(Request.get(server.url("localhost") + "/second"));
	}

	/**
	 * Next to a client that Boot built with the same settings. Without nettrace the two
	 * share a pool.
	 */
	private static void reactorNettyByHand(Stage stage) throws IOException {
		RecordingServer server = stage.server(ExchangeScenarios.ok());
		HttpClient client = HttpClient.create().compress(true);
		Setting byHand = (builder) -> (builder instanceof ReactorClientHttpRequestFactoryBuilder b)
				? b.withoutHttpClientDefaults().withHttpClientFactory(() -> client)
				: ((ReactorClientHttpConnectorBuilder) builder).withoutHttpClientDefaults()
					.withHttpClientFactory(() -> client);
		stage.caller(byHand).send(Request.get(server.url("127.0.0.1") + "/boot"));
		String status = client.headers((headers) -> headers.add("by", "hand"))
			.get()
			.uri(server.url("127.0.0.1") + "/hand")
			.responseSingle((response, body) -> body.asString().map((text) -> response.status() + " " + text))
			.block(Duration.ofSeconds(10));
		stage.note("by hand " + status);
	}

	/**
	 * What an application's callback finds in the client's configuration.
	 */
	private static void reactorNettyConfiguration(Stage stage) throws IOException {
		RecordingServer server = stage.server(ExchangeScenarios.ok());
		AddressResolverGroup<?> own = Names.of("127.0.0.1").onReactorNetty();
		stage.caller(Settings.reactorNetty((client) -> client.resolver(own)
			.doOnConnect((config) -> stage.note("its resolver is the application's: " + (config.resolver() == own)))))
			.send(Request.get(server.url("own.test") + "/"));
	}

	private static void reactorNettySelector(Stage stage) throws IOException {
		RecordingServer server = stage.server(ExchangeScenarios.ok());
		Names names = Names.of("127.0.0.3", "127.0.0.1").recordedBy(stage.transcript());
		stage.caller(Settings.names(names)
			.and(Settings.reactorNetty((client) -> client.resolvedAddressesSelector((config, addresses) -> {
				stage.noteThread("select of " + addresses);
				return addresses.subList(1, 2);
			})))).send(Request.get(server.url("selected.test") + "/"));
	}

	private static void reactorNettyInitializer(Stage stage) throws IOException {
		RecordingServer server = stage.server(ExchangeScenarios.ok());
		Setting setting = Settings.reactorNetty((client) -> client
			.doOnChannelInit((observer, channel, address) -> stage.noteThread("initialized for " + address)));
		Caller first = stage.caller(setting);
		first.send(Request.get(server.url("localhost") + "/1"));
		first.send(Request.get(server.url("localhost") + "/2"));
	}

	private static void onJetty(List<Scenario> scenarios) {
		List<Scenario> own = List.of(Scenario.of("listeners of Jetty", SettingScenarios::jettyListeners),
				Scenario.of("executor of Jetty", (stage) -> {
					RecordingServer server = stage.server(ExchangeScenarios.ok());
					Executor executor = Executors.newCachedThreadPool((task) -> daemon(task, "own-jetty"));
					stage.caller(Settings.jetty((client) -> {
						client.setExecutor(executor);
						client.getRequestListeners().addSuccessListener((request) -> stage.noteThread("success"));
					})).send(Request.get(server.url("localhost") + "/"));
				}));
		own.forEach((scenario) -> scenarios.add(scenario.on((client) -> client.library() == Library.JETTY)));
	}

	private static Thread daemon(Runnable task, String name) {
		Thread thread = new Thread(task, name);
		thread.setDaemon(true);
		return thread;
	}

	private static void jettyListeners(Stage stage) throws IOException {
		RecordingServer server = stage.server(ExchangeScenarios.ok());
		Caller caller = stage.caller(Settings.jetty((client) -> {
			client.getRequestListeners().addQueuedListener((request) -> stage.noteThread("queued"));
			client.getRequestListeners().addBeginListener((request) -> stage.note("begin"));
			client.setUserAgentField(null);
		}));
		caller.send(Request.get(server.url("localhost") + "/1"));
		caller.send(Request.get(server.url("localhost") + "/2"));
	}

	private static void onTheJdk(List<Scenario> scenarios) {
		scenarios.add(Scenario.of("executor of the JDK's client", (stage) -> {
			RecordingServer server = stage.server(ExchangeScenarios.ok());
			Executor executor = Executors.newCachedThreadPool((task) -> daemon(task, "own-jdk"));
			AtomicBoolean first = new AtomicBoolean(true);
			Executor recorded = (task) -> executor.execute(() -> {
				if (first.getAndSet(false)) {
					stage.noteThread("task");
				}
				task.run();
			});
			stage
				.caller((builder) -> (builder instanceof JdkClientHttpRequestFactoryBuilder b)
						? b.withExecutor(recorded) : ((JdkClientHttpConnectorBuilder) builder).withExecutor(recorded))
				.send(Request.get(server.url("127.0.0.1") + "/"));
		}).on((client) -> client.library() == Library.JDK));
		scenarios.add(Scenario.of("cookie handler and version of the JDK's client", (stage) -> {
			RecordingServer server = stage.server(ExchangeScenarios.status("200 OK", "Set-Cookie: session=1; Path=/"));
			Caller caller = stage.caller(Settings.jdk((client) -> client.cookieHandler(new java.net.CookieManager())
				.version(java.net.http.HttpClient.Version.HTTP_1_1)));
			caller.send(Request.get(server.url("localhost") + "/1"));
			caller.send(Request.get(server.url("localhost") + "/2"));
		}).on((client) -> client.library() == Library.JDK));
	}

}
