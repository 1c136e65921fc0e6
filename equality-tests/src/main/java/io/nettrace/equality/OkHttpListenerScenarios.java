package io.nettrace.equality;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

import io.micrometer.core.instrument.binder.okhttp3.OkHttpMetricsEventListener;
import io.micrometer.core.instrument.binder.okhttp3.OkHttpObservationInterceptor;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.observation.ObservationRegistry;
import okhttp3.Call;
import okhttp3.Credentials;
import okhttp3.Dispatcher;
import okhttp3.EventListener;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

import io.nettrace.equality.HttpConversation.Answer;

/**
 * Listeners of the application's own on OkHttp, also those that throw.
 */
final class OkHttpListenerScenarios {

	private OkHttpListenerScenarios() {
	}

	static void addTo(List<Scenario> scenarios) {
		scenarios.addAll(List.of(
				Scenario.of("listener",
						(stage) -> heard(stage, OkHttpScenarios.listening(stage, null), ExchangeScenarios.ok())),
				Scenario.of("listener, set on the injected builder", (stage) -> {
					RecordingServer server = stage.server(ExchangeScenarios.ok());
					stage.caller(Settings.okHttp(OkHttpScenarios.listening(stage, null)))
						.send(Request.get(server.url("localhost") + "/"));
				}), Scenario.of("listener of a bean", (stage) -> {
					RecordingServer server = stage.server(ExchangeScenarios.ok());
					stage
						.caller(stage.application(
								Application.customized(Settings.okHttp(OkHttpScenarios.listening(stage, null)))))
						.send(Request.get(server.url("localhost") + "/"));
				}).slow(), Scenario.of("listener of a builder that is instrumented by hand", (stage) -> {
					RecordingServer server = stage.server(ExchangeScenarios.ok());
					OkHttpClient.Builder builder = new OkHttpClient.Builder();
					OkHttpScenarios.listening(stage, null).accept(builder);
					Caller
						.of(stage.application().instrumented(OkHttpClient.Builder.class, builder).build(),
								stage.transcript())
						.send(Request.get(server.url("localhost") + "/"));
				}), Scenario.of("listener, redirected",
						(stage) -> heard(stage, OkHttpScenarios.listening(stage, null), (exchange) -> {
							if (exchange.number() == 1) {
								exchange.respond("302 Found", "", "Location: /there");
								return;
							}
							exchange.respond("200 OK", "there");
						})),
				Scenario.of("listener, connection ends",
						(stage) -> heard(stage, OkHttpScenarios.listening(stage, null),
								(exchange) -> exchange.close())),
				Scenario.of("listener, body ends early",
						(stage) -> heard(stage, OkHttpScenarios.listening(stage, null), (exchange) -> {
							exchange.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc");
							exchange.close();
						})),
				Scenario.of("listener, refused", (stage) -> {
					Caller caller = OkHttpScenarios.caller(stage, OkHttpScenarios.listening(stage, null));
					caller.send(Request.get("http://127.0.0.1:" + stage.closedPort() + "/"));
					caller.send(Request.get("http://unknown.test/"));
				}), Scenario.of("listener, TLS", (stage) -> {
					RecordingServer server = stage.secureServer("good", ExchangeScenarios.ok());
					Caller caller = OkHttpScenarios.caller(stage,
							OkHttpScenarios.trusting(stage, "good").andThen(OkHttpScenarios.listening(stage, null)));
					caller.send(Request.get("https://localhost:" + server.port() + "/1"));
					caller.send(Request.get("https://localhost:" + server.port() + "/2"));
					OkHttpScenarios
						.caller(stage,
								OkHttpScenarios.trusting(stage, "other")
									.andThen(OkHttpScenarios.listening(stage, null)))
						.send(Request.get("https://localhost:" + server.port() + "/3"));
				}), Scenario.of("listener, tunnel", OkHttpListenerScenarios::heardThroughTunnel),
				Scenario.of("listener, first address refuses", (stage) -> {
					RecordingServer server = stage.server(ExchangeScenarios.ok());
					OkHttpScenarios
						.caller(stage,
								OkHttpScenarios.listening(stage, null)
									.andThen((builder) -> builder.dns(Names.of("127.0.0.3", "127.0.0.1").onOkHttp())))
						.send(Request.get(server.url("two.test") + "/"));
				}), Scenario.of("listener that throws", OkHttpListenerScenarios::throwing),
				Scenario.of("listener that throws, enqueued", OkHttpListenerScenarios::throwingEnqueued),
				Scenario.of("two listeners", (stage) -> {
					EventListener both = new OwnListener(stage, null).plus(new OwnListener(stage, null));
					heard(stage, (builder) -> builder.eventListener(both), ExchangeScenarios.ok());
				}), Scenario.of("factory of listeners that throws",
						(stage) -> heard(stage, (builder) -> builder.eventListenerFactory((call) -> {
							throw new IllegalStateException("no listener");
						}), ExchangeScenarios.ok())),
				Scenario.of("factory of listeners that returns null",
						(stage) -> heard(stage,
								(builder) -> builder.eventListenerFactory((call) -> OkHttpScenarios.nothing()),
								ExchangeScenarios.ok())),
				Scenario.of("listener that cancels", OkHttpListenerScenarios::cancelling),
				Scenario.of("Micrometer's listener and interceptor", OkHttpListenerScenarios::micrometer),
				Scenario.of("factory of listeners that the application asks for", (stage) -> {
					EventListener.Factory own = (call) -> new OwnListener(stage, null);
					OkHttpClient client = OkHttpScenarios.byHand(stage, (builder) -> builder.eventListenerFactory(own));
					stage.note("its factory is the application's: " + (client.eventListenerFactory() == own));
				})));
	}

