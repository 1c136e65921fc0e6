package io.nettrace.equality;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

import okhttp3.Cache;
import okhttp3.ConnectionPool;
import okhttp3.Cookie;
import okhttp3.CookieJar;
import okhttp3.Credentials;
import okhttp3.HttpUrl;
import okhttp3.OkHttpClient;
import org.springframework.beans.factory.config.BeanDefinition;

/**
 * Clients of OkHttp and what they are built with.
 */
final class OkHttpClientScenarios {

	private OkHttpClientScenarios() {
	}

	static void addTo(List<Scenario> scenarios) {
		scenarios.addAll(List.of(Scenario.of("clients that are derived", OkHttpClientScenarios::derived),
				Scenario.of("traced and untraced clients that share a pool", (stage) -> {
					RecordingServer server = stage.server(ExchangeScenarios.ok());
					OkHttpClient own = new OkHttpClient();
					Caller untraced = Caller.of(own, stage.transcript());
					Caller traced = Caller.of(stage.application().instrumented(OkHttpClient.class, own),
							stage.transcript());
					untraced.send(Request.get(server.url("localhost") + "/1"));
					traced.send(Request.get(server.url("localhost") + "/2"));
					untraced.send(Request.get(server.url("localhost") + "/3"));
					stage.note("connections " + own.connectionPool().connectionCount());
				}), Scenario.of("settings of a client", OkHttpClientScenarios::configuration),
				Scenario.of("beans of clients", OkHttpClientScenarios::beans).slow(),
				Scenario.of("retries switched off", (stage) -> {
					RecordingServer server = stage.server((exchange) -> {
						exchange.respond("200 OK", "ok");
						exchange.close();
					});
					Caller caller = OkHttpScenarios.caller(stage, (builder) -> builder.retryOnConnectionFailure(false));
					caller.send(Request.get(server.url("localhost") + "/1"));
					caller.send(Request.get(server.url("localhost") + "/2"));
				}), Scenario.of("pool that keeps nothing", (stage) -> {
					RecordingServer server = stage.server(ExchangeScenarios.ok());
					Caller caller = OkHttpScenarios.caller(stage,
							(builder) -> builder.connectionPool(new ConnectionPool(0, 1, TimeUnit.MINUTES)));
					caller.send(Request.get(server.url("localhost") + "/1"));
					caller.send(Request.get(server.url("localhost") + "/2"));
				}), Scenario.of("pool that is emptied", (stage) -> {
					RecordingServer server = stage.server(ExchangeScenarios.ok());
					Caller.Direct caller = OkHttpScenarios.caller(stage, (builder) -> {
					});
					caller.send(Request.get(server.url("localhost") + "/1"));
					caller.client().connectionPool().evictAll();
					caller.send(Request.get(server.url("localhost") + "/2"));
				}), Scenario.of("dispatcher that is shut down", (stage) -> {
					RecordingServer server = stage.server(ExchangeScenarios.ok());
					OkHttpClient client = OkHttpScenarios.byHand(stage, OkHttpScenarios.listening(stage, null));
					client.dispatcher().executorService().shutdown();
					OkHttpScenarios.enqueue(stage, client, Request.get(server.url("localhost") + "/1"));
					Caller.of(client, stage.transcript()).send(Request.get(server.url("localhost") + "/2"));
				}), Scenario.of("addresses in turn", (stage) -> {
					RecordingServer server = stage.server(ExchangeScenarios.ok());
					stage.opened(new BlackHole("127.0.0.5", server.port()));
					OkHttpScenarios
						.caller(stage,
								(builder) -> builder.fastFallback(false)
									.connectTimeout(OkHttpScenarios.SHORT)
									.dns(Names.of("127.0.0.5", "127.0.0.1").onOkHttp()))
						.send(Request.get(server.url("two.test") + "/"));
				}).slow(), Scenario.of("cookie jar", OkHttpClientScenarios::cookies),
				Scenario.of("authenticator", OkHttpClientScenarios::authenticated),
				Scenario.of("cache", OkHttpClientScenarios::cached)));
	}

