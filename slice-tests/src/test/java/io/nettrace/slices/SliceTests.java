package io.nettrace.slices;

import java.nio.file.Path;
import java.util.stream.Stream;

import io.nettrace.slices.Slice.Output;
import io.nettrace.test.OtlpReceiver;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The application starts, works and shows the same, whichever library is absent. Its log
 * has no warning in any of these runs.
 */
class SliceTests {

	/**
	 * The second client to ask for an unknown name gets the JVM's answer of before,
	 * unless that is 10 s old.
	 */
	private static final String FROM_CACHE = ", nettrace.dns.source=jvm_cache";

	private static final String[] NETTRACE = { "nettrace-starter", "nettrace-autoconfigure", "nettrace-core" };

	private static final String[] BRAVE = { "*brave*" };

	private static final String[] OPENTELEMETRY = { "nettrace-starter", "opentelemetry-*", "*-opentelemetry",
			"micrometer-tracing-bridge-otel", "micrometer-registry-otlp", "okhttp-jvm", "okio-jvm", "kotlin-stdlib",
			"protobuf-java" };

	private static final String[] TRACING = { "micrometer-tracing*", "spring-boot-micrometer-tracing*" };

	private static final String[] METRICS = { "micrometer-core", "spring-boot-*micrometer-metrics" };

	private static final String[] DEVTOOLS = { "spring-boot-devtools" };

	private static final String[] HTTP_COMPONENTS = { "httpclient5", "httpcore5*" };

	private static final String[] JETTY = { "jetty-*" };

	private static final String[] REACTOR_NETTY = { "reactor-netty-*", "netty-*", "spring-boot-netty",
			"spring-boot-reactor-netty" };

	private static final String[] REST_CLIENT = { "spring-boot-restclient", "spring-boot-http-converter" };

	private static final String[] WEB_CLIENT = { "spring-boot-webclient", "spring-boot-http-codec", "spring-webflux" };

	private static final String[] REACTOR = { "spring-boot-reactor", "reactor-core", "reactive-streams" };

	private static final String JVM_RESOLVER = "; nettrace-jvm-resolver shows dns on Java 18 or later, and changes nothing)";

	private static final String REST_CLIENT_ON_THE_JDK = "nettrace shows RestClient on the JDK's HttpClient: nothing"
			+ " (nettrace-starter-httpcomponents shows everything, with another client" + JVM_RESOLVER;

	private static final String WEB_CLIENT_ON_THE_JDK = "nettrace shows WebClient on the JDK's HttpClient: nothing"
			+ " (reactor-netty-http shows everything, as another client" + JVM_RESOLVER;

	private static final String BOTH_SHOWN = "nettrace shows RestClient on HttpComponents: dns, connect; "
			+ "WebClient on Reactor Netty: dns, connect";

	private static final String BOTH_CALLED = """
			RestClient 204
			WebClient 204
			RestClient failed
			WebClient failed
			""";

	@TempDir
	@SuppressWarnings("NullAway.Init")
	private static Path directory;

	@SuppressWarnings("NullAway.Init")
	private static Targets targets;

	@BeforeAll
	static void startTargets() {
		targets = Targets.start(directory);
	}

	@AfterAll
	static void stopTargets() {
		targets.close();
	}

	@Test
	void restClientOnHttpComponentsOnly() {
		Output output = without(BRAVE, DEVTOOLS, WEB_CLIENT, REACTOR_NETTY, REACTOR, JETTY,
				new String[] { "httpcore5-reactive" })
			.run("multi.test", "unknown.test");
		assertThat(output.of("call")).isEqualTo(calls("RestClient"));
		assertThat(output.of("span")).isEqualTo(spans("httpcomponents"));
		assertThat(output.of("meter")).isEqualTo(meters(2, 2));
		assertThat(output.coverage()).containsExactly("nettrace shows RestClient on HttpComponents: dns, connect");
	}

