package io.nettrace.equality;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.zip.GZIPOutputStream;

import org.springframework.http.HttpMethod;

import io.nettrace.equality.HttpConversation.Answer;
import io.nettrace.equality.HttpConversation.Exchange;

/**
 * Requests, responses, redirects, retries and cookies over healthy connections.
 */
final class ExchangeScenarios {

	private ExchangeScenarios() {
	}

	static List<Scenario> all() {
		return List.of(Scenario.of("GET", (stage) -> one(stage, ok(), Request.get(""))),
				Scenario.of("GET with query, user info and headers", ExchangeScenarios::decorated),
				Scenario.of("HEAD", (stage) -> one(stage, ok(), Request.of(HttpMethod.HEAD, ""))),
				Scenario.of("POST", (stage) -> one(stage, ok(), Request.post("", "a=b"))),
				Scenario.of("PUT, large",
						(stage) -> one(stage, ok(), Request.of(HttpMethod.PUT, "").body(new byte[300_000]))),
				Scenario.of("DELETE and PATCH", ExchangeScenarios::deleteAndPatch),
				Scenario.of("chunked response", (stage) -> one(stage, chunked(), Request.get(""))),
				Scenario.of("large response",
						(stage) -> one(stage, (exchange) -> exchange.respond("200 OK", "x".repeat(400_000)),
								Request.get(""))),
				Scenario.of("response until the connection ends", (stage) -> one(stage, (exchange) -> {
					exchange.write("HTTP/1.1 200 OK\r\n\r\nto the end");
					exchange.close();
				}, Request.get(""))),
				Scenario.of("gzip", (stage) -> one(stage, gzip(), Request.get("").header("Accept-Encoding", "gzip"))),
				Scenario.of("204", (stage) -> one(stage, status("204 No Content"), Request.get(""))),
				Scenario.of("304", (stage) -> one(stage, status("304 Not Modified"), Request.get(""))),
				Scenario.of("404", (stage) -> one(stage, status("404 Not Found"), Request.get(""))),
				Scenario.of("500", (stage) -> one(stage, status("500 Oops"), Request.get(""))),
				Scenario.of("503 with Retry-After",
						(stage) -> one(stage, firstThen(status("503 Busy", "Retry-After: 0"), ok()), Request.get(""))),
				Scenario.of("429 with Retry-After",
						(stage) -> one(stage, firstThen(status("429 Many", "Retry-After: 0"), ok()), Request.get(""))),
				Scenario.of("503", (stage) -> one(stage, firstThen(status("503 Busy"), ok()), Request.get(""))).slow(),
				Scenario.of("503 for a POST",
						(stage) -> one(stage, firstThen(status("503 Busy", "Retry-After: 0"), ok()),
								Request.post("", "again?"))),
				Scenario.of("103 and 200", (stage) -> one(stage, (exchange) -> {
					exchange.write("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n");
					exchange.respond("200 OK", "late");
				}, Request.get(""))).on((client) -> client != Client.REST_CLIENT_ON_HTTP_URL_CONNECTION),
				Scenario.of("redirect", (stage) -> one(stage, redirect("302 Found"), Request.get(""))),
				Scenario.of("redirect of a POST, 303",
						(stage) -> one(stage, redirect("303 See Other"), Request.post("", "form"))),
				Scenario.of("redirect of a POST, 307",
						(stage) -> one(stage, redirect("307 Temporary"), Request.post("", "form"))),
				Scenario.of("redirect to another host", ExchangeScenarios::otherHost),
				Scenario.of("redirects without end",
						(stage) -> one(stage, status("302 Found", "Location: /again"), Request.get(""))),
				Scenario.of("cookies of two users", ExchangeScenarios::cookies));
	}

	static Answer ok() {
		return (exchange) -> exchange.respond("200 OK", "ok", "Content-Type: text/plain");
	}

	/**
	 * Late, so that the caller waits already. If the response came first, the thread that
	 * continues would vary.
	 */
	static Answer late() {
		return (exchange) -> {
			LockSupport.parkNanos(60_000_000);
			ok().to(exchange);
		};
	}

	static Answer status(String status, String... headers) {
		return (exchange) -> exchange.respond(status, "", headers);
	}

	static Answer firstThen(Answer first, Answer then) {
		return (exchange) -> ((exchange.number() == 1) ? first : then).to(exchange);
	}

	private static void one(Stage stage, Answer answer, Request request) throws IOException {
		RecordingServer server = stage.server(answer);
		stage.caller().send(at(server, request));
	}

	private static Request at(RecordingServer server, Request request) {
		Request located = Request.of(request.method(), server.url("localhost") + "/a");
		return new Request(located.method(), located.uri(), request.headers(), request.body());
	}

	private static void decorated(Stage stage) throws IOException {
		RecordingServer server = stage.server(ok());
		stage.caller()
			.send(Request.get("http://user:secret@localhost:" + server.port() + "/a%20b?q=1&r=%2F")
				.header("X-Trace", "mine")
				.header("User-Agent", "tester"));
	}

	private static void deleteAndPatch(Stage stage) throws IOException {
		RecordingServer server = stage.server(ok());
		Caller caller = stage.caller();
		caller.send(Request.of(HttpMethod.DELETE, server.url("localhost") + "/d"));
		caller.send(Request.of(HttpMethod.PATCH, server.url("localhost") + "/p")
			.body("patch".getBytes(StandardCharsets.UTF_8)));
		caller.send(Request.of(HttpMethod.OPTIONS, server.url("localhost") + "/o"));
	}

	private static Answer chunked() {
		return (exchange) -> exchange
			.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n");
	}

	private static Answer gzip() {
		ByteArrayOutputStream bytes = new ByteArrayOutputStream();
		try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
			out.write("packed".getBytes(StandardCharsets.UTF_8));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		return (exchange) -> {
			exchange.write("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: " + bytes.size() + "\r\n\r\n");
			exchange.write(bytes.toByteArray());
		};
	}

	private static Answer redirect(String status) {
		return (exchange) -> {
			if (exchange.requestLine().contains(" /a ")) {
				exchange.respond(status, "", "Location: /b?x=1");
				return;
			}
			exchange.respond("200 OK", "there");
		};
	}

	private static void otherHost(Stage stage) throws IOException {
		RecordingServer other = stage.server("other", "127.0.0.2", new HttpConversation(ok()));
		RecordingServer server = stage.server(status("301 Moved", "Location: " + other.url("127.0.0.2") + "/there"));
		stage.caller().send(Request.get(server.url("localhost") + "/").header("Authorization", "Basic c2VjcmV0"));
	}

	private static void cookies(Stage stage) throws IOException {
		// no other scenario uses this host: the WebClients of an application share a
		// cookie store
		RecordingServer server = stage.server("cookies", "127.0.0.42",
				new HttpConversation((exchange) -> setCookie(exchange)));
		Caller first = stage.caller();
		Caller second = stage.caller();
		first.send(Request.get(server.url("127.0.0.42") + "/first"));
		first.send(Request.get(server.url("127.0.0.42") + "/first/again"));
		second.send(Request.get(server.url("127.0.0.42") + "/second"));
		second.send(Request.get(server.url("127.0.0.42") + "/second/own").header("Cookie", "own=1"));
	}

	private static void setCookie(Exchange exchange) throws IOException {
		exchange.respond("200 OK", "", "Set-Cookie: session=" + exchange.number() + "; Path=/",
				"Set-Cookie: other=" + exchange.number());
	}

}
