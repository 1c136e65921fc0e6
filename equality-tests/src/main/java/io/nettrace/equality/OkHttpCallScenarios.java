package io.nettrace.equality;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

import okhttp3.Call;
import okhttp3.Callback;
import okhttp3.Dispatcher;
import okhttp3.EventListener;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.RequestBody;
import okhttp3.Response;
import okio.BufferedSink;
import org.jspecify.annotations.Nullable;

/**
 * Calls of OkHttp that are executed, enqueued and cancelled.
 */
final class OkHttpCallScenarios {

	private OkHttpCallScenarios() {
	}

	static void addTo(List<Scenario> scenarios) {
		scenarios.addAll(List.of(Scenario.of("enqueued", (stage) -> {
			RecordingServer server = stage.server(ExchangeScenarios.ok());
			OkHttpClient client = ((Caller.Direct) stage.caller()).client();
			OkHttpScenarios.enqueue(stage, client, Request.get(server.url("localhost") + "/1"));
			OkHttpScenarios.enqueue(stage, client, Request.post(server.url("localhost") + "/2", "body"));
			OkHttpScenarios.enqueue(stage, client, Request.get("http://127.0.0.1:" + stage.closedPort() + "/3"));
		}), Scenario.of("callback that throws", OkHttpCallScenarios::throwingCallback),
				Scenario.of("limits of the dispatcher", OkHttpCallScenarios::limits),
				Scenario.of("cancelled while it waits for the dispatcher", OkHttpCallScenarios::cancelledInQueue),
				Scenario.of("cancelled while it waits for the response", (stage) -> cancelled(stage, false)),
				Scenario.of("cancelled while it waits for the response, enqueued", (stage) -> cancelled(stage, true)),
				Scenario.of("cancelled while it connects", OkHttpCallScenarios::cancelledConnect).slow(),
				Scenario.of("cancelled before it begins, and executed twice", OkHttpCallScenarios::cancelledBefore),
				Scenario.of("call time-out", (stage) -> {
					RecordingServer server = stage.server((exchange) -> exchange.holdUntilClosed());
					OkHttpClient client = OkHttpScenarios.byHand(stage,
							(builder) -> builder.callTimeout(OkHttpScenarios.SHORT));
					Caller.of(client, stage.transcript()).send(Request.get(server.url("localhost") + "/"));
					OkHttpScenarios.enqueue(stage, client, Request.get(server.url("localhost") + "/enqueued"));
				}).slow(), Scenario.of("body that is read in part", (stage) -> inPart(stage, 10)),
				Scenario.of("body that is not read", (stage) -> inPart(stage, 0)),
				Scenario.of("body that is written as a stream, and once", OkHttpCallScenarios::streamed),
				Scenario.of("body that fails to be written", OkHttpCallScenarios::failingBody),
				Scenario.of("Expect: 100-continue", (stage) -> {
					RecordingServer server = stage.server(ExchangeScenarios.ok());
					Caller caller = OkHttpScenarios.caller(stage, OkHttpScenarios.listening(stage, null));
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
		ExecutorService executor = Executors.newCachedThreadPool((task) -> OkHttpScenarios.quiet(task));
		OkHttpClient client = OkHttpScenarios.byHand(stage, (builder) -> builder.dispatcher(new Dispatcher(executor)));
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
			OkHttpScenarios.await(answered);
			Caller.awaitRelease();
		}
		executor.shutdown();
		stage.note("its threads end: " + executor.awaitTermination(OkHttpScenarios.AT_MOST_SECONDS, TimeUnit.SECONDS));
	}

	/**
	 * One call at a time, in the order in which they came.
	 */
	private static void limits(Stage stage) throws IOException, InterruptedException {
		CountDownLatch enqueued = new CountDownLatch(1);
		RecordingServer server = stage.server((exchange) -> {
			OkHttpScenarios.await(enqueued);
			exchange.respond("200 OK", exchange.requestLine());
		});
		Dispatcher dispatcher = new Dispatcher();
		dispatcher.setMaxRequestsPerHost(1);
		dispatcher.setIdleCallback(() -> stage.note("idle"));
		OkHttpClient client = OkHttpScenarios.byHand(stage, (builder) -> builder.dispatcher(dispatcher));
		CountDownLatch done = new CountDownLatch(4);
		for (int i = 1; i <= 4; i++) {
			client.newCall(Caller.Direct.request(Request.get(server.url("localhost") + "/" + i)))
				.enqueue(OkHttpScenarios.callback(stage, done));
		}
		stage.note("running " + dispatcher.runningCallsCount() + " queued " + dispatcher.queuedCallsCount());
		enqueued.countDown();
		OkHttpScenarios.await(done);
		Caller.awaitRelease();
		stage.note("running " + dispatcher.runningCallsCount() + " queued " + dispatcher.queuedCallsCount());
	}

	private static void cancelledInQueue(Stage stage) throws IOException {
		CountDownLatch asked = new CountDownLatch(1);
		CountDownLatch cancelled = new CountDownLatch(1);
		RecordingServer server = stage.server((exchange) -> {
			asked.countDown();
			OkHttpScenarios.await(cancelled);
			exchange.respond("200 OK", exchange.requestLine());
		});
		Dispatcher dispatcher = new Dispatcher();
		dispatcher.setMaxRequests(1);
		OkHttpClient client = OkHttpScenarios.byHand(stage,
				(builder) -> OkHttpScenarios.listening(stage, null).accept(builder.dispatcher(dispatcher)));
		CountDownLatch first = new CountDownLatch(1);
		CountDownLatch second = new CountDownLatch(1);
		client
			.newCall(Caller.Direct
				.request(Request.of(org.springframework.http.HttpMethod.DELETE, server.url("localhost") + "/1")))
			.enqueue(silent(first));
		OkHttpScenarios.await(asked);
		Caller.awaitRelease();
		Call waiting = client.newCall(Caller.Direct.request(Request.get(server.url("localhost") + "/2")));
		waiting.enqueue(silent(second));
		waiting.cancel();
		cancelled.countDown();
		OkHttpScenarios.await(first);
		OkHttpScenarios.await(second);
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
		OkHttpClient client = OkHttpScenarios.byHand(stage, (builder) -> {
		});
		Call call = client.newCall(Caller.Direct.request(Request.get(server.url("localhost") + "/1")));
		CountDownLatch done = new CountDownLatch(1);
		if (enqueued) {
			call.enqueue(OkHttpScenarios.callback(stage, done));
		}
		else {
			start(stage, call, done);
		}
		OkHttpScenarios.await(asked);
		call.cancel();
		OkHttpScenarios.await(done);
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
		OkHttpClient client = OkHttpScenarios.byHand(stage, (builder) -> builder.eventListener(new EventListener() {

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
		OkHttpScenarios.await(connects);
		call.cancel();
		OkHttpScenarios.await(done);
	}

	private static void cancelledBefore(Stage stage) throws IOException {
		RecordingServer server = stage.server(ExchangeScenarios.ok());
		OkHttpClient client = OkHttpScenarios.byHand(stage, OkHttpScenarios.listening(stage, null));
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
		OkHttpClient client = OkHttpScenarios.byHand(stage, (builder) -> {
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
		OkHttpClient client = OkHttpScenarios.byHand(stage, (builder) -> {
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
		OkHttpClient client = OkHttpScenarios.byHand(stage, OkHttpScenarios.listening(stage, null));
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

}
