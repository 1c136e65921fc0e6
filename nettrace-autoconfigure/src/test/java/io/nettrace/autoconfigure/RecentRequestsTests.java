package io.nettrace.autoconfigure;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;

import io.nettrace.NetTrace;
import io.nettrace.RequestInfo;
import io.nettrace.observation.recent.RecentRequest;
import io.nettrace.observation.recent.RecentRequests;
import io.nettrace.observation.recent.RequestStepRecorder;
import io.opentelemetry.sdk.trace.data.SpanData;
import org.assertj.core.data.Offset;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.web.client.HttpClientErrorException;
import org.springframework.web.client.ResourceAccessException;
import org.springframework.web.client.RestClient;
import org.springframework.web.reactive.function.client.WebClient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * What is kept of the last requests of an application.
 */
@Tag("one-jdk")
class RecentRequestsTests {

	private static TracedApplication start(String... properties) {
		return TracedApplication.start(RecentRequestsConfiguration.class, properties);
	}

	private static List<RecentRequest> requests(TracedApplication application) {
		return application.bean(RecentRequests.class).requests();
	}

	private static RestClient client(TracedApplication application) {
		return application.bean(RestClient.Builder.class).build();
	}

	private static void get(RestClient client, String uri, Object... variables) {
		client.get().uri(uri, variables).retrieve().toBodilessEntity();
	}

	private static RecentRequest.Connection connection(RecentRequest request) {
		return Objects.requireNonNull(request.connection());
	}

	private static List<String> steps(RecentRequest request) {
		return request.steps().stream().map(RecentRequest.Step::phase).toList();
	}

	@Test
	void nothingIsThereUnlessAskedFor() {
		try (TracedApplication application = TracedApplication.start(List.of())) {
			assertThat(application.beans(RecentRequests.class)).isEmpty();
			assertThat(application.beans(RequestStepRecorder.class)).isEmpty();
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "http-components", "jetty", "reactor" })
	void requestHasEachStepOnRestClient(String library) {
		Instant before = Instant.now();
		try (LoopbackServer server = LoopbackServer.start("127.0.0.1");
				TracedApplication application = start("spring.http.clients.imperative.factory=" + library)) {
			RestClient client = client(application);
			get(client, server.url("localhost") + "orders/{id}?token={token}", 42, "geheim");
			Awaitility.await().until(() -> requests(application).size() == 1);
			get(client, server.url("localhost") + "orders/{id}?token={token}", 43, "geheim");
			Awaitility.await().until(() -> requests(application).size() == 2);
			RecentRequest first = requests(application).get(1);
			RecentRequest second = requests(application).get(0);
			assertThat(first).hasNoNullFieldsOrPropertiesExcept("error");
			assertThat(first.method()).isEqualTo("GET");
			assertThat(first.uri()).isEqualTo("/orders/{id}");
			assertThat(first.host()).isEqualTo("localhost");
			assertThat(first.port()).isEqualTo(server.port());
			assertThat(first.status()).isEqualTo("204");
			assertThat(first.exchanges()).isOne();
			assertThat(first.time()).isBetween(before, Instant.now());
			assertThat(steps(first)).containsExactly("queue", "dns", "connect", "send", "wait", "receive");
			assertThat(first.steps().get(1).addresses()).contains("127.0.0.1");
			assertThat(first.steps().get(2).addresses()).containsExactly("127.0.0.1:" + server.port());
			addsUp(first);
			assertThat(steps(second)).containsExactly("queue", "send", "wait", "receive");
			addsUp(second);
			RecentRequest.Connection connection = connection(second);
			assertThat(connection.reused()).isTrue();
			assertThat(connection.requests()).isEqualTo(2);
			assertThat(connection.peerAddress()).isEqualTo("127.0.0.1");
			assertThat(connection.openedBy())
				.isEqualTo(new RecentRequest.Opener(first.traceId(), first.spanId(), first.id()));
			assertThat(application.spans()).extracting(SpanData::getSpanId).contains(first.spanId(), second.spanId());
			assertThat(requests(application).toString()).doesNotContain("geheim", "token");
		}
	}

	/**
	 * The phases add up to the duration, and each step lies in the request.
	 */
	private static void addsUp(RecentRequest request) {
		assertThat(request.phases().values().stream().mapToDouble(Double::doubleValue).sum())
			.isCloseTo(request.duration(), Offset.offset(1e-9));
		assertThat(request.steps()).allSatisfy((step) -> {
			assertThat(step.start()).isNotNegative();
			assertThat(step.start() + step.duration()).isLessThanOrEqualTo(request.duration() + 0.005);
		});
		assertThat(request.steps()).extracting(RecentRequest.Step::start).isSorted();
	}

	@Test
	void requestOfWebClientIsThereOnceItsResponseIsRead() throws InterruptedException {
		try (LoopbackServer server = LoopbackServer.start("127.0.0.1");
				TracedApplication application = start("spring.http.clients.reactive.connector=reactor")) {
			CompletableFuture<String> body = application.bean(WebClient.Builder.class)
				.build()
				.get()
				.uri(server.url("127.0.0.1") + "body")
				.retrieve()
				.bodyToMono(String.class)
				.toFuture();
			server.awaitHeld();
			application.awaitSpans(2);
			assertThat(requests(application)).isEmpty();
			server.release();
			assertThat(body).succeedsWithin(Duration.ofSeconds(20));
			RecentRequest request = requests(application).get(0);
			assertThat(steps(request)).containsExactly("queue", "connect", "send", "wait", "receive");
			assertThat(request.client()).isEqualTo("reactor-netty");
			addsUp(request);
		}
	}

