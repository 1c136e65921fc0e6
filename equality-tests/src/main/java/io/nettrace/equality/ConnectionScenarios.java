package io.nettrace.equality;

import java.io.IOException;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import okhttp3.OkHttpClient;
import org.springframework.web.client.RestClient;
import org.springframework.web.reactive.function.client.WebClient;
import reactor.core.Disposable;

import io.nettrace.equality.HttpConversation.Answer;

/**
 * Shared connections, and connections that fail at various points.
 */
final class ConnectionScenarios {

	private static final Duration SHORT = Duration.ofMillis(600);

	private ConnectionScenarios() {
	}

	static List<Scenario> all() {
		return List.of(Scenario.of("five in turn", ConnectionScenarios::inTurn),
				Scenario.of("two clients of one builder", ConnectionScenarios::oneBuilder),
				Scenario.of("two clients of one application", ConnectionScenarios::oneApplication),
				Scenario.of("clients of two applications", ConnectionScenarios::twoApplications).slow(),
				Scenario.of("connection: close", ConnectionScenarios::notKept),
				Scenario.of("20 at once", ConnectionScenarios::atOnce).slow(),
				Scenario.of("pooled connection that was closed, GET", (stage) -> stale(stage, false)),
				Scenario.of("pooled connection that was closed, POST", (stage) -> stale(stage, true)),
				Scenario.of("pooled connection that ends before a byte, GET", (stage) -> endsInUse(stage, false)),
				Scenario.of("pooled connection that ends before a byte, POST", (stage) -> endsInUse(stage, true)),
				Scenario.of("ends before a byte, GET",
						(stage) -> one(stage, (exchange) -> exchange.close(), Request.get(""))),
				Scenario.of("ends before a byte, POST",
						(stage) -> one(stage, (exchange) -> exchange.close(), Request.post("", "lost"))),
				Scenario.of("ends in the head",
						(stage) -> one(stage, truncated("HTTP/1.1 200 OK\r\nX: y"), Request.get(""))),
				Scenario.of("ends in the body",
						(stage) -> one(stage, truncated("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"),
								Request.get(""))),
				Scenario.of("ends in a chunk", (stage) -> one(stage,
						truncated("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc"), Request.get(""))),
				Scenario.of("reset", (stage) -> one(stage, (exchange) -> exchange.reset(), Request.get(""))),
				Scenario.of("not HTTP", (stage) -> one(stage, truncated("SSH-2.0-Server\r\n\r\n"), Request.get(""))),
				Scenario
					.of("read time-out before the head",
							(stage) -> timedOut(stage, (exchange) -> exchange.holdUntilClosed()))
					.slow(),
				Scenario.of("read time-out in the body", (stage) -> timedOut(stage, (exchange) -> {
					exchange.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc");
					exchange.holdUntilClosed();
				})).slow(),
				Scenario.of("refused",
						(stage) -> stage.caller().send(Request.get("http://127.0.0.1:" + stage.closedPort() + "/"))),
				Scenario.of("refused, POST",
						(stage) -> stage.caller()
							.send(Request.post("http://localhost:" + stage.closedPort() + "/", "never"))),
				Scenario.of("connect time-out", ConnectionScenarios::blackHole).slow(),
				Scenario.of("interrupted while it waits for the response", ConnectionScenarios::interrupted).slow(),
				Scenario.of("interrupted while it connects", ConnectionScenarios::interruptedConnect).slow(),
				Scenario.of("interrupted before it begins", ConnectionScenarios::interruptedBefore),
				Scenario.of("cancelled while it waits for the response", ConnectionScenarios::cancelled)
					.on(Client::isReactive),
				Scenario.of("cancelled while it connects", ConnectionScenarios::cancelledConnect)
					.on(Client::isReactive)
					.slow());
	}

	private static void one(Stage stage, Answer answer, Request request) throws IOException {
		stage.caller().send(at(stage.server(answer), request));
	}

	private static Request at(RecordingServer server, Request request) {
		Request located = Request.of(request.method(), server.url("localhost") + "/a");
		return new Request(located.method(), located.uri(), request.headers(), request.body());
	}

	private static Answer truncated(String text) {
		return (exchange) -> {
			exchange.write(text);
			exchange.close();
		};
	}

