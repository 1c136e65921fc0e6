package io.nettrace.autoconfigure;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;

import io.opentelemetry.sdk.trace.data.SpanData;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.web.client.ResourceAccessException;
import org.springframework.web.client.RestClient;
import org.springframework.web.reactive.function.client.WebClient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * The line that a slow request is.
 */
@Tag("one-jdk")
@ExtendWith(OutputCaptureExtension.class)
class RequestLogTests {

	private static final String NUMBER = "\\d+\\.\\d ms";

	private static List<String> lines(CapturedOutput output) {
		return output.getOut().lines().filter((line) -> line.contains("io.nettrace.requests")).toList();
	}

	private static void get(TracedApplication application, String url) {
		application.bean(RestClient.Builder.class)
			.build()
			.get()
			.uri(url + "orders/{id}?password={password}", 42, "geheim")
			.retrieve()
			.toBodilessEntity();
	}

	@Test
	void slowRequestIsOneLineWithItsPhases(CapturedOutput output) {
		try (LoopbackServer server = LoopbackServer.start("127.0.0.1");
				TracedApplication application = TracedApplication.start(List.of(), "nettrace.log.slower-than=0ms")) {
			get(application, server.url("127.0.0.1"));
			SpanData request = application.spans()
				.stream()
				.filter((span) -> span.getName().startsWith("http get"))
				.findFirst()
				.orElseThrow();
			assertThat(lines(output)).singleElement()
				.asString()
				.contains(" INFO ")
				.containsPattern(
						": GET /orders/\\{id} of 127.0.0.1:\\d+ took " + NUMBER + ", status 204, verdict [a-z]+: queue "
								+ NUMBER + ", connect " + NUMBER + ", send " + NUMBER + ", wait " + NUMBER)
				.contains(", other ", ", connection ", " new, ")
				.endsWith("trace " + request.getTraceId())
				.doesNotContain("geheim", "password");
		}
	}

	/**
	 * Its observation stops at the head of the response.
	 */
	@Test
	void lineOfWebClientHasTheWholeResponse(CapturedOutput output) throws InterruptedException {
		try (LoopbackServer server = LoopbackServer.start("127.0.0.1");
				TracedApplication application = TracedApplication.start(List.of(), "nettrace.log.slower-than=0ms",
						"spring.http.clients.reactive.connector=reactor")) {
			CompletableFuture<String> body = application.bean(WebClient.Builder.class)
				.build()
				.get()
				.uri(server.url("127.0.0.1") + "body")
				.retrieve()
				.bodyToMono(String.class)
				.toFuture();
			server.awaitHeld();
			application.awaitSpans(2);
			assertThat(lines(output)).as("the request's span has ended, its response has not").isEmpty();
			server.release();
			assertThat(body).succeedsWithin(Duration.ofSeconds(20));
			assertThat(lines(output)).singleElement()
				.asString()
				.containsPattern(" INFO .* status 200, verdict .* wait " + NUMBER + ", receive " + NUMBER
						+ ".*, trace [0-9a-f]{32}$");
		}
	}

	@Test
	void requestWithoutAResponseIsAWarning(CapturedOutput output) {
		try (TracedApplication application = TracedApplication.start(List.of(), "nettrace.log.slower-than=0ms")) {
			assertThatExceptionOfType(ResourceAccessException.class)
				.isThrownBy(() -> get(application, "http://127.0.0.1:1/"));
			assertThat(lines(output)).singleElement()
				.asString()
				.contains(" WARN ", " of 127.0.0.1:1 took ", ", no response, connection_refused, verdict connect: ",
						"failed connect: connection_refused")
				.doesNotContain("geheim");
		}
	}

	@Test
	void hiddenAddressIsNotTheHost(CapturedOutput output) {
		try (LoopbackServer server = LoopbackServer.start("127.0.0.1");
				TracedApplication application = TracedApplication.start(List.of(), "nettrace.log.slower-than=0ms",
						"nettrace.observations.hide-addresses=true")) {
			get(application, server.url("127.0.0.1"));
			assertThat(lines(output)).singleElement().asString().contains(" of _IP:").doesNotContain("127.0.0.1");
		}
	}

	@Test
	void fasterOnesAreNotLogged(CapturedOutput output) {
		try (LoopbackServer server = LoopbackServer.start("127.0.0.1");
				TracedApplication application = TracedApplication.start(List.of(), "nettrace.log.slower-than=1h");
				TracedApplication silent = TracedApplication.start(List.of())) {
			get(application, server.url("127.0.0.1"));
			get(silent, server.url("127.0.0.1"));
			assertThat(lines(output)).isEmpty();
		}
	}

}