	@Test
	void restClientOnTheJdkOnly() {
		Output output = without(BRAVE, DEVTOOLS, WEB_CLIENT, REACTOR_NETTY, REACTOR, JETTY, HTTP_COMPONENTS)
			.run("good.test", "unknown.test");
		assertThat(output.of("call")).isEqualTo(calls("RestClient"));
		assertThat(output.of("span")).isEqualTo("""
				http get
				http get !
				""");
		assertThat(output.of("meter")).isEqualTo(meters(0, 0));
		assertThat(output.coverage()).containsExactly(REST_CLIENT_ON_THE_JDK);
	}

	@Test
	void restClientOnJettyOnly() {
		Output output = without(BRAVE, DEVTOOLS, WEB_CLIENT, REACTOR_NETTY, HTTP_COMPONENTS,
				new String[] { "jetty-reactive-httpclient" }, REACTOR)
			.run("multi.test", "unknown.test");
		assertThat(output.of("call")).isEqualTo(calls("RestClient"));
		assertThat(output.of("span")).isEqualTo(spans("jetty"));
		assertThat(output.of("meter")).isEqualTo(meters(2, 2));
		assertThat(output.coverage()).containsExactly("nettrace shows RestClient on Jetty: dns, connect");
	}

	@Test
	void webClientOnReactorNettyOnly() {
		Output output = without(BRAVE, DEVTOOLS, REST_CLIENT, HTTP_COMPONENTS, JETTY).run("multi.test", "unknown.test");
		assertThat(output.of("call")).isEqualTo(calls("WebClient"));
		assertThat(output.of("span")).isEqualTo(spans("reactor-netty"));
		assertThat(output.of("meter")).isEqualTo(meters(2, 2));
		assertThat(output.coverage()).containsExactly("nettrace shows WebClient on Reactor Netty: dns, connect");
	}

	@Test
	@InTheFullRun
	void webClientOnJettyOnly() {
		Output output = without(BRAVE, DEVTOOLS, REST_CLIENT, HTTP_COMPONENTS, REACTOR_NETTY).run("multi.test",
				"unknown.test");
		assertThat(output.of("call")).isEqualTo(calls("WebClient"));
		assertThat(output.of("span")).isEqualTo(spans("jetty"));
		assertThat(output.of("meter")).isEqualTo(meters(2, 2));
		assertThat(output.coverage()).containsExactly("nettrace shows WebClient on Jetty: dns, connect");
	}

	/**
	 * WebClient uses HttpComponents only with httpcore5-reactive.
	 */
	@Test
	@InTheFullRun
	void webClientBesideHttpComponentsWithoutItsReactiveModule() {
		Output output = without(BRAVE, DEVTOOLS, REST_CLIENT, JETTY, REACTOR_NETTY,
				new String[] { "httpcore5-reactive" })
			.run("good.test", "unknown.test");
		assertThat(output.of("call")).isEqualTo(calls("WebClient"));
		assertThat(output.of("span")).isEqualTo("""
				http get
				http get !
				""");
		assertThat(output.coverage()).containsExactly(WEB_CLIENT_ON_THE_JDK);
	}

	/**
	 * With {@code nettrace-starter} Boot uses the same client as without it.
	 */
	@Test
	@InTheFullRun
	void clientIsTheSameForRestClient() {
		assertThat(clients(WEB_CLIENT, REACTOR_NETTY, REACTOR, JETTY, HTTP_COMPONENTS))
			.startsWith("the JDK's client is customized\n")
			.contains("JdkClientHttpRequestFactory\n");
	}

	@Test
	@InTheFullRun
	void clientsAreTheSameForRestClientAndWebClient() {
		assertThat(clients(REACTOR_NETTY, JETTY, HTTP_COMPONENTS)).contains("JdkClientHttpRequestFactory")
			.contains("JdkClientHttpConnector");
	}

	@Test
	@InTheFullRun
	void clientsAreTheSameBesideJetty() {
		assertThat(clients(REACTOR_NETTY, HTTP_COMPONENTS)).isEqualTo("""
				JettyClientHttpRequestFactory
				JettyClientHttpConnector
				""");
	}

	@Test
	void clientsAreTheSameBesideHttpComponents() {
		assertThat(clients(REACTOR_NETTY, new String[] { "httpcore5-reactive" }, JETTY))
			.startsWith("HttpComponentsClientHttpRequestFactory")
			.contains("JdkClientHttpConnector");
	}