	private static void inTurn(Stage stage) throws IOException {
		RecordingServer server = stage.server(ExchangeScenarios.ok());
		Caller caller = stage.caller();
		for (int i = 1; i <= 5; i++) {
			caller.send(Request.get(server.url("localhost") + "/" + i));
		}
		caller.send(Request.get(server.url("127.0.0.1") + "/by-address"));
	}

	private static void oneBuilder(Stage stage) throws IOException {
		RecordingServer server = stage.server(ExchangeScenarios.ok());
		Caller first;
		Caller second;
		if (stage.client().library() == Library.OK_HTTP) {
			OkHttpClient.Builder builder = stage.application().bean(OkHttpClient.Builder.class);
			first = Caller.of(builder.build(), stage.transcript());
			second = Caller.of(builder.build(), stage.transcript());
		}
		else if (stage.client().isReactive()) {
			WebClient.Builder builder = stage.application().bean(WebClient.Builder.class);
			first = Caller.of(builder, stage.transcript());
			second = Caller.of(builder, stage.transcript());
		}
		else {
			RestClient.Builder builder = stage.application().bean(RestClient.Builder.class);
			first = Caller.of(builder, stage.transcript());
			second = Caller.of(builder, stage.transcript());
		}
		first.send(Request.get(server.url("localhost") + "/first"));
		second.send(Request.get(server.url("localhost") + "/second"));
		first.send(Request.get(server.url("localhost") + "/third"));
	}

	private static void oneApplication(Stage stage) throws IOException {
		RecordingServer server = stage.server(ExchangeScenarios.ok());
		Caller built = stage.caller();
		Caller injected = stage.caller((builder) -> builder);
		Caller limited = stage.settings((settings) -> settings.withReadTimeout(Duration.ofSeconds(30)));
		for (int i = 1; i <= 2; i++) {
			built.send(Request.get(server.url("localhost") + "/built"));
			injected.send(Request.get(server.url("localhost") + "/injected"));
			limited.send(Request.get(server.url("localhost") + "/limited"));
		}
	}

	private static void twoApplications(Stage stage) throws IOException {
		RecordingServer server = stage.server(ExchangeScenarios.ok());
		Caller first = stage.caller();
		Caller second = stage.caller(stage.application((context) -> {
		}));
		for (int i = 1; i <= 2; i++) {
			first.send(Request.get(server.url("localhost") + "/first"));
			second.send(Request.get(server.url("localhost") + "/second"));
		}
	}

	private static void notKept(Stage stage) throws IOException {
		RecordingServer server = stage.server((exchange) -> {
			exchange.respond("200 OK", "", "Connection: close");
			exchange.close();
		});
		Caller caller = stage.caller();
		caller.send(Request.get(server.url("localhost") + "/1"));
		caller.send(Request.get(server.url("localhost") + "/2"));
		caller.send(Request.get(server.url("localhost") + "/3").header("Connection", "close"));
	}

	private static void atOnce(Stage stage) throws IOException, InterruptedException {
		CountDownLatch time = new CountDownLatch(1);
		RecordingServer server = stage.server((exchange) -> {
			await(time, 1500);
			exchange.respond("200 OK", "ok");
		}).counted();
		stage.caller().sendAtOnce(Collections.nCopies(20, Request.get(server.url("localhost") + "/")));
		time.countDown();
	}

	private static boolean await(CountDownLatch latch, long millis) {
		try {
			return latch.await(millis, TimeUnit.MILLISECONDS);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			return false;
		}
	}

	private static void stale(Stage stage, boolean post) throws IOException {
		RecordingServer server = stage.server((exchange) -> {
			exchange.respond("200 OK", "ok");
			exchange.close();
		});
		twice(stage, server, post);
	}

	private static void endsInUse(Stage stage, boolean post) throws IOException {
		RecordingServer server = stage.server((exchange) -> {
			if (exchange.number() == 2) {
				exchange.close();
				return;
			}
			exchange.respond("200 OK", "ok");
		});
		twice(stage, server, post);
	}

	private static void twice(Stage stage, RecordingServer server, boolean post) {
		Caller caller = stage.caller();
		caller.send(Request.get(server.url("localhost") + "/1"));
		caller.send(post ? Request.post(server.url("localhost") + "/2", "once only")
				: Request.get(server.url("localhost") + "/2"));
	}

