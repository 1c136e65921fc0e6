package io.nettrace.demo;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

import io.nettrace.observation.recent.RecentRequest;
import io.opentelemetry.api.trace.SpanKind;
import org.assertj.core.api.ListAssert;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
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
import static org.assertj.core.api.Assertions.within;

/**
 * Tests of the JSON API: every scenario, end to end over loopback.
 */
@SpringBootTest(webEnvironment = WebEnvironment.RANDOM_PORT)
class ScenarioApiTests {

	private static final String UNKNOWN_CACHED = "unknown_cached";

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
		assertThat(listing.scenarios())
			.allSatisfy((scenario) -> assertThat(List.of(scenario.section(), scenario.title(), scenario.description()))
				.allSatisfy((text) -> assertThat(text).isNotBlank()))
			.extracting(ScenarioController.Entry::name)
			.containsExactly("healthy", "slow-dns", "nxdomain", "coalesced-burst", "search-domains", "jvm-cache",
					"first-address-refused", "black-hole", "dead-ipv6", "dead-ipv6-race", "proxy-refused",
					"tls-resumed", "certificate-expired", "certificate-other-host", "pooled-reuse", "pool-exhausted",
					"stale-connection", "goaway", "slow-first-byte", "slow-body", "redirect", "retry");
		for (String client : listing.clients()) {
			assertThat(listing.scenarios()).filteredOn((scenario) -> !scenario.notOn().containsKey(client))
				.extracting(ScenarioController.Entry::name)
				.containsExactlyElementsOf(Runs.on(client).map(Scenario::name).toList());
		}
	}

	@ParameterizedTest
	@MethodSource("treesOnRestClient")
	void showsTheTraceOfAScenarioOnRestClient(Scenario scenario) {
		boolean http2 = scenario.client().has(ClientFeature.HTTP2);
		showsTheTrace(scenario, "RestClient", http2 ? "reactor-netty" : "httpcomponents");
	}

	@ParameterizedTest
	@MethodSource("treesOnWebClient")
	void showsTheTraceOfAScenarioOnWebClient(Scenario scenario) {
		showsTheTrace(scenario, "WebClient", "reactor-netty");
	}

	static Stream<Scenario> treesOnRestClient() {
		return Runs.on("RestClient");
	}

	static Stream<Scenario> treesOnWebClient() {
		return Runs.on("WebClient");
	}

	private void showsTheTrace(Scenario scenario, String client, String library) {
		List<String> tree = tree(scenario, client);
		TraceView trace = run(scenario.name(), client);
		assertThat(trace.complete()).isTrue();
		ListAssert<String> shown = assertThat(tree(trace));
		if (scenario.requests().atOnce()) {
			shown.containsExactlyInAnyOrderElementsOf(tree); // whichever is first
		}
		else {
			shown.containsExactlyElementsOf(tree);
		}
		assertThat(trace.spans()).filteredOn((span) -> span.attributes().containsKey("nettrace.client"))
			.isNotEmpty()
			.allSatisfy((span) -> assertThat(span.attributes()).containsEntry("nettrace.client", library));
		assertThat(trace.requests()).extracting(RecentRequest::spanId)
			.containsExactlyInAnyOrderElementsOf(trace.spans()
				.stream()
				.filter((span) -> span.kind() == SpanKind.CLIENT)
				.map(SpanView::spanId)
				.toList());
		assertThat(trace.requests()).allSatisfy(ScenarioApiTests::everyPhaseHasAStep);
	}

	@ParameterizedTest
	@ValueSource(strings = { "RestClient", "WebClient" })
	void requestsAtOnceShareOneLookup(String client) {
		TraceView trace = run("coalesced-burst", client);
		assertThat(trace.spans()).filteredOn((span) -> span.name().equals("DNS lookup"))
			.hasSize(4)
			.allSatisfy((span) -> assertThat(span.attributes()).containsEntry("nettrace.dns.coalesced", "true"));
	}

	/**
	 * A picture of the request has a bar for each of its phases; the rest is other.
	 */
	private static void everyPhaseHasAStep(RecentRequest request) {
		assertThat(request.phases().values().stream().mapToDouble(Double::doubleValue).sum())
			.isCloseTo(request.duration(), within(1e-6));
		assertThat(request.steps()).extracting(RecentRequest.Step::phase)
			.containsAll(request.phases()
				.entrySet()
				.stream()
				.filter((phase) -> phase.getValue() > 0 && !phase.getKey().equals("other"))
				.map(Map.Entry::getKey)
				.toList());
	}

	@ParameterizedTest
	@ValueSource(strings = { "RestClient", "WebClient" })
	void staleConnectionWasIdleBeforeThePeerClosedIt(String client) {
		assertThat(run("stale-connection", client).requests().get(1).failures()).singleElement()
			.satisfies((failure) -> assertThat(failure.detail())
				.matches("kept 0\\.\\d s idle, closed by the peer before the first byte"));
	}

	@ParameterizedTest
	@ValueSource(strings = { "RestClient", "WebClient" })
	void goAwayIsNamedWithItsCode(String client) {
		RecentRequest second = run("goaway", client).requests().get(1);
		assertThat(second.failures()).singleElement()
			.satisfies(
					(failure) -> assertThat(failure.detail()).isEqualTo("the server sent GOAWAY (ENHANCE_YOUR_CALM)"));
		assertThat(second.connection()).isNotNull()
			.satisfies((connection) -> assertThat(connection.protocol()).isEqualTo("2"));
	}

	@Test
	void aNameWithSearchDomainsIsAskedForEightTimes() {
		SpanView lookup = run("search-domains", "WebClient").spans()
			.stream()
			.filter((span) -> span.name().equals("DNS lookup"))
			.findFirst()
			.orElseThrow();
		assertThat(lookup.attributes().get("nettrace.dns.queries")).hasToString("8");
		assertThat(lookup.queries()).containsExactlyInAnyOrderElementsOf(
				Stream.of("default.svc.cluster.local.", "svc.cluster.local.", "cluster.local.", "")
					.flatMap((domain) -> Stream.of("A", "AAAA")
						.map((type) -> type + " search-domains.demo.test." + domain
								+ (domain.isEmpty() ? " NOERROR" : " NXDOMAIN")))
					.toList());
	}

	@ParameterizedTest
	@ValueSource(strings = { "RestClient", "WebClient" })
	void failureFromTheCacheOfTheJvmIsNamed(String client) {
		List<SpanView> lookups = run("jvm-cache", client).spans()
			.stream()
			.filter((span) -> span.name().equals("DNS lookup"))
			.toList();
		assertThat(lookups).hasSize(2)
			.last()
			.satisfies((lookup) -> assertThat(lookup.attributes()).containsEntry("nettrace.dns.source", "jvm_cache"));
	}

	private static List<String> tree(Scenario scenario, String client) {
		String root = "INTERNAL scenario " + scenario.name();
		boolean restClient = client.equals("RestClient");
		return switch (scenario.name()) {
		// @formatter:off
			case "nxdomain" -> lines(root + " ERROR",
					"  CLIENT http get ERROR",
					"    INTERNAL DNS lookup ERROR host_not_found");
			case "jvm-cache" -> lines(root + " ERROR",
					"  CLIENT http get ERROR",
					"    INTERNAL DNS lookup ERROR host_not_found",
					"  CLIENT http get ERROR",
					"    INTERNAL DNS lookup ERROR host_not_found");
			case "coalesced-burst" -> lines(root,
					Stream.generate(() -> request("/target")).limit(4).flatMap(List::stream));
			case "first-address-refused" -> lines(root,
					"  CLIENT http get",
					"    INTERNAL DNS lookup",
					"    INTERNAL socket connect 127.0.0.3 ERROR connection_refused",
					"    INTERNAL socket connect 127.0.0.2",
					"    SERVER http get /target");
			case "black-hole", "dead-ipv6" -> lines(root,
					"  CLIENT http get",
					"    INTERNAL DNS lookup",
					"    INTERNAL socket connect " + dead(scenario) + " ERROR timed_out",
					"    INTERNAL socket connect 127.0.0.2",
					"    SERVER http get /target");
			case "dead-ipv6-race" -> lines(root,
					"  CLIENT http get",
					"    INTERNAL DNS lookup",
					"    INTERNAL socket connect " + dead(scenario) + " cancelled",
					"    INTERNAL socket connect 127.0.0.2",
					"    SERVER http get /target");
			case "proxy-refused" -> lines(root + " ERROR",
					"  CLIENT http get ERROR",
					"    INTERNAL socket connect 127.0.0.2",
					"    INTERNAL proxy connect ERROR proxy_tunnel_error");
			case "tls-resumed" -> lines(root,
					"  CLIENT http get",
					"    INTERNAL DNS lookup",
					"    INTERNAL socket connect 127.0.0.2",
					"    INTERNAL TLS handshake new",
					"    SERVER http get /target/last",
					"  CLIENT http get",
					"    INTERNAL DNS lookup",
					"    INTERNAL socket connect 127.0.0.2",
					"    INTERNAL TLS handshake resumed",
					"    SERVER http get /target");
			case "certificate-expired", "certificate-other-host" -> lines(root + " ERROR",
					"  CLIENT http get ERROR",
					"    INTERNAL DNS lookup",
					"    INTERNAL socket connect 127.0.0.2",
					"    INTERNAL TLS handshake ERROR " + (scenario.name().endsWith("expired") ? "certificate_expired"
							: "certificate_hostname_mismatch"));
			case "pooled-reuse" -> lines(root, Stream.concat(request("/target").stream(), Stream.of(
					"  CLIENT http get",
					"    SERVER http get /target")));
			case "pool-exhausted" -> lines(root, Stream.concat(
					Stream.of(request("/target/slow"), request("/target/slow")).flatMap(List::stream), Stream.of(
					"  CLIENT http get",
					"    SERVER http get /target/slow",
					"  CLIENT http get",
					"    SERVER http get /target/slow")));
			case "stale-connection" -> restClient ? lines(root,
					"  CLIENT http get",
					"    INTERNAL DNS lookup",
					"    INTERNAL socket connect 127.0.0.2",
					"  CLIENT http get",
					"    INTERNAL DNS lookup",
					"    INTERNAL socket connect 127.0.0.2") : secondFails(root);
			case "goaway" -> secondFails(root);
			case "slow-first-byte" -> lines(root, request("/target/slow").stream());
			case "slow-body" -> lines(root, request("/target/slow-body").stream());
			case "redirect" -> lines(root, Stream.concat(request("/target/moved").stream(), Stream.of(
					"    SERVER http get /target")));
			case "retry" -> lines(root,
					"  CLIENT http get" + (restClient ? " ERROR" : ""),
					"    INTERNAL DNS lookup",
					"    INTERNAL socket connect 127.0.0.2",
					"  CLIENT http get");
			default -> lines(root, request("/target").stream());
		// @formatter:on
		};
	}

	private static String dead(Scenario scenario) {
		return scenario.name().equals("black-hole") ? Targets.SILENT : DeadAddress.LITERAL;
	}

	private static List<String> secondFails(String root) {
		return lines(root + " ERROR", "  CLIENT http get", "    INTERNAL DNS lookup",
				"    INTERNAL socket connect 127.0.0.2", "  CLIENT http get ERROR");
	}

	private static List<String> request(String path) {
		return List.of("  CLIENT http get", "    INTERNAL DNS lookup", "    INTERNAL socket connect 127.0.0.2",
				"    SERVER http get " + path);
	}

	private static List<String> lines(String root, String... lines) {
		return lines(root, Stream.of(lines));
	}

	private static List<String> lines(String root, Stream<String> lines) {
		return Stream.concat(Stream.of(root), lines).toList();
	}

	@ParameterizedTest
	@ValueSource(strings = { "RestClient", "WebClient" })
	void requestsWaitForAConnectionOfTheExhaustedPool(String client) {
		assertThat(run("pool-exhausted", client).spans())
			.filteredOn((span) -> span.name().equals("wait for connection") && span.durationMicros() > 100_000)
			.hasSize(2);
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
		assertThat(trace).containsOnlyKeys("traceId", "complete", "spans", "requests");
		assertThat((List<?>) trace.get("spans")).isNotEmpty()
			.allSatisfy((span) -> assertThat((Map<?, ?>) span).extracting(Map::keySet)
				.isEqualTo(Set.of("spanId", "parentId", "name", "kind", "startMicros", "durationMicros", "status",
						"attributes", "queries")));
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
					"There is no scenario \"<b>unheard of\", only " + String.join(", ", Scenario.names()))
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

	@Test
	void scenarioThatAClientCannotRunIsAProblemThatSaysWhyNot() {
		ResponseEntity<Map<String, Object>> response = this.api.post()
			.uri("/search-domains?client=RestClient")
			.retrieve()
			.onStatus((status) -> true, (request, ignored) -> {
			})
			.toEntity(new ParameterizedTypeReference<>() {
			});
		assertThat(response.getStatusCode()).isEqualTo(HttpStatus.UNPROCESSABLE_CONTENT);
		assertThat(response.getBody()).containsEntry("title", "No search-domains on RestClient")
			.hasEntrySatisfying("detail",
					(detail) -> assertThat(detail).asString().contains("says nothing of what it asks"));
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
			// what a scenario before this one has asked for may still be in the JVM's
			// cache
			case ERROR -> (line + " ERROR " + span.attributes().getOrDefault("error.type", "")).trim()
				.replace(UNKNOWN_CACHED, "host_not_found");
			default -> line + outcome(span);
		};
	}

	private static String outcome(SpanView span) {
		if ("cancelled".equals(span.attributes().get("nettrace.connect.outcome"))) {
			return " cancelled";
		}
		Object resumed = span.attributes().get("tls.resumed");
		return (resumed != null) ? Boolean.parseBoolean(resumed.toString()) ? " resumed" : " new" : "";
	}

}