	/**
	 * Boot's client and its behaviour, which are the same without nettrace.
	 */
	private static String clients(String[]... absent) {
		String[] all = Stream.of(absent).flatMap(Stream::of).toArray(String[]::new);
		Output with = withClientReport(without(BRAVE, DEVTOOLS, all));
		Output without = withClientReport(without(BRAVE, DEVTOOLS, all, NETTRACE));
		assertThat(with.of("call")).isEqualTo(without.of("call"));
		assertThat(with.of("client")).isEqualTo(without.of("client"));
		assertThat(without.coverage()).isEmpty();
		return with.of("client");
	}

	private static Output withClientReport(Slice slice) {
		return slice.properties("slice.clients=true", "spring.http.clients.cookie-handling=disable")
			.run("good.test", "unknown.test");
	}

	@Test
	void noHttpClient() {
		Output output = without(BRAVE, DEVTOOLS, REST_CLIENT, WEB_CLIENT, REACTOR_NETTY, REACTOR, JETTY,
				HTTP_COMPONENTS, new String[] { "spring-boot-http-client", "spring-web" })
			.run();
		assertThat(output.coverage()).containsExactly("nettrace found no HTTP client to trace");
	}

	@Test
	void noTracing() {
		Output output = without(BRAVE, OPENTELEMETRY, TRACING, DEVTOOLS).properties("slice.observations=true")
			.run("multi.test", "unknown.test");
		assertThat(output.of("call")).isEqualTo(BOTH_CALLED);
		assertThat(output.of("observation")).isEqualTo("""
				dns.lookup.duration below http.client.requests none
				socket.connect.duration below http.client.requests connection_refused
				socket.connect.duration below http.client.requests none
				http.client.requests below nothing
				dns.lookup.duration below http.client.requests none
				socket.connect.duration below http.client.requests connection_refused
				socket.connect.duration below http.client.requests none
				http.client.requests below nothing
				dns.lookup.duration below http.client.requests host_not_found
				http.client.requests below nothing
				dns.lookup.duration below http.client.requests host_not_found
				http.client.requests below nothing
				""");
		assertThat(output.of("meter")).isEqualTo(meters(4, 4));
		assertThat(output.coverage()).containsExactly(BOTH_SHOWN);
	}

	@Test
	void noContextPropagation() {
		Output output = without(BRAVE, DEVTOOLS, new String[] { "context-propagation" }).run("multi.test",
				"unknown.test");
		assertThat(output.of("span").replace(FROM_CACHE, "")).isEqualTo(bothClients());
		assertThat(output.coverage()).containsExactly(BOTH_SHOWN);
	}

	/**
	 * The meters and spans of Boot need that module. An application's own hooks do not.
	 */
	@Test
	void noObservationModule() {
		Output output = without(BRAVE, OPENTELEMETRY, TRACING, METRICS, DEVTOOLS,
				new String[] { "spring-boot-micrometer-observation" })
			.properties("slice.hooks=true")
			.run("multi.test", "unknown.test");
		String connected = """
				dnsStart multi.test
				dnsDone 2
				connectStart tcp
				connectDone tcp !
				connectStart tcp
				connectDone tcp
				""";
		String unknown = """
				dnsStart unknown.test
				dnsDone 0 !
				""";
		assertThat(output.of("hook")).isEqualTo(connected.repeat(2) + unknown.repeat(2));
		assertThat(output.coverage()).containsExactly(BOTH_SHOWN);
	}

	@Test
	@InTheFullRun
	void noObservationModuleAndNoHooks() {
		Output output = without(BRAVE, OPENTELEMETRY, TRACING, METRICS, DEVTOOLS,
				new String[] { "spring-boot-micrometer-observation" })
			.run("multi.test", "unknown.test");
		assertThat(output.of("call")).isEqualTo(BOTH_CALLED);
	}

	@Test
	void noMetrics() {
		Output output = without(BRAVE, METRICS, new String[] { "micrometer-registry-otlp" }, DEVTOOLS).run("multi.test",
				"unknown.test");
		assertThat(output.of("span").replace(FROM_CACHE, "")).isEqualTo(bothClients());
		assertThat(output.of("meter")).isEmpty();
		assertThat(output.coverage()).containsExactly(BOTH_SHOWN);
	}

