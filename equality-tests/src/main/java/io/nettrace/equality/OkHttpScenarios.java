package io.nettrace.equality;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

import javax.net.ssl.KeyManagerFactory;

import io.micrometer.core.instrument.binder.okhttp3.OkHttpMetricsEventListener;
import io.micrometer.core.instrument.binder.okhttp3.OkHttpObservationInterceptor;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.observation.ObservationRegistry;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.SslContextBuilder;
import okhttp3.Cache;
import okhttp3.Call;
import okhttp3.Callback;
import okhttp3.CertificatePinner;
import okhttp3.ConnectionPool;
import okhttp3.ConnectionSpec;
import okhttp3.Cookie;
import okhttp3.CookieJar;
import okhttp3.Credentials;
import okhttp3.Dispatcher;
import okhttp3.EventListener;
import okhttp3.HttpUrl;
import okhttp3.Interceptor;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.RequestBody;
import okhttp3.Response;
import okhttp3.WebSocket;
import okhttp3.WebSocketListener;
import okio.BufferedSink;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.config.BeanDefinition;
import reactor.core.publisher.Mono;
import reactor.netty.DisposableServer;
import reactor.netty.http.HttpProtocol;
import reactor.netty.http.server.HttpServer;

import io.nettrace.equality.HttpConversation.Answer;

/**
 * What an application does with OkHttp: settings of clients that are instrumented by
 * hand, on a builder, and as beans.
 */
final class OkHttpScenarios {

	private static final Duration SHORT = Duration.ofMillis(600);

	private static final long AT_MOST_SECONDS = 15;

	private OkHttpScenarios() {
	}

	static List<Scenario> all() {
		List<Scenario> scenarios = new ArrayList<>();
		listeners(scenarios);
		interceptors(scenarios);
		calls(scenarios);
		clients(scenarios);
		network(scenarios);
		scenarios.replaceAll((scenario) -> scenario.on((client) -> client.library() == Library.OK_HTTP));
		return scenarios;
	}

	/**
	 * A client of the application's own, instrumented by hand.
	 */
	private static OkHttpClient byHand(Stage stage, Consumer<OkHttpClient.Builder> settings) {
		OkHttpClient.Builder builder = new OkHttpClient.Builder();
		settings.accept(builder);
		return stage.application().instrumented(OkHttpClient.class, builder.build());
	}

	private static Caller.Direct caller(Stage stage, Consumer<OkHttpClient.Builder> settings) {
		return Caller.of(byHand(stage, settings), stage.transcript());
	}

	private static void listeners(List<Scenario> scenarios) {
		scenarios.addAll(List.of(
				Scenario.of("listener", (stage) -> heard(stage, listening(stage, null), ExchangeScenarios.ok())),
				Scenario.of("listener, set on the injected builder", (stage) -> {
					RecordingServer server = stage.server(ExchangeScenarios.ok());
					stage.caller(Settings.okHttp(listening(stage, null)))
						.send(Request.get(server.url("localhost") + "/"));
				}), Scenario.of("listener of a bean", (stage) -> {
					RecordingServer server = stage.server(ExchangeScenarios.ok());
					stage.caller(stage.application(Application.customized(Settings.okHttp(listening(stage, null)))))
						.send(Request.get(server.url("localhost") + "/"));
				}).slow(), Scenario.of("listener of a builder that is instrumented by hand", (stage) -> {
					RecordingServer server = stage.server(ExchangeScenarios.ok());
					OkHttpClient.Builder builder = new OkHttpClient.Builder();
					listening(stage, null).accept(builder);
					Caller
						.of(stage.application().instrumented(OkHttpClient.Builder.class, builder).build(),
								stage.transcript())
						.send(Request.get(server.url("localhost") + "/"));
				}), Scenario.of("listener, redirected", (stage) -> heard(stage, listening(stage, null), (exchange) -> {
					if (exchange.number() == 1) {
						exchange.respond("302 Found", "", "Location: /there");
						return;
					}
					exchange.respond("200 OK", "there");
				})),
				Scenario.of("listener, connection ends",
						(stage) -> heard(stage, listening(stage, null), (exchange) -> exchange.close())),
				Scenario.of("listener, body ends early", (stage) -> heard(stage, listening(stage, null), (exchange) -> {
					exchange.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc");
					exchange.close();
				})), Scenario.of("listener, refused", (stage) -> {
					Caller caller = caller(stage, listening(stage, null));
					caller.send(Request.get("http://127.0.0.1:" + stage.closedPort() + "/"));
					caller.send(Request.get("http://unknown.test/"));
				}), Scenario.of("listener, TLS", (stage) -> {
					RecordingServer server = stage.secureServer("good", ExchangeScenarios.ok());
					Caller caller = caller(stage, trusting(stage, "good").andThen(listening(stage, null)));
					caller.send(Request.get("https://localhost:" + server.port() + "/1"));
					caller.send(Request.get("https://localhost:" + server.port() + "/2"));
					caller(stage, trusting(stage, "other").andThen(listening(stage, null)))
						.send(Request.get("https://localhost:" + server.port() + "/3"));
				}), Scenario.of("listener, tunnel", OkHttpScenarios::heardThroughTunnel),
				Scenario.of("listener, first address refuses", (stage) -> {
					RecordingServer server = stage.server(ExchangeScenarios.ok());
					caller(stage,
							listening(stage, null)
								.andThen((builder) -> builder.dns(Names.of("127.0.0.3", "127.0.0.1").onOkHttp())))
						.send(Request.get(server.url("two.test") + "/"));
				}), Scenario.of("listener that throws", OkHttpScenarios::throwing),
				Scenario.of("listener that throws, enqueued", OkHttpScenarios::throwingEnqueued),
				Scenario.of("two listeners", (stage) -> {
					EventListener both = new OwnListener(stage, null).plus(new OwnListener(stage, null));
					heard(stage, (builder) -> builder.eventListener(both), ExchangeScenarios.ok());
				}), Scenario.of("factory of listeners that throws",
						(stage) -> heard(stage, (builder) -> builder.eventListenerFactory((call) -> {
							throw new IllegalStateException("no listener");
						}), ExchangeScenarios.ok())),
				Scenario.of("factory of listeners that returns null",
						(stage) -> heard(stage, (builder) -> builder.eventListenerFactory((call) -> nothing()),
								ExchangeScenarios.ok())),
				Scenario.of("listener that cancels", OkHttpScenarios::cancelling),
				Scenario.of("Micrometer's listener and interceptor", OkHttpScenarios::micrometer),
				Scenario.of("factory of listeners that the application asks for", (stage) -> {
					EventListener.Factory own = (call) -> new OwnListener(stage, null);
					OkHttpClient client = byHand(stage, (builder) -> builder.eventListenerFactory(own));
					stage.note("its factory is the application's: " + (client.eventListenerFactory() == own));
				})));
	}