	@Test
	void redirectIsAnotherExchange() {
		try (LoopbackServer server = LoopbackServer.start("127.0.0.1");
				TracedApplication application = start("spring.http.clients.imperative.factory=http-components")) {
			get(client(application), server.url("127.0.0.1") + "redirect?to=" + server.url("localhost"));
			RecentRequest request = requests(application).get(0);
			assertThat(request.exchanges()).isEqualTo(2);
			assertThat(request.host()).isEqualTo("localhost");
			assertThat(request.steps()).extracting((step) -> step.exchange() + " " + step.phase())
				.containsExactly("1 queue", "1 connect", "1 send", "1 wait", "1 receive", "2 queue", "2 dns",
						"2 connect", "2 send", "2 wait", "2 receive");
		}
	}

	@Test
	void failureHasItsPhaseAndWords() {
		try (TracedApplication application = start("spring.http.clients.imperative.factory=http-components")) {
			assertThatExceptionOfType(ResourceAccessException.class)
				.isThrownBy(() -> get(client(application), "http://127.0.0.1:1/"));
			RecentRequest request = requests(application).get(0);
			assertThat(request.status()).isNull();
			assertThat(request.error()).isEqualTo("connection_refused");
			assertThat(request.verdict()).isEqualTo("connect");
			assertThat(request.words()).isEqualTo("Failed while connecting: connection_refused");
			assertThat(request.failures())
				.containsExactly(new RecentRequest.Failure("connect", "connection_refused", null));
			assertThat(request.steps()).last()
				.extracting(RecentRequest.Step::phase, RecentRequest.Step::error)
				.containsExactly("connect", "connection_refused");
		}
	}

	@Test
	void requestsThatAreNotSampledAreKeptWithoutIds() {
		try (LoopbackServer server = LoopbackServer.start("127.0.0.1");
				TracedApplication application = start("management.tracing.sampling.probability=0.0")) {
			RestClient client = client(application);
			get(client, server.url("127.0.0.1"));
			get(client, server.url("127.0.0.1"));
			assertThat(requests(application)).hasSize(2)
				.allSatisfy((request) -> assertThat(request.traceId()).isNull());
			assertThat(connection(requests(application).get(0)).openedBy())
				.isEqualTo(new RecentRequest.Opener(null, null, requests(application).get(1).id()));
		}
	}

	@Test
	void addressesAreHidden() {
		try (LoopbackServer server = LoopbackServer.start("127.0.0.1");
				TracedApplication application = start("nettrace.observations.hide-addresses=true")) {
			get(client(application), server.url("127.0.0.1"));
			get(client(application), server.url("localhost"));
			assertThat(requests(application)).hasSize(2);
			assertThat(requests(application).toString()).contains("host=_IP", "addresses=[_IP]")
				.doesNotContain("127.0.0.1");
		}
	}

	@Test
	void excludedHostsAreNotKept() {
		try (LoopbackServer server = LoopbackServer.start("127.0.0.1");
				TracedApplication application = start("nettrace.observations.exclude-hosts=localhost")) {
			get(client(application), server.url("localhost"));
			get(client(application), server.url("127.0.0.1"));
			assertThat(requests(application)).extracting(RecentRequest::host).containsExactly("127.0.0.1");
		}
	}

	/**
	 * Boot takes a URL without a path for one.
	 */
	@ParameterizedTest
	@ValueSource(strings = { "http-components", "jetty", "reactor", "jdk" })
	void neitherPasswordNorQueryIsKept(String library) {
		try (LoopbackServer server = LoopbackServer.start("127.0.0.1");
				TracedApplication application = start("spring.http.clients.imperative.factory=" + library)) {
			RestClient client = client(application);
			for (String rest : List.of("", "/orders", "?token=geheim", "/orders?token=geheim#geheim")) {
				for (String scheme : List.of("http", "HTTP")) {
					try {
						get(client, scheme + "://user:geheim@localhost:" + server.port() + rest);
					}
					catch (ResourceAccessException | IllegalArgumentException refused) {
						assertThat(refused).hasMessageContaining("geheim");
					}
				}
			}
			Awaitility.await().until(() -> requests(application).size() == 8);
			assertThat(requests(application)).extracting(RecentRequest::uri).containsOnly("/", "/orders");
			assertThat(requests(application).toString()).doesNotContain("geheim", "user", "token");
		}
	}

	@Test
	void noneAreKeptIfToldSo() {
		try (LoopbackServer server = LoopbackServer.start("127.0.0.1");
				TracedApplication application = start("nettrace.requests.keep=0")) {
			get(client(application), server.url("127.0.0.1"));
			assertThat(requests(application)).isEmpty();
			assertThat(application.bean(RequestStepRecorder.class).hooks()).isEmpty();
			assertThat(application.bean(RequestStepRecorder.class).create(new RequestInfo("jetty", "a.test", 80, 1)))
				.isSameAs(NetTrace.NONE);
		}
	}

	@Test
	void statusThatTheClientRefusesIsNoFailureOfAPhase() {
		try (LoopbackServer server = LoopbackServer.start("127.0.0.1"); TracedApplication application = start()) {
			assertThatExceptionOfType(HttpClientErrorException.class)
				.isThrownBy(() -> get(client(application), server.url("127.0.0.1") + "missing"));
			RecentRequest request = requests(application).get(0);
			assertThat(request.status()).isEqualTo("404");
			assertThat(request.words()).containsPattern(" took longest: |^No phase stands out: ");
		}
	}

}