	/**
	 * As in an application that has nettrace-autoconfigure without the starter.
	 */
	@Test
	void braveInsteadOfOpenTelemetry() {
		Output output = without(OPENTELEMETRY, DEVTOOLS).run("multi.test", "unknown.test");
		assertThat(output.of("span").replace(FROM_CACHE, "")).isEqualTo(bothClients());
		assertThat(output.of("meter")).isEqualTo(meters(4, 4));
		assertThat(output.coverage()).containsExactly(BOTH_SHOWN);
	}

	@Test
	@InTheFullRun
	void eventsWithBrave() {
		showsEvents(without(OPENTELEMETRY, DEVTOOLS));
	}

	@Test
	void eventsWithOpenTelemetry() {
		showsEvents(without(BRAVE, DEVTOOLS));
	}

	private static void showsEvents(Slice slice) {
		Output output = slice.properties("nettrace.spans.as=events").run("multi.test", "unknown.test");
		assertThat(output.of("span")).isEqualTo("""
				http get [DNS lookup, socket connect, socket connect]
				http get [DNS lookup, socket connect, socket connect]
				http get ! [DNS lookup]
				http get ! [DNS lookup]
				""");
		assertThat(output.of("meter")).isEqualTo(meters(4, 4));
	}

	/**
	 * Boot has an OpenTelemetry of its own then, and the agent's span of the request is
	 * the current one: what is below it belongs to the agent's trace.
	 */
	@Test
	@InTheFullRun
	void besideTheOpenTelemetryJavaAgent() {
		try (OtlpReceiver receiver = OtlpReceiver.start()) {
			Output output = withAgent(receiver)
				.properties("management.opentelemetry.tracing.export.otlp.endpoint=" + receiver.tracesUrl())
				.run("multi.test", "unknown.test");
			assertThat(SpanTree.render(receiver.spans()).lines()).containsExactlyInAnyOrder("http get", "GET",
					"DNS lookup httpcomponents", "socket connect ! httpcomponents", "socket connect httpcomponents",
					"http get", "GET", "DNS lookup reactor-netty", "socket connect ! reactor-netty",
					"socket connect reactor-netty", "http get", "GET !", "DNS lookup ! httpcomponents", "http get",
					"GET !", "DNS lookup ! reactor-netty");
			assertThat(output.coverage()).containsExactly(BOTH_SHOWN);
		}
	}

	/**
	 * What {@code docs/troubleshooting.md} recommends.
	 */
	@Test
	void onTheOpenTelemetryOfTheJavaAgent() {
		try (OtlpReceiver receiver = OtlpReceiver.start()) {
			Output output = withAgent(receiver).properties("slice.agent-tracing=true")
				.run("multi.test", "unknown.test");
			assertThat(SpanTree.render(receiver.spans())).isEqualTo("""
					http get
					  GET
					  DNS lookup httpcomponents
					  socket connect ! httpcomponents
					  socket connect httpcomponents
					http get
					  GET
					  DNS lookup reactor-netty
					  socket connect ! reactor-netty
					  socket connect reactor-netty
					http get
					  GET !
					  DNS lookup ! httpcomponents
					http get
					  GET !
					  DNS lookup ! reactor-netty
					""");
			assertThat(output.coverage()).containsExactly(BOTH_SHOWN);
		}
	}

	private static Slice withAgent(OtlpReceiver receiver) {
		return without(BRAVE, DEVTOOLS).jvmOptions(
				"-javaagent:" + Path.of("target/opentelemetry-javaagent.jar").toAbsolutePath(),
				"-Dotel.exporter.otlp.traces.endpoint=" + receiver.tracesUrl(), "-Dotel.metrics.exporter=none",
				"-Dotel.logs.exporter=none");
	}

	@Test
	@InTheFullRun
	void unsampledRequests() {
		Output output = without(BRAVE, DEVTOOLS).properties("management.tracing.sampling.probability=0")
			.run("multi.test", "unknown.test");
		assertThat(output.of("call")).isEqualTo(BOTH_CALLED);
		assertThat(output.of("span")).isEmpty();
		assertThat(output.of("meter")).isEqualTo(meters(4, 4));
	}