	@SuppressWarnings({ "NullAway", "TypeParameterUnusedInFormals" })
	private static <T> T nothing() {
		return null;
	}

	private static Consumer<OkHttpClient.Builder> listening(Stage stage, @Nullable String throwsAt) {
		return (builder) -> builder.eventListenerFactory((call) -> {
			stage.noteThread("listener of " + call.request().method());
			return new OwnListener(stage, throwsAt);
		});
	}

	private static Consumer<OkHttpClient.Builder> trusting(Stage stage, String name) {
		return (builder) -> builder.sslSocketFactory(stage.certificates(name).getSocketFactory(), stage.trust(name));
	}

	private static void heard(Stage stage, Consumer<OkHttpClient.Builder> settings, Answer answer)
			throws IOException, InterruptedException {
		RecordingServer server = stage.server(answer);
		OkHttpClient client = byHand(stage, settings);
		Caller caller = Caller.of(client, stage.transcript());
		caller.send(Request.get(server.url("localhost") + "/1"));
		caller.send(Request.post(server.url("localhost") + "/2", "body"));
		enqueue(stage, client, Request.get(server.url("localhost") + "/3"));
	}

	private static void heardThroughTunnel(Stage stage) throws IOException {
		RecordingServer target = stage.server("target", "127.0.0.1",
				new HttpConversation(stage.certificates("good"), ExchangeScenarios.ok()));
		RecordingServer proxy = stage.server(askingTunnel(target.address()));
		caller(stage, trusting(stage, "good").andThen(listening(stage, null)).andThen((builder) -> {
			builder.proxy(new Proxy(Proxy.Type.HTTP, proxy.address()));
			builder.proxyAuthenticator((route, response) -> {
				stage.noteThread("asked by the proxy " + response.code() + " " + response.header("Proxy-Authenticate"));
				return response.request()
					.newBuilder()
					.header("Proxy-Authorization", Credentials.basic("user", "secret"))
					.build();
			});
		})).send(Request.get("https://good.test:" + target.port() + "/"));
	}

	/**
	 * A proxy that asks for a password first, and keeps the connection or not.
	 */
	private static Answer askingTunnel(InetSocketAddress target) {
		return (exchange) -> {
			if (exchange.number() == 1) {
				exchange.respond("407 Who are you", "", "Proxy-Authenticate: Basic realm=\"proxy\"");
				return;
			}
			if (exchange.number() == 2) {
				exchange.respond("407 Who are you", "", "Proxy-Authenticate: Basic realm=\"proxy\"",
						"Connection: close");
				exchange.close();
				return;
			}
			exchange.write("HTTP/1.1 200 Connected\r\n\r\n");
			exchange.connection().tunnel(target);
			exchange.close();
		};
	}

	/**
	 * Each event of a call that is answered, and of some that fail.
	 */
	private static void throwing(Stage stage) throws IOException {
		RecordingServer server = stage.server((exchange) -> {
			if (exchange.requestLine().contains("/cut")) {
				exchange.close();
				return;
			}
			if (exchange.requestLine().contains("/from")) {
				exchange.respond("302 Found", "", "Location: /to");
				return;
			}
			exchange.respond("200 OK", "ok");
		});
		RecordingServer secure = stage.secureServer("good", ExchangeScenarios.ok());
		int closed = stage.closedPort();
		for (String event : OwnListener.EVENTS) {
			stage.note("throws at " + event);
			Caller caller = caller(stage,
					trusting(stage, "good").andThen((builder) -> builder.eventListener(new OwnListener(stage, event))));
			caller.send(Request.post(server.url("localhost") + "/from/" + event, "body"));
			caller.send(Request.get(server.url("localhost") + "/cut/" + event));
			caller.send(Request.get("https://localhost:" + secure.port() + "/" + event));
			caller.send(Request.get("http://localhost:" + closed + "/" + event));
		}
	}

	private static void throwingEnqueued(Stage stage) throws IOException, InterruptedException {
		RecordingServer server = stage.server(ExchangeScenarios.ok());
		for (String event : List.of("callStart", "dispatcherQueueStart", "dispatcherQueueEnd", "dnsStart",
				"connectStart", "connectionAcquired", "responseBodyEnd", "connectionReleased", "callEnd")) {
			stage.note("throws at " + event);
			ExecutorService executor = Executors.newCachedThreadPool((task) -> quiet(task));
			OkHttpClient client = byHand(stage, (builder) -> builder.eventListener(new OwnListener(stage, event))
				.dispatcher(new Dispatcher(executor)));
			enqueue(stage, client, Request.get(server.url("localhost") + "/" + event));
			executor.shutdown();
			if (!executor.awaitTermination(AT_MOST_SECONDS, TimeUnit.SECONDS)) {
				stage.note("its thread does not end");
			}
		}
	}