	private static void heard(Stage stage, Consumer<OkHttpClient.Builder> settings, Answer answer)
			throws IOException, InterruptedException {
		RecordingServer server = stage.server(answer);
		OkHttpClient client = OkHttpScenarios.byHand(stage, settings);
		Caller caller = Caller.of(client, stage.transcript());
		caller.send(Request.get(server.url("localhost") + "/1"));
		caller.send(Request.post(server.url("localhost") + "/2", "body"));
		OkHttpScenarios.enqueue(stage, client, Request.get(server.url("localhost") + "/3"));
	}

	static void heardThroughTunnel(Stage stage) throws IOException {
		RecordingServer target = stage.server("target", "127.0.0.1",
				new HttpConversation(stage.certificates("good"), ExchangeScenarios.ok()));
		RecordingServer proxy = stage.server(askingTunnel(target.address()));
		OkHttpScenarios.caller(stage,
				OkHttpScenarios.trusting(stage, "good")
					.andThen(OkHttpScenarios.listening(stage, null))
					.andThen((builder) -> {
						builder.proxy(new Proxy(Proxy.Type.HTTP, proxy.address()));
						builder.proxyAuthenticator((route, response) -> {
							stage.noteThread("asked by the proxy " + response.code() + " "
									+ response.header("Proxy-Authenticate"));
							return response.request()
								.newBuilder()
								.header("Proxy-Authorization", Credentials.basic("user", "secret"))
								.build();
						});
					}))
			.send(Request.get("https://good.test:" + target.port() + "/"));
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
			Caller caller = OkHttpScenarios.caller(stage, OkHttpScenarios.trusting(stage, "good")
				.andThen((builder) -> builder.eventListener(new OwnListener(stage, event))));
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
			ExecutorService executor = Executors.newCachedThreadPool((task) -> OkHttpScenarios.quiet(task));
			OkHttpClient client = OkHttpScenarios.byHand(stage,
					(builder) -> builder.eventListener(new OwnListener(stage, event))
						.dispatcher(new Dispatcher(executor)));
			OkHttpScenarios.enqueue(stage, client, Request.get(server.url("localhost") + "/" + event));
			executor.shutdown();
			if (!executor.awaitTermination(OkHttpScenarios.AT_MOST_SECONDS, TimeUnit.SECONDS)) {
				stage.note("its thread does not end");
			}
		}
	}

	private static void cancelling(Stage stage) throws IOException {
		RecordingServer server = stage.server((exchange) -> exchange.respond("200 OK", "x".repeat(200_000)));
		for (String event : List.of("callStart", "dnsStart", "dnsEnd", "connectStart", "connectEnd",
				"connectionAcquired", "requestHeadersStart", "requestHeadersEnd", "requestBodyEnd",
				"responseHeadersStart", "responseHeadersEnd", "responseBodyStart")) {
			stage.note("cancels at " + event);
			OkHttpClient client = OkHttpScenarios.byHand(stage,
					(builder) -> builder.eventListener(new CancellingListener(event)));
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
		Caller caller = OkHttpScenarios.caller(stage,
				(builder) -> builder.eventListener(OkHttpMetricsEventListener.builder(meters, "own.requests").build())
					.addInterceptor(OkHttpObservationInterceptor.builder(observations, "own.observations").build()));
		caller.send(Request.get(server.url("localhost") + "/1"));
		caller.send(Request.get("http://localhost:" + stage.closedPort() + "/2"));
		meters.getMeters().forEach((meter) -> stage.note("meter " + meter.getId()));
		meters.find("own.requests").timers().forEach((timer) -> stage.note("count " + timer.count()));
	}

}
