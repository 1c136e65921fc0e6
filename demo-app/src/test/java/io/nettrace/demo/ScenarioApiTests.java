package io.nettrace.demo;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.core.ParameterizedTypeReference;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.http.client.JdkClientHttpRequestFactory;
import org.springframework.web.client.RestClient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

/**
 * Tests of the JSON API: every scenario, end to end over loopback.
 */
@SpringBootTest(webEnvironment = WebEnvironment.RANDOM_PORT)
class ScenarioApiTests {

	private final RestClient api;

	private final int port;

	ScenarioApiTests(@LocalServerPort int port) {
		this.port = port;
		// The JDK's client has no limit of connections
		this.api = RestClient.builder()
			.requestFactory(new JdkClientHttpRequestFactory())
			.baseUrl("http://127.0.0.1:" + port + "/api/scenarios")
			.build();
	}

	@Test
	void listsTheScenarios() {
		ScenarioController.Listing listing = this.api.get().retrieve().requiredBody(ScenarioController.Listing.class);
		assertThat(listing.clients()).containsExactly("RestClient", "WebClient");
		assertThat(listing.traceUrl()).isNull();
		assertThat(listing.scenarios()).allSatisfy((scenario) -> assertThat(scenario.description()).isNotBlank())
			.extracting(ScenarioController.Entry::name)
			.containsExactly("healthy", "first-address-refused", "nxdomain", "slow-dns", "black-hole", "pooled-reuse",
					"coalesced-burst");
	}

	@ParameterizedTest
	@MethodSource("trees")
	void showsTheTraceOfAScenarioOnRestClient(String scenario, List<String> tree) {
		showsTheTrace(scenario, "RestClient", "httpcomponents", tree);
	}

	@ParameterizedTest
	@MethodSource("trees")
	void showsTheTraceOfAScenarioOnWebClient(String scenario, List<String> tree) {
		showsTheTrace(scenario, "WebClient", "reactor-netty", tree);
	}

	private void showsTheTrace(String scenario, String client, String library, List<String> tree) {
		TraceView trace = run(scenario, client);
		assertThat(trace.complete()).isTrue();
		assertThat(tree(trace)).containsExactlyElementsOf(tree);
		assertThat(trace.spans()).filteredOn((span) -> span.attributes().containsKey("nettrace.client"))
			.isNotEmpty()
			.allSatisfy((span) -> assertThat(span.attributes()).containsEntry("nettrace.client", library));
	}

	@ParameterizedTest
	@ValueSource(strings = { "RestClient", "WebClient" })
	void requestsAtOnceShareOneLookup(String client) {
		TraceView trace = run("coalesced-burst", client);
		assertThat(trace.spans()).filteredOn((span) -> span.name().equals("DNS lookup"))
			.hasSize(4)
			.allSatisfy((span) -> assertThat(span.attributes()).containsEntry("nettrace.dns.coalesced", "true"));
	}

	static Stream<Arguments> trees() {
		return Stream.of(
		// @formatter:off
				arguments("healthy", List.of(
						"INTERNAL scenario healthy",
						"  CLIENT http get",
						"    INTERNAL DNS lookup",
						"    INTERNAL socket connect 127.0.0.2",
						"    SERVER http get /target")),
				arguments("first-address-refused", List.of(
						"INTERNAL scenario first-address-refused",
						"  CLIENT http get",
						"    INTERNAL DNS lookup",
						"    INTERNAL socket connect 127.0.0.3 ERROR connection_refused",
						"    INTERNAL socket connect 127.0.0.2",
						"    SERVER http get /target")),
				arguments("nxdomain", List.of(
						"INTERNAL scenario nxdomain ERROR",
						"  CLIENT http get ERROR",
						"    INTERNAL DNS lookup ERROR host_not_found")),
				arguments("slow-dns", List.of(
						"INTERNAL scenario slow-dns",
						"  CLIENT http get",
						"    INTERNAL DNS lookup",
						"    INTERNAL socket connect 127.0.0.2",
						"    SERVER http get /target")),
				arguments("black-hole", List.of(
						"INTERNAL scenario black-hole",
						"  CLIENT http get",
						"    INTERNAL DNS lookup",
						"    INTERNAL socket connect 127.0.0.4 ERROR timed_out",
						"    INTERNAL socket connect 127.0.0.2",
						"    SERVER http get /target")),
				arguments("pooled-reuse", List.of(
						"INTERNAL scenario pooled-reuse",
						"  CLIENT http get",
						"    INTERNAL DNS lookup",
						"    INTERNAL socket connect 127.0.0.2",
						"    SERVER http get /target",
						"  CLIENT http get",
						"    SERVER http get /target")),
				arguments("coalesced-burst", Stream.concat(
						Stream.of("INTERNAL scenario coalesced-burst"),
						Stream.generate(() -> List.of(
								"  CLIENT http get",
								"    INTERNAL DNS lookup",
								"    INTERNAL socket connect 127.0.0.2",
								"    SERVER http get /target")).limit(4).flatMap(List::stream)).toList()));
		// @formatter:on
	}

	@Test
	void everyRunConnectsAnew() {
		List<String> first = tree(run("healthy"));
		assertThat(tree(run("healthy"))).isEqualTo(first).contains("    INTERNAL socket connect 127.0.0.2");
	}

