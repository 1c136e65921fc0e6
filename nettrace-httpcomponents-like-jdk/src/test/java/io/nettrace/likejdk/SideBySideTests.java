package io.nettrace.likejdk;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Authenticator;
import java.net.PasswordAuthentication;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.zip.GZIPOutputStream;

import io.nettrace.likejdk.RawServer.Request;
import io.nettrace.likejdk.RawServer.Script;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.http.client.autoconfigure.HttpClientAutoConfiguration;
import org.springframework.boot.http.client.autoconfigure.imperative.ImperativeHttpClientAutoConfiguration;
import org.springframework.boot.restclient.autoconfigure.RestClientAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.http.HttpMethod;
import org.springframework.web.client.ResourceAccessException;
import org.springframework.web.client.RestClient;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Compares each default with the JDK's client itself: the same server, the same requests,
 * the same results and the same bytes at the server. If HttpComponents' own default
 * differs, a test says so; it fails when our default is no longer needed.
 */
class SideBySideTests {

	private static final String FACTORY = "spring.http.clients.imperative.factory=jdk";

	private static final String OFF = "nettrace.clients.http-components.like-jdk=false";

	private static final String OK = Script.ok("x");

	private static final String EMPTY = Script.ok("");

	@Test
	void noCookies() {
		sameAndOtherwiseNot(SideBySideTests::setCookie, SideBySideTests::cookiesOfTwoRequests);
	}

	@ParameterizedTest
	@ValueSource(strings = { "enable", "enable-when-possible", "disable" })
	void cookiesAsAskedFor(String handling) {
		same(SideBySideTests::setCookie, SideBySideTests::cookiesOfTwoRequests,
				"spring.http.clients.cookie-handling=" + handling);
	}

	private static String setCookie(Request request) {
		return "HTTP/1.1 200 OK\r\nSet-Cookie: a=b; Path=/\r\nContent-Length: 0\r\n\r\n";
	}

	private static String cookiesOfTwoRequests(RestClient client, RawServer server) {
		get(client, server, "/");
		get(client, server, "/");
		return headers(server, "Cookie");
	}

	@ParameterizedTest
	@ValueSource(ints = { 503, 429 })
	void noRepetitionForAStatus(int status) {
		sameAndOtherwiseNot((request) -> "HTTP/1.1 " + status + " X\r\nRetry-After: 0\r\nContent-Length: 0\r\n\r\n",
				(client, server) -> get(client, server, "/") + seen(server));
	}

	@ParameterizedTest
	@CsvSource({ "GET,END", "HEAD,END", "POST,END", "PUT,END", "DELETE,END", "OPTIONS,END", "GET,RESET", "PUT,RESET",
			"DELETE,RESET" })
	void repetitionOnAKeptConnectionThatEnds(String method, String how) {
		same((request) -> {
			if (request.connection() == 1 && request.number() == 2) {
				return how.equals("END") ? Script.END : Script.RESET;
			}
			return EMPTY;
		}, (client, server) -> get(client, server, "/first") + call(client, method, server, "/second", (spec) -> {
		}) + seen(server));
	}

	@Test
	void otherMethodsAreNotSentAgain() {
		sameAndOtherwiseNot((request) -> (request.connection() == 1 && request.number() == 2) ? Script.END : EMPTY,
				(client, server) -> get(client, server, "/first")
						+ call(client, "DELETE", server, "/second", (spec) -> {
						}) + seen(server));
	}

	@Test
	void onceOnly() {
		same((request) -> request.path().equals("/first") ? OK : Script.END,
				(client, server) -> get(client, server, "/first") + get(client, server, "/second") + seen(server));
	}

	@Test
	void repetitionOnANewConnectionThatEnds() {
		same((request) -> (request.connection() == 1) ? Script.END : OK,
				(client, server) -> get(client, server, "/") + seen(server));
	}

	@Test
	void noRepetitionAfterAByte() {
		sameAndOtherwiseNot((request) -> (request.number() == 2) ? "HTTP/1.1 2" + Script.END : OK,
				(client, server) -> get(client, server, "/first") + get(client, server, "/second") + seen(server));
	}