	private static Thread quiet(Runnable task) {
		Thread thread = new Thread(task, "equality-dispatcher");
		thread.setDaemon(true);
		thread.setUncaughtExceptionHandler((failed, ex) -> {
		});
		return thread;
	}

	/**
	 * Enqueue a call, wait for what it calls back, and record that.
	 */
	private static void enqueue(Stage stage, OkHttpClient client, Request request) throws InterruptedException {
		CountDownLatch done = new CountDownLatch(1);
		stage.note("enqueue " + request.method() + " " + request.uri());
		try {
			client.newCall(Caller.Direct.request(request)).enqueue(callback(stage, done));
		}
		catch (RuntimeException ex) {
			stage.transcript().add(Outcomes.of(ex));
			return;
		}
		if (!done.await(AT_MOST_SECONDS, TimeUnit.SECONDS)) {
			stage.note("not called back");
		}
		Caller.awaitRelease();
	}

	private static Callback callback(Stage stage, CountDownLatch done) {
		return new Callback() {

			@Override
			public void onFailure(Call call, IOException failure) {
				stage.noteThread("failed");
				stage.transcript().add(Outcomes.of(failure));
				done.countDown();
			}

			@Override
			public void onResponse(Call call, Response response) throws IOException {
				try (response) {
					stage.noteThread("answered");
					stage.transcript().add(Outcomes.of(Caller.Direct.entity(response)));
				}
				finally {
					done.countDown();
				}
			}

		};
	}

	private static void cancelling(Stage stage) throws IOException {
		RecordingServer server = stage.server((exchange) -> exchange.respond("200 OK", "x".repeat(200_000)));
		for (String event : List.of("callStart", "dnsStart", "dnsEnd", "connectStart", "connectEnd",
				"connectionAcquired", "requestHeadersStart", "requestHeadersEnd", "requestBodyEnd",
				"responseHeadersStart", "responseHeadersEnd", "responseBodyStart")) {
			stage.note("cancels at " + event);
			OkHttpClient client = byHand(stage, (builder) -> builder.eventListener(new CancellingListener(event)));
			Call call = client
				.newCall(Caller.Direct.request(Request.post(server.url("localhost") + "/" + event, "body")));
			try (Response response = call.execute()) {
				stage.transcript().add(Outcomes.of(Caller.Direct.entity(response)));
			}
			catch (IOException ex) {
				stage.transcript().add(Outcomes.of(ex));
			}
			stage.note("cancelled: " + call.isCanceled());
		}
	}

	/**
	 * Cancels its call at an event.
	 */
	private static final class CancellingListener extends EventListener {

		private final String event;

		CancellingListener(String event) {
			this.event = event;
		}

		private void at(String name, Call call) {
			if (name.equals(this.event)) {
				call.cancel();
			}
		}

		@Override
		public void callStart(Call call) {
			at("callStart", call);
		}

		@Override
		public void dnsStart(Call call, String domainName) {
			at("dnsStart", call);
		}

		@Override
		public void dnsEnd(Call call, String domainName, List<java.net.InetAddress> inetAddressList) {
			at("dnsEnd", call);
		}

		@Override
		public void connectStart(Call call, InetSocketAddress inetSocketAddress, Proxy proxy) {
			at("connectStart", call);
		}

		@Override
		public void connectEnd(Call call, InetSocketAddress inetSocketAddress, Proxy proxy,
				@Nullable Protocol protocol) {
			at("connectEnd", call);
		}

		@Override
		public void connectionAcquired(Call call, okhttp3.Connection connection) {
			at("connectionAcquired", call);
		}

		@Override
		public void requestHeadersStart(Call call) {
			at("requestHeadersStart", call);
		}

		@Override
		public void requestHeadersEnd(Call call, okhttp3.Request request) {
			at("requestHeadersEnd", call);
		}

		@Override
		public void requestBodyEnd(Call call, long byteCount) {
			at("requestBodyEnd", call);
		}

		@Override
		public void responseHeadersStart(Call call) {
			at("responseHeadersStart", call);
		}

		@Override
		public void responseHeadersEnd(Call call, Response response) {
			at("responseHeadersEnd", call);
		}

		@Override
		public void responseBodyStart(Call call) {
			at("responseBodyStart", call);
		}

	}

	private static void micrometer(Stage stage) throws IOException {
		RecordingServer server = stage.server(ExchangeScenarios.ok());
		SimpleMeterRegistry meters = new SimpleMeterRegistry();
		ObservationRegistry observations = stage.application().bean(ObservationRegistry.class);
		Caller caller = caller(stage,
				(builder) -> builder.eventListener(OkHttpMetricsEventListener.builder(meters, "own.requests").build())
					.addInterceptor(OkHttpObservationInterceptor.builder(observations, "own.observations").build()));
		caller.send(Request.get(server.url("localhost") + "/1"));
		caller.send(Request.get("http://localhost:" + stage.closedPort() + "/2"));
		meters.getMeters().forEach((meter) -> stage.note("meter " + meter.getId()));
		meters.find("own.requests").timers().forEach((timer) -> stage.note("count " + timer.count()));
	}