	@ParameterizedTest
	@ValueSource(strings = { "RestClient", "WebClient" })
	void hundredRunsAtOnceAllComeBackWhole(String client) {
		List<CompletableFuture<TraceView>> runs = Stream.generate(
				() -> CompletableFuture.supplyAsync(() -> run("healthy", client), (task) -> new Thread(task).start()))
			.limit(100)
			.toList();
		assertThat(runs).allSatisfy((run) -> assertThat(tree(run.join())).hasSize(5));
		assertThat(runs).allSatisfy((run) -> assertThat(run.join().complete()).isTrue());
	}

	@ParameterizedTest
	@CsvSource({ "http://evil.example, 403", "null, 403", "http://127.0.0.1:{port}, 200" })
	void runsNothingForAPageOfAnotherOrigin(String origin, int status) {
		ResponseEntity<String> response = this.api.post()
			.uri("/healthy")
			.header("Origin", origin.replace("{port}", String.valueOf(this.port)))
			.retrieve()
			.onStatus((answered) -> true, (request, ignored) -> {
			})
			.toEntity(String.class);
		assertThat(response.getStatusCode().value()).isEqualTo(status);
	}

	@Test
	void traceIsItsOwnWhateverTraceTheRequestBelongsTo() {
		String traceId = "0af7651916cd43dd8448eb211c80319c";
		TraceView trace = this.api.post()
			.uri("/healthy")
			.header("traceparent", "00-" + traceId + "-b7ad6b7169203331-01")
			.retrieve()
			.requiredBody(TraceView.class);
		assertThat(trace.traceId()).matches("[0-9a-f]{32}").isNotEqualTo(traceId);
		assertThat(trace.complete()).isTrue();
		assertThat(trace.spans()).filteredOn((span) -> span.parentId() == null)
			.extracting(SpanView::name)
			.containsExactly("scenario healthy");
	}

	@Test
	void timesOfChildrenLieWithinTheirParents() {
		TraceView trace = run("slow-dns");
		SpanView root = trace.spans().get(0);
		assertThat(trace.spans()).filteredOn((span) -> span.name().equals("DNS lookup")).allSatisfy((lookup) -> {
			assertThat(lookup.startMicros()).isGreaterThanOrEqualTo(root.startMicros());
			assertThat(lookup.durationMicros()).isBetween(400_000L, root.durationMicros());
		}).hasSize(1);
	}

	@Test
	void spanHasTheDocumentedMembers() {
		Map<String, Object> trace = this.api.post()
			.uri("/healthy")
			.retrieve()
			.requiredBody(new ParameterizedTypeReference<>() {
			});
		assertThat(trace).containsOnlyKeys("traceId", "complete", "spans");
		assertThat((List<?>) trace.get("spans")).isNotEmpty()
			.allSatisfy((span) -> assertThat((Map<?, ?>) span).extracting(Map::keySet)
				.isEqualTo(Set.of("spanId", "parentId", "name", "kind", "startMicros", "durationMicros", "status",
						"attributes")));
	}

	@Test
	void unknownScenarioIsAProblemThatNamesTheOthers() {
		ResponseEntity<Map<String, Object>> response = this.api.post()
			.uri("/{name}", "<b>unheard of")
			.retrieve()
			.onStatus((status) -> true, (request, ignored) -> {
			})
			.toEntity(new ParameterizedTypeReference<>() {
			});
		assertThat(response.getStatusCode()).isEqualTo(HttpStatus.NOT_FOUND);
		assertThat(response.getHeaders().getContentType()).isEqualTo(MediaType.APPLICATION_PROBLEM_JSON);
		assertThat(response.getBody()).containsEntry("title", "Unknown scenario")
			.containsEntry("detail",
					"There is no scenario \"<b>unheard of\", only healthy, first-address-refused, "
							+ "nxdomain, slow-dns, black-hole, pooled-reuse, coalesced-burst")
			.containsEntry("accepted", Scenario.names());
	}

	@Test
	void unknownClientIsAProblemToo() {
		ResponseEntity<Map<String, Object>> response = this.api.post()
			.uri("/healthy?client={client}", "curl")
			.retrieve()
			.onStatus((status) -> true, (request, ignored) -> {
			})
			.toEntity(new ParameterizedTypeReference<>() {
			});
		assertThat(response.getStatusCode()).isEqualTo(HttpStatus.NOT_FOUND);
		assertThat(response.getBody()).containsEntry("detail",
				"There is no client \"curl\", only RestClient, WebClient");
	}

	private TraceView run(String scenario) {
		return run(scenario, "RestClient");
	}

	private TraceView run(String scenario, String client) {
		return this.api.post()
			.uri("/{name}?client={client}", scenario, client)
			.retrieve()
			.requiredBody(TraceView.class);
	}

	private static List<String> tree(TraceView trace) {
		return below(null, "", trace).toList();
	}

	/**
	 * Without waits: on Reactor Netty a busy event loop is one, and so is a connection
	 * that is not back yet when the next request is sent.
	 */
	private static Stream<String> below(@Nullable String parentId, String indent, TraceView trace) {
		return trace.spans()
			.stream()
			.filter((span) -> Objects.equals(span.parentId(), parentId) && !span.name().equals("wait for connection"))
			.flatMap((span) -> Stream.concat(Stream.of(indent + line(span)),
					below(span.spanId(), indent + "  ", trace)));
	}

	private static String line(SpanView span) {
		Object peer = span.name().equals("socket connect") ? span.attributes().get("network.peer.address") : null;
		String line = span.kind() + " " + span.name() + ((peer != null) ? " " + peer : "");
		return switch (span.status()) {
			case ERROR -> (line + " ERROR " + span.attributes().getOrDefault("error.type", "")).trim();
			default -> line;
		};
	}

}