	/**
	 * The server closes after its answer, without saying that it will.
	 */
	@Test
	void postAfterThatOfAConnectionThatWasClosedMeanwhile() {
		same((request) -> request.path().equals("/first") ? OK + Script.END : OK, (client, server) -> {
			String first = get(client, server, "/first");
			long start = System.nanoTime();
			while (System.nanoTime() - start < TimeUnit.MILLISECONDS.toNanos(200)) {
				Thread.onSpinWait();
			}
			return first + call(client, "POST", server, "/second", (spec) -> spec.body("body")) + seen(server);
		});
	}

	@Test
	void twentyAtOnceReachTheServer() {
		CountDownLatch[] latch = { new CountDownLatch(20) };
		sameAndOtherwiseNot((request) -> {
			latch[0].countDown();
			return await(latch[0]) ? OK : EMPTY;
		}, (client, server) -> {
			latch[0] = new CountDownLatch(20);
			ExecutorService callers = Executors.newFixedThreadPool(20);
			for (int i = 0; i < 20; i++) {
				callers.execute(() -> get(client, server, "/"));
			}
			callers.shutdown();
			return "all at once: " + await(latch[0]);
		});
	}

	private static boolean await(CountDownLatch latch) {
		try {
			return latch.await(3, TimeUnit.SECONDS);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			return false;
		}
	}

	@ParameterizedTest
	@ValueSource(ints = { 300, 301, 302, 303, 304, 305, 307, 308 })
	void redirects(int status) {
		for (String method : List.of("GET", "POST", "PUT", "DELETE", "PATCH")) {
			same((request) -> request.path().equals("/a") ? redirect(status, "/b") : OK, (client,
					server) -> call(client, method, server, "/a", (spec) -> withBody(method, spec)) + seen(server));
		}
	}

	private static void withBody(String method, RestClient.RequestBodySpec spec) {
		if (method.startsWith("P")) {
			spec.body("body");
		}
	}

	@Test
	void redirectsAreNotFollowedIfTheSettingsSaySo() {
		same((request) -> redirect(302, "/b"), (client, server) -> get(client, server, "/a") + seen(server),
				"spring.http.clients.redirects=dont-follow");
	}

	@ParameterizedTest
	@ValueSource(ints = { 3, 4, 5, 6 })
	void asManyRedirects(int count) {
		same((request) -> (request.path().length() <= count) ? redirect(302, request.path() + "a") : OK,
				(client, server) -> get(client, server, "/") + seen(server));
	}

	@Test
	void redirectsInALoop() {
		sameAndOtherwiseNot((request) -> redirect(302, "/a"),
				(client, server) -> get(client, server, "/a") + seen(server));
	}

	@ParameterizedTest
	@ValueSource(strings = { "b", "/b#fragment", "b?x=y", "", "/%7Eb", "ftp://nowhere.test/" })
	void redirectTo(String location) {
		same((request) -> request.path().equals("/a") ? redirect(302, location) : OK,
				(client, server) -> get(client, server, "/a") + seen(server));
	}

	@Test
	void redirectWithoutALocation() {
		sameAndOtherwiseNot((request) -> "HTTP/1.1 302 X\r\nContent-Length: 0\r\n\r\n",
				(client, server) -> get(client, server, "/a") + seen(server));
	}

	@Test
	void redirectToAnotherHost() {
		sameAndOtherwiseNot(SideBySideTests::toLocalhost,
				(client, server) -> call(client, "GET", server, "/a",
						(spec) -> spec.header("Authorization", "secret").header("X-Own", "1")) + paths(server)
						+ headers(server, "X-Own"));
	}

	/**
	 * As the JDK's client of 2025; the older ones send them.
	 */
	@Test
	void redirectToAnotherHostIsWithoutCredentials() {
		run(SideBySideTests::toLocalhost, (client, server) -> {
			call(client, "GET", server, "/a", (spec) -> spec.header("Authorization", "secret").header("Cookie", "a=b"));
			assertThat(headers(server, "Authorization")).isEqualTo("[[secret], []]");
			assertThat(headers(server, "Cookie")).isEqualTo("[[a=b], []]");
			return "";
		});
	}