	private static void interceptors(List<Scenario> scenarios) {
		scenarios.addAll(List.of(Scenario.of("interceptors", OkHttpScenarios::intercepted),
				Scenario.of("interceptor that asks twice", (stage) -> {
					RecordingServer server = stage.server(
							ExchangeScenarios.firstThen(ExchangeScenarios.status("503 Busy"), ExchangeScenarios.ok()));
					caller(stage, (builder) -> builder.addInterceptor((chain) -> {
						chain.proceed(chain.request()).close();
						return chain.proceed(chain.request());
					})).send(Request.get(server.url("localhost") + "/"));
				}), Scenario.of("network interceptor that sends a request on, changed", (stage) -> {
					RecordingServer server = stage.server(ExchangeScenarios.ok());
					caller(stage, (builder) -> builder.addNetworkInterceptor(
							(chain) -> chain.proceed(chain.request().newBuilder().header("X-Own", "1").build())))
						.send(Request.get(server.url("localhost") + "/"));
				}), Scenario.of("interceptor that answers itself", (stage) -> {
					RecordingServer server = stage.server(ExchangeScenarios.ok());
					caller(stage, (builder) -> builder.addInterceptor((chain) -> own(chain)))
						.send(Request.get(server.url("localhost") + "/"));
				}), Scenario.of("interceptor that throws", (stage) -> {
					throwingInterceptor(stage, (chain) -> {
						throw new IOException("thrown by the application");
					});
					throwingInterceptor(stage, (chain) -> {
						throw new IllegalStateException("thrown by the application");
					});
				}), Scenario.of("interceptor that throws when it has the response", (stage) -> {
					throwingInterceptor(stage, (chain) -> {
						chain.proceed(chain.request());
						throw new IOException("thrown by the application");
					});
					throwingInterceptor(stage, (chain) -> {
						chain.proceed(chain.request());
						throw new IllegalStateException("thrown by the application");
					});
				}), Scenario.of("interceptor that goes to another host", (stage) -> {
					RecordingServer other = stage.server("other", "127.0.0.2",
							new HttpConversation(ExchangeScenarios.ok()));
					RecordingServer server = stage.server(ExchangeScenarios.ok());
					caller(stage,
							(builder) -> builder.addInterceptor((chain) -> chain
								.proceed(chain.request().newBuilder().url(other.url("127.0.0.2") + "/there").build())))
						.send(Request.get(server.url("localhost") + "/"));
				}), Scenario.of("interceptor that changes time-outs", (stage) -> {
					RecordingServer server = stage.server((exchange) -> exchange.hold());
					caller(stage, (builder) -> builder.addInterceptor(
							(chain) -> chain.withReadTimeout(600, TimeUnit.MILLISECONDS).proceed(chain.request())))
						.send(Request.get(server.url("localhost") + "/"));
				}).slow()));
	}

	private static Response own(Interceptor.Chain chain) {
		return new Response.Builder().request(chain.request())
			.protocol(Protocol.HTTP_1_1)
			.code(299)
			.message("Own")
			.body(okhttp3.ResponseBody.create("own", (MediaType) null))
			.build();
	}

	private static void throwingInterceptor(Stage stage, Interceptor interceptor)
			throws IOException, InterruptedException {
		RecordingServer server = stage.server(ExchangeScenarios.ok());
		caller(stage, (builder) -> builder.addInterceptor(interceptor))
			.send(Request.get(server.url("localhost") + "/application"));
		caller(stage, (builder) -> builder.addNetworkInterceptor(interceptor))
			.send(Request.get(server.url("localhost") + "/network"));
	}

	private static void intercepted(Stage stage) throws IOException, InterruptedException {
		RecordingServer server = stage.server(ExchangeScenarios
			.firstThen(ExchangeScenarios.status("302 Found", "Location: /there"), ExchangeScenarios.ok()));
		Consumer<OkHttpClient.Builder> settings = (builder) -> builder
			.addInterceptor((chain) -> noted(stage, "application", chain))
			.addNetworkInterceptor((chain) -> noted(stage, "network", chain));
		OkHttpClient client = byHand(stage, settings);
		Caller.of(client, stage.transcript()).send(Request.get(server.url("localhost") + "/"));
		enqueue(stage, client, Request.get(server.url("localhost") + "/enqueued"));
	}

	private static Response noted(Stage stage, String name, Interceptor.Chain chain) throws IOException {
		okhttp3.Connection connection = chain.connection();
		stage.note(name + " " + chain.request().url() + " " + chain.request().headers().names() + " of "
				+ chain.call().getClass().getName() + " " + chain.connectTimeoutMillis() + " "
				+ chain.readTimeoutMillis() + " " + chain.writeTimeoutMillis());
		stage.note(name + " connection "
				+ ((connection != null) ? connection.route() + " " + connection.socket().getSoTimeout() : "none"));
		stage.noteThread(name);
		Response response = chain.proceed(chain.request());
		stage.noteThread(name + " " + response.code());
		return response;
	}