	private static void timedOut(Stage stage, Answer answer) throws IOException, InterruptedException {
		RecordingServer server = stage.server(answer);
		stage.settings((settings) -> settings.withReadTimeout(SHORT))
			.sendOrGiveUp(Request.get(server.url("localhost") + "/a"));
	}

	private static BlackHole openBlackHole(Stage stage) throws IOException {
		BlackHole hole = stage.opened(new BlackHole("127.0.0.1", 0));
		stage.port("black hole", hole.port());
		return hole;
	}

	private static void blackHole(Stage stage) throws IOException {
		BlackHole hole = openBlackHole(stage);
		stage.settings((settings) -> settings.withConnectTimeout(SHORT))
			.send(Request.get("http://127.0.0.1:" + hole.port() + "/"));
		stage.settings((settings) -> settings.withConnectTimeout(SHORT))
			.send(Request.get("http://localhost:" + hole.port() + "/"));
	}

	private static void interrupted(Stage stage) throws IOException, InterruptedException {
		CountDownLatch asked = new CountDownLatch(1);
		RecordingServer server = stage.server((exchange) -> {
			if (exchange.number() == 1) {
				asked.countDown();
				exchange.hold();
				return;
			}
			exchange.respond("200 OK", "again");
		});
		Caller caller = stage.settings((settings) -> settings.withReadTimeout(Duration.ofSeconds(2)));
		Thread thread = new Thread(() -> {
			caller.send(Request.get(server.url("localhost") + "/1"));
			stage.note("interrupted: " + Thread.currentThread().isInterrupted());
		}, "interrupted");
		thread.start();
		await(asked, 10_000);
		Caller.awaitRelease(); // by now it reads
		thread.interrupt();
		thread.join();
		caller.send(Request.get(server.url("localhost") + "/2"));
	}

	private static void interruptedConnect(Stage stage) throws IOException, InterruptedException {
		BlackHole hole = openBlackHole(stage);
		Caller caller = stage.settings((settings) -> settings.withConnectTimeout(Duration.ofSeconds(2)));
		Thread thread = new Thread(() -> {
			caller.send(Request.get("http://127.0.0.1:" + hole.port() + "/"));
			stage.note("interrupted: " + Thread.currentThread().isInterrupted());
		}, "interrupted");
		thread.start();
		await(new CountDownLatch(1), 500);
		thread.interrupt();
		thread.join();
	}

	private static void interruptedBefore(Stage stage) throws IOException {
		RecordingServer server = stage.server(ExchangeScenarios.ok()).unreported();
		Caller caller = stage.caller();
		caller.send(Request.get(server.url("localhost") + "/before"));
		Thread.currentThread().interrupt();
		stage.transcript().add(caller.outcome(Request.get(server.url("localhost") + "/interrupted")));
		stage.note("interrupted: " + Thread.interrupted());
		caller.send(Request.get(server.url("localhost") + "/after"));
	}

	private static void cancelled(Stage stage) throws IOException {
		CountDownLatch asked = new CountDownLatch(1);
		RecordingServer server = stage.server((exchange) -> {
			if (exchange.number() == 1) {
				asked.countDown();
				exchange.holdUntilClosed();
				return;
			}
			exchange.respond("200 OK", "again");
		});
		Caller.Reactive caller = (Caller.Reactive) stage.caller();
		Disposable subscription = caller.mono(Request.get(server.url("localhost") + "/1"))
			.doFinally((signal) -> stage.note("ends with " + signal))
			.subscribe();
		await(asked, 10_000);
		subscription.dispose();
		caller.send(Request.get(server.url("localhost") + "/2"));
	}

	private static void cancelledConnect(Stage stage) throws IOException {
		BlackHole hole = openBlackHole(stage);
		RecordingServer server = stage.server(ExchangeScenarios.ok());
		Caller.Reactive caller = (Caller.Reactive) stage.caller();
		Disposable subscription = caller.mono(Request.get("http://127.0.0.1:" + hole.port() + "/"))
			.doFinally((signal) -> stage.note("ends with " + signal))
			.subscribe((response) -> stage.note("response"), (ex) -> stage.transcript().add(Outcomes.of(ex)));
		await(new CountDownLatch(1), 500);
		subscription.dispose();
		caller.send(Request.get(server.url("localhost") + "/2"));
	}

}