	private static String toLocalhost(Request request) {
		String host = request.header("Host").get(0).replace("127.0.0.1", "localhost");
		return request.path().equals("/a") ? redirect(302, "http://" + host + "/b") : OK;
	}

	private static String redirect(int status, String location) {
		return "HTTP/1.1 " + status + " X\r\nLocation: " + location + "\r\nContent-Length: 0\r\n\r\n";
	}

	@ParameterizedTest
	@ValueSource(strings = { "Host", "Expect", "Proxy-Connection" })
	void headersThatAnApplicationMayNotSet(String name) {
		sameAndOtherwiseNot((request) -> OK, (client,
				server) -> call(client, "POST", server, "/", (spec) -> spec.header(name, "100-continue").body("body"))
						+ headers(server, name));
	}

	@ParameterizedTest
	@ValueSource(strings = { "Connection", "Upgrade" })
	void headersOfAConnectionAreTheClientsOwn(String name) {
		run((request) -> OK, (client, server) -> {
			call(client, "GET", server, "/", (spec) -> spec.header(name, "own"));
			assertThat(server.requests().get(0).header(name)).doesNotContain("own");
			return "";
		});
	}

	@ParameterizedTest
	@ValueSource(strings = { "Accept", "User-Agent", "Via", "Date", "TE", "Keep-Alive", "Cookie", "Authorization" })
	void headersThatAnApplicationMaySet(String name) {
		same((request) -> OK,
				(client, server) -> call(client, "GET", server, "/", (spec) -> spec.header(name, "trailers"))
						+ headers(server, name));
	}

	@Test
	void noOfferOfTls() {
		run((request) -> OK, (client, server) -> {
			get(client, server, "/");
			assertThat(server.requests().get(0).header("Upgrade")).isEmpty();
			return "";
		});
	}