	private static void calls(List<Scenario> scenarios) {
		scenarios.addAll(List.of(Scenario.of("enqueued", (stage) -> {
			RecordingServer server = stage.server(ExchangeScenarios.ok());
			OkHttpClient client = ((Caller.Direct) stage.caller()).client();
			enqueue(stage, client, Request.get(server.url("localhost") + "/1"));
			enqueue(stage, client, Request.post(server.url("localhost") + "/2", "body"));
			enqueue(stage, client, Request.get("http://127.0.0.1:" + stage.closedPort() + "/3"));
		}), Scenario.of("callback that throws", OkHttpScenarios::throwingCallback),
				Scenario.of("limits of the dispatcher", OkHttpScenarios::limits),
				Scenario.of("cancelled while it waits for the dispatcher", OkHttpScenarios::cancelledInQueue),
				Scenario.of("cancelled while it waits for the response", (stage) -> cancelled(stage, false)),
				Scenario.of("cancelled while it waits for the response, enqueued", (stage) -> cancelled(stage, true)),
				Scenario.of("cancelled while it connects", OkHttpScenarios::cancelledConnect).slow(),
				Scenario.of("cancelled before it begins, and executed twice", OkHttpScenarios::cancelledBefore),
				Scenario.of("call time-out", (stage) -> {
					RecordingServer server = stage.server((exchange) -> exchange.holdUntilClosed());
					OkHttpClient client = byHand(stage, (builder) -> builder.callTimeout(SHORT));
					Caller.of(client, stage.transcript()).send(Request.get(server.url("localhost") + "/"));
					enqueue(stage, client, Request.get(server.url("localhost") + "/enqueued"));
				}).slow(), Scenario.of("body that is read in part", (stage) -> inPart(stage, 10)),
				Scenario.of("body that is not read", (stage) -> inPart(stage, 0)),
				Scenario.of("body that is written as a stream, and once", OkHttpScenarios::streamed),
				Scenario.of("body that fails to be written", OkHttpScenarios::failingBody),
				Scenario.of("Expect: 100-continue", (stage) -> {
					RecordingServer server = stage.server(ExchangeScenarios.ok());
					Caller caller = caller(stage, listening(stage, null));
					caller.send(Request.post(server.url("localhost") + "/1", "body").header("Expect", "100-continue"));
					caller.send(Request.post(server.url("localhost") + "/2", "body").header("Expect", "100-continue"));
				}), Scenario.of("clone of a call", (stage) -> {
					RecordingServer server = stage.server(ExchangeScenarios.ok());
					OkHttpClient client = ((Caller.Direct) stage.caller()).client();
					Call call = client.newCall(Caller.Direct.request(Request.get(server.url("localhost") + "/")));
					for (Call each : List.of(call, call.clone())) {
						try (Response response = each.execute()) {
							stage.note(response + " " + each.isExecuted() + " " + each.getClass().getName());
						}
					}
				}), Scenario.of("trailers", (stage) -> {
					RecordingServer server = stage.server((exchange) -> exchange.write(
							"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX-End: 1\r\n\r\n"));
					OkHttpClient client = ((Caller.Direct) stage.caller()).client();
					try (Response response = client
						.newCall(Caller.Direct.request(Request.get(server.url("localhost") + "/")))
						.execute()) {
						stage.note(response.body().string() + " " + response.trailers());
					}
				})));
	}

	private static void throwingCallback(Stage stage) throws IOException, InterruptedException {
		RecordingServer server = stage.server(ExchangeScenarios.ok());
		ExecutorService executor = Executors.newCachedThreadPool((task) -> quiet(task));
		OkHttpClient client = byHand(stage, (builder) -> builder.dispatcher(new Dispatcher(executor)));
		for (boolean checked : new boolean[] { true, false }) {
			CountDownLatch answered = new CountDownLatch(1);
			client.newCall(Caller.Direct.request(Request.get(server.url("localhost") + "/" + checked)))
				.enqueue(new Callback() {

					@Override
					public void onFailure(Call call, IOException failure) {
						stage.note("failed with " + failure);
					}

					@Override
					public void onResponse(Call call, Response response) throws IOException {
						response.close();
						stage.note("answered");
						answered.countDown();
						if (checked) {
							throw new IOException("thrown by the application");
						}
						throw new IllegalStateException("thrown by the application");
					}

				});
			await(answered);
			Caller.awaitRelease();
		}
		executor.shutdown();
		stage.note("its threads end: " + executor.awaitTermination(AT_MOST_SECONDS, TimeUnit.SECONDS));
	}

	/**
	 * One call at a time, in the order in which they came.
	 */
	private static void limits(Stage stage) throws IOException, InterruptedException {
		CountDownLatch enqueued = new CountDownLatch(1);
		RecordingServer server = stage.server((exchange) -> {
			await(enqueued);
			exchange.respond("200 OK", exchange.requestLine());
		});
		Dispatcher dispatcher = new Dispatcher();
		dispatcher.setMaxRequestsPerHost(1);
		dispatcher.setIdleCallback(() -> stage.note("idle"));
		OkHttpClient client = byHand(stage, (builder) -> builder.dispatcher(dispatcher));
		CountDownLatch done = new CountDownLatch(4);
		for (int i = 1; i <= 4; i++) {
			client.newCall(Caller.Direct.request(Request.get(server.url("localhost") + "/" + i)))
				.enqueue(callback(stage, done));
		}
		stage.note("running " + dispatcher.runningCallsCount() + " queued " + dispatcher.queuedCallsCount());
		enqueued.countDown();
		await(done);
		Caller.awaitRelease();
		stage.note("running " + dispatcher.runningCallsCount() + " queued " + dispatcher.queuedCallsCount());
	}