	@Test
	@InTheFullRun
	void exportSwitchedOff() {
		try (OtlpReceiver receiver = OtlpReceiver.start()) {
			Output output = without(BRAVE, DEVTOOLS)
				.properties("management.opentelemetry.tracing.export.otlp.endpoint=" + receiver.tracesUrl(),
						"management.tracing.export.enabled=false")
				.run("multi.test", "unknown.test");
			assertThat(receiver.spans()).isEmpty();
			assertThat(output.of("call")).isEqualTo(BOTH_CALLED);
			assertThat(output.of("meter")).isEqualTo(meters(4, 4));
			assertThat(output.coverage()).containsExactly(BOTH_SHOWN);
		}
	}

	@Test
	@InTheFullRun
	void noTracer() {
		Output output = without(BRAVE, DEVTOOLS).properties(
				"spring.autoconfigure.exclude=org.springframework.boot.micrometer.tracing.opentelemetry.autoconfigure.OpenTelemetryTracingAutoConfiguration")
			.run("multi.test", "unknown.test");
		assertThat(output.of("call")).isEqualTo(BOTH_CALLED);
		assertThat(output.of("span")).isEmpty();
		assertThat(output.of("meter")).isEqualTo(meters(4, 4));
		assertThat(output.coverage()).containsExactly(BOTH_SHOWN);
	}

	/**
	 * Without Reactor Netty, which sometimes logs a warning when its threads end before
	 * its pool.
	 */
	@Test
	void devtoolsRestart() {
		Output output = without(BRAVE, WEB_CLIENT, REACTOR_NETTY, REACTOR, JETTY, new String[] { "httpcore5-reactive" })
			.run("multi.test", "unknown.test");
		// the second application may get a failure that the JVM has cached
		assertThat(output.of("span").replace("unknown_cached", "host_not_found").replace(FROM_CACHE, ""))
			.isEqualTo(spans("httpcomponents").repeat(2));
		String shown = "nettrace shows RestClient on HttpComponents: dns, connect";
		assertThat(output.coverage()).containsExactly(shown, shown);
		assertThat(output.of("restart")).isEqualTo("the first NetTracing is gone\n");
	}

	private static Slice without(String[]... groups) {
		return new Slice(ClassPath.everything().without(Stream.of(groups).flatMap(Stream::of).toArray(String[]::new)),
				targets);
	}

	private static String calls(String caller) {
		return caller + " 204\n" + caller + " failed\n";
	}

	/**
	 * Requests of both clients to multi.test, then to unknown.test.
	 */
	private static String bothClients() {
		return connected("httpcomponents") + connected("reactor-netty") + unknown("httpcomponents")
				+ unknown("reactor-netty");
	}

	/**
	 * Requests of one client to multi.test, then to unknown.test.
	 */
	private static String spans(String client) {
		return connected(client) + unknown(client);
	}

	private static String connected(String client) {
		return """
				http get
				  DNS lookup {dns.answers=127.0.0.8,127.0.0.9, dns.question.name=multi.test, nettrace.client=CLIENT, nettrace.dns.coalesced=false}
				  socket connect ! {error.type=connection_refused, nettrace.client=CLIENT, nettrace.connect.attempt=1, nettrace.connect.outcome=failed, network.peer.address=127.0.0.8, network.peer.port=PORT, network.transport=tcp, network.type=ipv4, server.address=multi.test, server.port=PORT}
				  socket connect {nettrace.client=CLIENT, nettrace.connect.attempt=2, nettrace.connect.outcome=connected, network.peer.address=127.0.0.9, network.peer.port=PORT, network.transport=tcp, network.type=ipv4, server.address=multi.test, server.port=PORT}
				"""
			.replace("CLIENT", client);
	}

	private static String unknown(String client) {
		return """
				http get !
				  DNS lookup ! {dns.question.name=unknown.test, error.type=host_not_found, nettrace.client=CLIENT, nettrace.dns.coalesced=false}
				"""
			.replace("CLIENT", client);
	}

	private static String meters(int lookups, int connects) {
		return "dns.lookup.duration " + lookups + "\nsocket.connect.duration " + connects + "\n";
	}

}