	@ParameterizedTest
	@ValueSource(strings = { "POST", "PUT", "PATCH" })
	void bodies(String method) {
		same((request) -> OK, (client, server) -> {
			call(client, method, server, "/", (spec) -> {
			});
			call(client, method, server, "/", (spec) -> spec.body(""));
			call(client, method, server, "/", (spec) -> spec.body("text"));
			call(client, method, server, "/", (spec) -> spec.body((out) -> out.write('x')));
			return seen(server) + headers(server, "Content-Length") + headers(server, "Transfer-Encoding")
					+ headers(server, "Content-Type");
		});
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "identity", "gzip" })
	void compressedAnswers(String accepted) throws IOException {
		ByteArrayOutputStream bytes = new ByteArrayOutputStream();
		try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
			gzip.write("text".getBytes(StandardCharsets.US_ASCII));
		}
		String body = bytes.toString(StandardCharsets.ISO_8859_1);
		same((request) -> "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: " + body.length() + "\r\n\r\n"
				+ body, (client, server) -> call(client, "GET", server, "/", (spec) -> {
					if (!accepted.isEmpty()) {
						spec.header("Accept-Encoding", accepted);
					}
				}) + (accepted.isEmpty() ? "" : headers(server, "Accept-Encoding")));
	}

	@ParameterizedTest
	@ValueSource(strings = { "X-Own: 1", "Connection: close", "Connection: keep-alive" })
	void keptConnections(String header) {
		same((request) -> "HTTP/1.1 200 OK\r\n" + header + "\r\nContent-Length: 0\r\n\r\n",
				(client, server) -> get(client, server, "/") + get(client, server, "/") + seen(server));
	}

	@Test
	void credentialsOfTheJvmAreNotUsed() {
		Authenticator.setDefault(new Authenticator() {

			@Override
			protected PasswordAuthentication getPasswordAuthentication() {
				return new PasswordAuthentication("user", "secret".toCharArray());
			}

		});
		try {
			sameAndOtherwiseNot(
					(request) -> "HTTP/1.1 401 X\r\nWWW-Authenticate: Basic realm=\"r\"\r\nContent-Length: 0\r\n\r\n",
					(client, server) -> get(client, server, "/") + headers(server, "Authorization"));
		}
		finally {
			Authenticator.setDefault(null);
		}
	}

	@Test
	void userInAnAddress() {
		sameAndOtherwiseNot((request) -> OK, (client, server) -> {
			String url = "http://user:secret@127.0.0.1:" + server.port() + "/";
			return client.get().uri(URI.create(url)).exchange((request, response) -> response.getStatusCode().value())
					+ seen(server) + headers(server, "Host") + headers(server, "Authorization");
		});
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "?a=b", "//a//b", "/a/../b", "/./a", "/%2F%2f", "/a;b=c", "/a#f", "/~a", "/a%20b",
			"/a?b=%20+&c" })
	void targets(String target) {
		same((request) -> OK, (client, server) -> get(client, server, target) + seen(server));
	}

	@ParameterizedTest
	@ValueSource(strings = { "HTTP/1.1 204 X\r\n\r\n", "HTTP/1.1 304 X\r\n\r\n",
			"HTTP/1.1 103 X\r\n\r\nHTTP/1.1 200 X\r\nContent-Length: 1\r\n\r\nx",
			"HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n",
			"HTTP/1.1 999 X\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 200 X\r\nContent-Length: 9\r\n\r\nx" + Script.END,
			"HTTP/1.1 200 X\r\n\r\nx" + Script.END, "nonsense\r\n\r\n" + Script.END })
	void answers(String answer) {
		same((request) -> answer, (client, server) -> get(client, server, "/") + seen(server));
	}

	private static String get(RestClient client, RawServer server, String target) {
		return call(client, "GET", server, target, (spec) -> {
		});
	}

	private static String call(RestClient client, String method, RawServer server, String target,
			Consumer<RestClient.RequestBodySpec> request) {
		RestClient.RequestBodySpec spec = client.method(HttpMethod.valueOf(method))
			.uri(URI.create("http://127.0.0.1:" + server.port() + target));
		request.accept(spec);
		try {
			return spec.exchange((sent, response) -> response.getStatusCode().value() + " "
					+ response.getHeaders().get("Content-Encoding") + response.getHeaders().get("Content-Length")
					+ new String(response.getBody().readAllBytes(), StandardCharsets.ISO_8859_1)) + " ";
		}
		catch (ResourceAccessException ex) {
			return "failed ";
		}
	}

	private static String seen(RawServer server) {
		return server.requests()
			.stream()
			.map((request) -> request.connection() + "." + request.number() + " " + request.line() + " "
					+ request.body())
			.toList()
			.toString();
	}

	private static String paths(RawServer server) {
		return server.requests().stream().map(Request::path).toList().toString();
	}

	private static String headers(RawServer server, String name) {
		return server.requests().stream().map((request) -> request.header(name)).toList().toString();
	}

	private static void same(Script script, Scenario scenario, String... properties) {
		assertThat(run(script, scenario, properties)).isEqualTo(run(script, scenario, with(FACTORY, properties)));
	}

	private static void sameAndOtherwiseNot(Script script, Scenario scenario, String... properties) {
		String expected = run(script, scenario, with(FACTORY, properties));
		assertThat(run(script, scenario, properties)).isEqualTo(expected);
		assertThat(run(script, scenario, with(OFF, properties))).as("HttpComponents as it is").isNotEqualTo(expected);
	}

	private static String[] with(String property, String... properties) {
		String[] all = List.of(properties).toArray(new String[properties.length + 1]);
		all[properties.length] = property;
		return all;
	}

	private static String run(Script script, Scenario scenario, String... properties) {
		List<String> outcome = new ArrayList<>();
		new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(HttpClientAutoConfiguration.class,
					ImperativeHttpClientAutoConfiguration.class, RestClientAutoConfiguration.class,
					JdkDefaultsAutoConfiguration.class))
			.withPropertyValues(properties)
			.run((context) -> {
				try (RawServer server = new RawServer(script)) {
					String result;
					try {
						result = scenario.run(context.getBean(RestClient.Builder.class).build(), server);
					}
					catch (ResourceAccessException ex) {
						result = "failed";
					}
					outcome.add(result.replace(String.valueOf(server.port()), "PORT"));
				}
			});
		return outcome.get(0);
	}

	/**
	 * Calls whose outcome is compared.
	 */
	@FunctionalInterface
	private interface Scenario {

		String run(RestClient client, RawServer server);

	}

}