	private static void derived(Stage stage) throws IOException {
		RecordingServer server = stage.server(ExchangeScenarios.ok());
		OkHttpClient client = OkHttpScenarios.byHand(stage, OkHttpScenarios.listening(stage, null));
		OkHttpClient derived = client.newBuilder().readTimeout(Duration.ofSeconds(5)).build();
		OkHttpClient again = stage.application().instrumented(OkHttpClient.class, derived);
		stage.note("same pool " + (client.connectionPool() == again.connectionPool()) + " same dispatcher "
				+ (client.dispatcher() == again.dispatcher()));
		for (OkHttpClient each : List.of(client, derived, again)) {
			Caller.of(each, stage.transcript()).send(Request.get(server.url("localhost") + "/"));
		}
	}

	@SuppressWarnings("ReferenceEquality") // whether it is the same one
	private static void configuration(Stage stage) {
		OkHttpClient own = new OkHttpClient.Builder().addInterceptor((chain) -> chain.proceed(chain.request()))
			.addNetworkInterceptor((chain) -> chain.proceed(chain.request()))
			.connectTimeout(Duration.ofSeconds(1))
			.readTimeout(Duration.ofSeconds(2))
			.writeTimeout(Duration.ofSeconds(3))
			.callTimeout(Duration.ofSeconds(4))
			.pingInterval(Duration.ofSeconds(5))
			.webSocketCloseTimeout(Duration.ofSeconds(6))
			.minWebSocketMessageToCompress(7)
			.fastFallback(false)
			.followSslRedirects(false)
			.followRedirects(false)
			.retryOnConnectionFailure(false)
			.build();
		OkHttpClient client = stage.application().instrumented(OkHttpClient.class, own);
		stage.note(client.getClass().getName());
		stage.note("same " + Arrays.asList(own.authenticator() == client.authenticator(), own.cache() == client.cache(),
				own.certificatePinner() == client.certificatePinner(), own.connectionPool() == client.connectionPool(),
				own.connectionSpecs().equals(client.connectionSpecs()), own.cookieJar() == client.cookieJar(),
				own.dispatcher() == client.dispatcher(), own.dns() == client.dns(),
				own.hostnameVerifier() == client.hostnameVerifier(), own.interceptors().equals(client.interceptors()),
				own.networkInterceptors().equals(client.networkInterceptors()),
				own.protocols().equals(client.protocols()), own.proxy() == client.proxy(),
				own.proxyAuthenticator() == client.proxyAuthenticator(), own.proxySelector() == client.proxySelector(),
				own.socketFactory() == client.socketFactory(), own.sslSocketFactory() == client.sslSocketFactory(),
				own.x509TrustManager() == client.x509TrustManager()));
		stage.note(client.connectTimeoutMillis() + " " + client.readTimeoutMillis() + " " + client.writeTimeoutMillis()
				+ " " + client.callTimeoutMillis() + " " + client.pingIntervalMillis() + " "
				+ client.webSocketCloseTimeout() + " " + client.minWebSocketMessageToCompress() + " "
				+ client.fastFallback() + " " + client.followSslRedirects() + " " + client.followRedirects() + " "
				+ client.retryOnConnectionFailure());
	}

	/**
	 * A subclass, one in a scope, and a builder of which two clients are made.
	 */
	private static void beans(Stage stage) throws IOException {
		RecordingServer server = stage.server(ExchangeScenarios.ok());
		Application application = stage.application((context) -> {
			context.registerBean("subclass", OwnClient.class, OwnClient::new);
			context.registerBean("prototype", OkHttpClient.class,
					() -> new OkHttpClient.Builder().connectionPool(context.getBean(ConnectionPool.class)).build(),
					(definition) -> definition.setScope(BeanDefinition.SCOPE_PROTOTYPE));
			context.registerBean("pool", ConnectionPool.class, () -> new ConnectionPool());
			context.registerBean("singletonBuilder", OkHttpClient.Builder.class,
					() -> new OkHttpClient.Builder().connectionPool(context.getBean(ConnectionPool.class))
						.eventListenerFactory((call) -> new OwnListener(stage, null)));
		});
		OwnClient subclass = application.bean(OwnClient.class);
		stage.note("the subclass " + subclass.getClass().getName() + " " + subclass.isOwn());
		Caller.of(subclass, stage.transcript()).send(Request.get(server.url("localhost") + "/subclass"));
		OkHttpClient first = application.bean("prototype", OkHttpClient.class);
		OkHttpClient second = application.bean("prototype", OkHttpClient.class);
		stage.note("two of the prototype " + (first != second) + " "
				+ (first.connectionPool() == second.connectionPool()));
		OkHttpClient.Builder builder = application.bean("singletonBuilder", OkHttpClient.Builder.class);
		for (OkHttpClient each : List.of(first, second, builder.build(), builder.build())) {
			Caller.of(each, stage.transcript()).send(Request.get(server.url("localhost") + "/"));
		}
		stage.note("connections " + application.bean(ConnectionPool.class).connectionCount());
	}