	private static void await(CountDownLatch latch) {
		try {
			if (!latch.await(AT_MOST_SECONDS, TimeUnit.SECONDS)) {
				throw new IllegalStateException("waited in vain");
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	private static void cancelledInQueue(Stage stage) throws IOException {
		CountDownLatch asked = new CountDownLatch(1);
		CountDownLatch cancelled = new CountDownLatch(1);
		RecordingServer server = stage.server((exchange) -> {
			asked.countDown();
			await(cancelled);
			exchange.respond("200 OK", exchange.requestLine());
		});
		Dispatcher dispatcher = new Dispatcher();
		dispatcher.setMaxRequests(1);
		OkHttpClient client = byHand(stage, (builder) -> listening(stage, null).accept(builder.dispatcher(dispatcher)));
		CountDownLatch first = new CountDownLatch(1);
		CountDownLatch second = new CountDownLatch(1);
		client
			.newCall(Caller.Direct
				.request(Request.of(org.springframework.http.HttpMethod.DELETE, server.url("localhost") + "/1")))
			.enqueue(silent(first));
		await(asked);
		Caller.awaitRelease();
		Call waiting = client.newCall(Caller.Direct.request(Request.get(server.url("localhost") + "/2")));
		waiting.enqueue(silent(second));
		waiting.cancel();
		cancelled.countDown();
		await(first);
		await(second);
		Caller.awaitRelease();
	}

	private static Callback silent(CountDownLatch done) {
		return new Callback() {

			@Override
			public void onFailure(Call call, IOException failure) {
				done.countDown();
			}

			@Override
			public void onResponse(Call call, Response response) {
				response.close();
				done.countDown();
			}

		};
	}

	private static void cancelled(Stage stage, boolean enqueued) throws IOException, InterruptedException {
		CountDownLatch asked = new CountDownLatch(1);
		RecordingServer server = stage.server((exchange) -> {
			if (exchange.number() == 1) {
				asked.countDown();
				exchange.holdUntilClosed();
				return;
			}
			exchange.respond("200 OK", "again");
		});
		OkHttpClient client = byHand(stage, (builder) -> {
		});
		Call call = client.newCall(Caller.Direct.request(Request.get(server.url("localhost") + "/1")));
		CountDownLatch done = new CountDownLatch(1);
		if (enqueued) {
			call.enqueue(callback(stage, done));
		}
		else {
			start(stage, call, done);
		}
		await(asked);
		call.cancel();
		await(done);
		Caller.of(client, stage.transcript()).send(Request.get(server.url("localhost") + "/2"));
	}

	private static void start(Stage stage, Call call, CountDownLatch done) {
		Thread thread = new Thread(() -> {
			try (Response response = call.execute()) {
				stage.note("answered " + response.code());
			}
			catch (IOException ex) {
				stage.transcript().add(Outcomes.of(ex));
			}
			done.countDown();
		}, "caller");
		thread.setDaemon(true);
		thread.start();
	}

	private static void cancelledConnect(Stage stage) throws IOException {
		BlackHole hole = stage.opened(new BlackHole("127.0.0.1", 0));
		stage.port("hole", hole.port());
		CountDownLatch connects = new CountDownLatch(1);
		OkHttpClient client = byHand(stage, (builder) -> builder.eventListener(new EventListener() {

			@Override
			public void connectStart(Call call, InetSocketAddress inetSocketAddress, Proxy proxy) {
				connects.countDown();
			}

			@Override
			public void connectFailed(Call call, InetSocketAddress inetSocketAddress, Proxy proxy,
					@Nullable Protocol protocol, IOException ioe) {
				stage.note("connect failed with " + ioe);
			}

		}));
		Call call = client.newCall(Caller.Direct.request(Request.get("http://127.0.0.1:" + hole.port() + "/")));
		CountDownLatch done = new CountDownLatch(1);
		start(stage, call, done);
		await(connects);
		call.cancel();
		await(done);
	}

	private static void cancelledBefore(Stage stage) throws IOException {
		RecordingServer server = stage.server(ExchangeScenarios.ok());
		OkHttpClient client = byHand(stage, listening(stage, null));
		Call call = client.newCall(Caller.Direct.request(Request.get(server.url("localhost") + "/")));
		call.cancel();
		for (int i = 0; i < 2; i++) {
			try (Response response = call.execute()) {
				stage.note("answered " + response.code());
			}
			catch (IOException | IllegalStateException ex) {
				stage.transcript().add(Outcomes.of(ex));
			}
		}
	}

	private static void inPart(Stage stage, int bytes) throws IOException {
		RecordingServer server = stage.server((exchange) -> exchange.respond("200 OK", "x".repeat(100_000)));
		OkHttpClient client = byHand(stage, (builder) -> {
		});
		for (int i = 1; i <= 2; i++) {
			try (Response response = client
				.newCall(Caller.Direct.request(Request.get(server.url("localhost") + "/" + i)))
				.execute()) {
				byte[] read = response.body().byteStream().readNBytes(bytes);
				stage.note("read " + read.length);
			}
			Caller.awaitRelease();
		}
	}

	private static void streamed(Stage stage) throws IOException {
		RecordingServer server = stage.server((exchange) -> {
			if (exchange.number() == 1) {
				exchange.respond("307 There", "", "Location: /there");
				return;
			}
			exchange.respond("200 OK", "ok");
		});
		OkHttpClient client = byHand(stage, (builder) -> {
		});
		for (boolean once : new boolean[] { true, false }) {
			try (Response response = client
				.newCall(new okhttp3.Request.Builder().url(server.url("localhost") + "/" + once)
					.post(body(once, (sink) -> sink.writeUtf8("streamed")))
					.build())
				.execute()) {
				stage.note(response.code() + " " + response.body().string());
			}
			Caller.awaitRelease();
		}
	}

	private static RequestBody body(boolean once, Writing writing) {
		return new RequestBody() {

			@Override
			public @Nullable MediaType contentType() {
				return null;
			}

			@Override
			public boolean isOneShot() {
				return once;
			}

			@Override
			public void writeTo(BufferedSink sink) throws IOException {
				writing.to(sink);
			}

		};
	}

	@FunctionalInterface
	private interface Writing {

		void to(BufferedSink sink) throws IOException;

	}

	private static void failingBody(Stage stage) throws IOException {
		RecordingServer server = stage.server(ExchangeScenarios.ok()).unreported();
		OkHttpClient client = byHand(stage, listening(stage, null));
		List<Writing> bodies = List.of((sink) -> {
			throw new IOException("thrown by the application");
		}, (sink) -> {
			throw new IllegalStateException("thrown by the application");
		});
		for (Writing body : bodies) {
			try (Response response = client.newCall(
					new okhttp3.Request.Builder().url(server.url("localhost") + "/").post(body(false, body)).build())
				.execute()) {
				stage.note("answered " + response.code());
			}
			catch (IOException | IllegalStateException ex) {
				stage.transcript().add(Outcomes.of(ex));
			}
		}
	}

	private static void clients(List<Scenario> scenarios) {
		scenarios.addAll(List.of(Scenario.of("clients that are derived", OkHttpScenarios::derived),
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
				}), Scenario.of("settings of a client", OkHttpScenarios::configuration),
				Scenario.of("beans of clients", OkHttpScenarios::beans).slow(),
				Scenario.of("retries switched off", (stage) -> {
					RecordingServer server = stage.server((exchange) -> {
						exchange.respond("200 OK", "ok");
						exchange.close();
					});
					Caller caller = caller(stage, (builder) -> builder.retryOnConnectionFailure(false));
					caller.send(Request.get(server.url("localhost") + "/1"));
					caller.send(Request.get(server.url("localhost") + "/2"));
				}), Scenario.of("pool that keeps nothing", (stage) -> {
					RecordingServer server = stage.server(ExchangeScenarios.ok());
					Caller caller = caller(stage,
							(builder) -> builder.connectionPool(new ConnectionPool(0, 1, TimeUnit.MINUTES)));
					caller.send(Request.get(server.url("localhost") + "/1"));
					caller.send(Request.get(server.url("localhost") + "/2"));
				}), Scenario.of("pool that is emptied", (stage) -> {
					RecordingServer server = stage.server(ExchangeScenarios.ok());
					Caller.Direct caller = caller(stage, (builder) -> {
					});
					caller.send(Request.get(server.url("localhost") + "/1"));
					caller.client().connectionPool().evictAll();
					caller.send(Request.get(server.url("localhost") + "/2"));
				}), Scenario.of("dispatcher that is shut down", (stage) -> {
					RecordingServer server = stage.server(ExchangeScenarios.ok());
					OkHttpClient client = byHand(stage, listening(stage, null));
					client.dispatcher().executorService().shutdown();
					enqueue(stage, client, Request.get(server.url("localhost") + "/1"));
					Caller.of(client, stage.transcript()).send(Request.get(server.url("localhost") + "/2"));
				}), Scenario.of("addresses in turn", (stage) -> {
					RecordingServer server = stage.server(ExchangeScenarios.ok());
					stage.opened(new BlackHole("127.0.0.5", server.port()));
					caller(stage,
							(builder) -> builder.fastFallback(false)
								.connectTimeout(SHORT)
								.dns(Names.of("127.0.0.5", "127.0.0.1").onOkHttp()))
						.send(Request.get(server.url("two.test") + "/"));
				}).slow(), Scenario.of("cookie jar", OkHttpScenarios::cookies),
				Scenario.of("authenticator", OkHttpScenarios::authenticated),
				Scenario.of("cache", OkHttpScenarios::cached)));
	}

	private static void derived(Stage stage) throws IOException {
		RecordingServer server = stage.server(ExchangeScenarios.ok());
		OkHttpClient client = byHand(stage, listening(stage, null));
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
		Caller caller = caller(stage, (builder) -> builder.cookieJar(new CookieJar() {

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
		caller(stage, listening(stage, null).andThen((builder) -> builder.authenticator((route, response) -> {
			stage.noteThread("asked by " + route + " " + response.code() + " " + response.challenges());
			return response.request().newBuilder().header("Authorization", Credentials.basic("user", "secret")).build();
		}))).send(Request.post(server.url("localhost") + "/", "body"));
		RecordingServer failing = stage.server(ExchangeScenarios.status("401 Who"));
		caller(stage, (builder) -> builder.authenticator((route, response) -> {
			throw new IOException("thrown by the application");
		})).send(Request.get(failing.url("localhost") + "/"));
		caller(stage, (builder) -> builder.authenticator((route, response) -> {
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
			Caller caller = caller(stage, listening(stage, null).andThen((builder) -> builder.cache(cache)));
			for (String path : List.of("/fresh", "/fresh", "/old", "/old")) {
				caller.send(Request.get(server.url("localhost") + path));
			}
			caller.send(Request.get(server.url("localhost") + "/none").header("Cache-Control", "only-if-cached"));
			stage.note(cache.requestCount() + " " + cache.networkCount() + " " + cache.hitCount());
			cache.delete();
		}
	}

	private static void network(List<Scenario> scenarios) {
		scenarios.addAll(List.of(Scenario.of("selector of proxies", OkHttpScenarios::selected),
				Scenario.of("selector of proxies that throws", (stage) -> {
					RecordingServer server = stage.server(ExchangeScenarios.ok());
					caller(stage, listening(stage, null)
						.andThen((builder) -> builder.proxySelector(new Selector(stage, () -> {
							throw new IllegalStateException("thrown by the application");
						})))).send(Request.get(server.url("localhost") + "/"));
				}), Scenario.of("proxy that asks for a password", OkHttpScenarios::heardThroughTunnel),
				Scenario.of("pinned to another certificate", (stage) -> {
					RecordingServer server = stage.secureServer("good", ExchangeScenarios.ok());
					caller(stage,
							trusting(stage, "good")
								.andThen((builder) -> builder.certificatePinner(new CertificatePinner.Builder()
									.add("localhost", "sha256/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")
									.build())))
						.send(Request.get("https://localhost:" + server.port() + "/"));
				}), Scenario.of("verifier of hosts", (stage) -> {
					RecordingServer server = stage.secureServer("good", ExchangeScenarios.ok());
					caller(stage,
							trusting(stage, "good").andThen((builder) -> builder.hostnameVerifier((host, session) -> {
								stage.noteThread("verifies " + host);
								return true;
							})))
						.send(Request.get("https://127.0.0.1:" + server.port() + "/1"));
					caller(stage,
							trusting(stage, "good").andThen((builder) -> builder.hostnameVerifier((host, session) -> {
								throw new IllegalStateException("thrown by the application");
							})))
						.send(Request.get("https://localhost:" + server.port() + "/2"));
				}), Scenario.of("specs of connections", (stage) -> {
					RecordingServer server = stage.secureServer("good", ExchangeScenarios.ok());
					caller(stage,
							trusting(stage, "good").andThen((builder) -> builder.connectionSpecs(
									List.of(ConnectionSpec.RESTRICTED_TLS, ConnectionSpec.COMPATIBLE_TLS))))
						.send(Request.get("https://localhost:" + server.port() + "/1"));
					caller(stage, (builder) -> builder.connectionSpecs(List.of(ConnectionSpec.RESTRICTED_TLS)))
						.send(Request.get("http://localhost:" + server.port() + "/2"));
				}), Scenario.of("redirect from TLS to plain", (stage) -> {
					RecordingServer plain = stage.server(ExchangeScenarios.ok());
					RecordingServer secure = stage.secureServer("good",
							ExchangeScenarios.status("302 Found", "Location: " + plain.url("localhost") + "/plain"));
					caller(stage, trusting(stage, "good").andThen(listening(stage, null)))
						.send(Request.get("https://localhost:" + secure.port() + "/"));
					caller(stage, trusting(stage, "good").andThen((builder) -> builder.followSslRedirects(false)))
						.send(Request.get("https://localhost:" + secure.port() + "/"));
				}), Scenario.of("HTTP/2 in clear text", (stage) -> http2(stage, false)),
				Scenario.of("HTTP/2", (stage) -> http2(stage, true)),
				Scenario.of("HTTP/2, five at once", OkHttpScenarios::atOnce),
				Scenario.of("WebSocket", OkHttpScenarios::webSocket),
				Scenario.of("WebSocket that is refused", (stage) -> {
					RecordingServer server = stage.server(ExchangeScenarios.status("403 No")).unreported();
					CountDownLatch done = new CountDownLatch(1);
					byHand(stage, listening(stage, null)).newWebSocket(
							new okhttp3.Request.Builder().url(server.url("localhost") + "/").build(),
							new OwnSocket(stage, done));
					await(done);
				})));
	}

	private static void selected(Stage stage) throws IOException {
		RecordingServer target = stage.server("target", "127.0.0.2", new HttpConversation(ExchangeScenarios.ok()));
		RecordingServer proxy = stage.server(ExchangeScenarios.ok());
		Proxy refusing = new Proxy(Proxy.Type.HTTP, new InetSocketAddress("127.0.0.1", stage.closedPort()));
		Proxy working = new Proxy(Proxy.Type.HTTP, proxy.address());
		Caller caller = caller(stage, listening(stage, null).andThen((builder) -> builder
			.proxySelector(new Selector(stage, () -> List.of(refusing, working, Proxy.NO_PROXY)))));
		caller.send(Request.get(target.url("127.0.0.2") + "/1"));
		caller.send(Request.get(target.url("127.0.0.2") + "/2"));
		caller(stage, (builder) -> builder.proxySelector(new Selector(stage, () -> List.of(refusing, Proxy.NO_PROXY))))
			.send(Request.get(target.url("127.0.0.2") + "/3"));
		caller(stage, (builder) -> builder.proxySelector(new Selector(stage, Collections::emptyList)))
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
						await(all);
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
		Consumer<OkHttpClient.Builder> protocol = secure ? trusting(stage, "good")
				: (builder) -> builder.protocols(List.of(Protocol.H2_PRIOR_KNOWLEDGE));
		OkHttpClient client = byHand(stage, protocol.andThen(listening(stage, null)));
		Caller caller = Caller.of(client, stage.transcript());
		String url = (secure ? "https" : "http") + "://localhost:" + server.port();
		caller.send(Request.get(url + "/1"));
		caller.send(Request.post(url + "/2", "body"));
		enqueue(stage, client, Request.get(url + "/3"));
		stage.note("connections " + client.connectionPool().connectionCount());
		client.connectionPool().evictAll();
	}

	private static void atOnce(Stage stage) throws Exception {
		DisposableServer server = http2Server(stage, false, new CountDownLatch(1));
		OkHttpClient client = byHand(stage, (builder) -> builder.protocols(List.of(Protocol.H2_PRIOR_KNOWLEDGE)));
		Caller caller = Caller.of(client, stage.transcript());
		caller.send(Request.get("http://localhost:" + server.port() + "/first"));
		caller.sendAtOnce(Collections.nCopies(5, Request.get("http://localhost:" + server.port() + "/")));
		stage.note("connections " + client.connectionPool().connectionCount());
		client.connectionPool().evictAll();
	}

	private static void webSocket(Stage stage) throws IOException {
		RecordingServer server = stage.server("server", "127.0.0.1", new WebSocketConversation());
		CountDownLatch done = new CountDownLatch(1);
		OkHttpClient client = byHand(stage, listening(stage, null));
		client.newWebSocket(new okhttp3.Request.Builder().url("ws://localhost:" + server.port() + "/").build(),
				new OwnSocket(stage, done));
		await(done);
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
