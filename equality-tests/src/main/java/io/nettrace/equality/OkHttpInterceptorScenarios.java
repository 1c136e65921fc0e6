package io.nettrace.equality;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

import okhttp3.Interceptor;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Response;

/**
 * Interceptors of the application's own on OkHttp.
 */
final class OkHttpInterceptorScenarios {

	private OkHttpInterceptorScenarios() {
	}

	static void addTo(List<Scenario> scenarios) {
		scenarios.addAll(List.of(Scenario.of("interceptors", OkHttpInterceptorScenarios::intercepted),
				Scenario.of("interceptor that asks twice", (stage) -> {
					RecordingServer server = stage.server(
							ExchangeScenarios.firstThen(ExchangeScenarios.status("503 Busy"), ExchangeScenarios.ok()));
					OkHttpScenarios.caller(stage, (builder) -> builder.addInterceptor((chain) -> {
						chain.proceed(chain.request()).close();
						return chain.proceed(chain.request());
					})).send(Request.get(server.url("localhost") + "/"));
				}), Scenario.of("network interceptor that sends a request on, changed", (stage) -> {
					RecordingServer server = stage.server(ExchangeScenarios.ok());
					OkHttpScenarios
						.caller(stage, (builder) -> builder.addNetworkInterceptor(
								(chain) -> chain.proceed(chain.request().newBuilder().header("X-Own", "1").build())))
						.send(Request.get(server.url("localhost") + "/"));
				}), Scenario.of("interceptor that answers itself", (stage) -> {
					RecordingServer server = stage.server(ExchangeScenarios.ok());
					OkHttpScenarios.caller(stage, (builder) -> builder.addInterceptor((chain) -> own(chain)))
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
					OkHttpScenarios
						.caller(stage,
								(builder) -> builder.addInterceptor((chain) -> chain.proceed(
										chain.request().newBuilder().url(other.url("127.0.0.2") + "/there").build())))
						.send(Request.get(server.url("localhost") + "/"));
				}), Scenario.of("interceptor that changes time-outs", (stage) -> {
					RecordingServer server = stage.server((exchange) -> exchange.hold());
					OkHttpScenarios
						.caller(stage, (builder) -> builder.addInterceptor(
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
		OkHttpScenarios.caller(stage, (builder) -> builder.addInterceptor(interceptor))
			.send(Request.get(server.url("localhost") + "/application"));
		OkHttpScenarios.caller(stage, (builder) -> builder.addNetworkInterceptor(interceptor))
			.send(Request.get(server.url("localhost") + "/network"));
	}

	private static void intercepted(Stage stage) throws IOException, InterruptedException {
		RecordingServer server = stage.server(ExchangeScenarios
			.firstThen(ExchangeScenarios.status("302 Found", "Location: /there"), ExchangeScenarios.ok()));
		Consumer<OkHttpClient.Builder> settings = (builder) -> builder
			.addInterceptor((chain) -> noted(stage, "application", chain))
			.addNetworkInterceptor((chain) -> noted(stage, "network", chain));
		OkHttpClient client = OkHttpScenarios.byHand(stage, settings);
		Caller.of(client, stage.transcript()).send(Request.get(server.url("localhost") + "/"));
		OkHttpScenarios.enqueue(stage, client, Request.get(server.url("localhost") + "/enqueued"));
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

}