	/**
	 * Of a class of the application's own.
	 */
	static class OwnClient extends OkHttpClient {

		boolean isOwn() {
			return true;
		}

	}

	private static void cookies(Stage stage) throws IOException {
		RecordingServer server = stage.server(ExchangeScenarios.status("200 OK", "Set-Cookie: session=1; Path=/"));
		List<Cookie> jar = new ArrayList<>();
		Caller caller = OkHttpScenarios.caller(stage, (builder) -> builder.cookieJar(new CookieJar() {

			@Override
			public void saveFromResponse(HttpUrl url, List<Cookie> cookies) {
				stage.noteThread("saves " + cookies);
				jar.addAll(cookies);
			}

			@Override
			public List<Cookie> loadForRequest(HttpUrl url) {
				stage.noteThread("loads " + jar);
				return List.copyOf(jar);
			}

		}));
		caller.send(Request.get(server.url("localhost") + "/1"));
		caller.send(Request.get(server.url("localhost") + "/2"));
	}

	private static void authenticated(Stage stage) throws IOException {
		RecordingServer server = stage.server((exchange) -> {
			if (exchange.number() == 1) {
				exchange.respond("401 Who", "", "WWW-Authenticate: Basic realm=\"own\"");
				return;
			}
			exchange.respond("200 OK", "ok");
		});
		OkHttpScenarios.caller(stage,
				OkHttpScenarios.listening(stage, null).andThen((builder) -> builder.authenticator((route, response) -> {
					stage.noteThread("asked by " + route + " " + response.code() + " " + response.challenges());
					return response.request()
						.newBuilder()
						.header("Authorization", Credentials.basic("user", "secret"))
						.build();
				})))
			.send(Request.post(server.url("localhost") + "/", "body"));
		RecordingServer failing = stage.server(ExchangeScenarios.status("401 Who"));
		OkHttpScenarios.caller(stage, (builder) -> builder.authenticator((route, response) -> {
			throw new IOException("thrown by the application");
		})).send(Request.get(failing.url("localhost") + "/"));
		OkHttpScenarios.caller(stage, (builder) -> builder.authenticator((route, response) -> {
			throw new IllegalStateException("thrown by the application");
		})).send(Request.get(failing.url("localhost") + "/"));
	}

	private static void cached(Stage stage) throws IOException {
		RecordingServer server = stage.server((exchange) -> {
			if (exchange.requestLine().contains("/fresh")) {
				exchange.respond("200 OK", "fresh", "Cache-Control: max-age=60");
				return;
			}
			exchange.respond((exchange.number() > 2) ? "304 Not Modified" : "200 OK",
					(exchange.number() > 2) ? "" : "old", "ETag: \"1\"", "Cache-Control: no-cache");
		});
		Path directory = Files.createTempDirectory("equality");
		try (Cache cache = new Cache(directory.toFile(), 1_000_000)) {
			Caller caller = OkHttpScenarios.caller(stage,
					OkHttpScenarios.listening(stage, null).andThen((builder) -> builder.cache(cache)));
			for (String path : List.of("/fresh", "/fresh", "/old", "/old")) {
				caller.send(Request.get(server.url("localhost") + path));
			}
			caller.send(Request.get(server.url("localhost") + "/none").header("Cache-Control", "only-if-cached"));
			stage.note(cache.requestCount() + " " + cache.networkCount() + " " + cache.hitCount());
			cache.delete();
		}
	}

}
