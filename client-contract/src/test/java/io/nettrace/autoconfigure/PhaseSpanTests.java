package io.nettrace.autoconfigure;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.observation.Observation;
import io.nettrace.autoconfigure.TracedClient.Call;
import io.nettrace.autoconfigure.TracedClient.Caller;
import io.nettrace.observation.Phase;
import io.nettrace.observation.RequestRecord;
import io.nettrace.observation.RequestRecordSink;
import io.nettrace.test.DnsAnswer;
import io.nettrace.test.DnsServer;
import io.nettrace.test.SpanTree;
import io.nettrace.test.TestAuthority;
import io.opentelemetry.sdk.trace.data.SpanData;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.HttpMethod;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * What every client emits for the phases of a request: whole span trees, and timers.
 */
@ParameterizedClass
@EnumSource(names = ".*(HTTP_COMPONENTS|REACTOR_NETTY|JETTY|OK_HTTP)", mode = EnumSource.Mode.MATCH_ANY)
class PhaseSpanTests extends ContractTest {

	private static final TestAuthority AUTHORITY = TestAuthority.create("nettrace");

	private final DnsServer dns = DnsServer.start();

	@TempDir
	private Path temp;

	private @Nullable PhaseServer server;

	private @Nullable TracedApplication application;

	PhaseSpanTests(TracedClient client) {
		super(client);
	}

	@BeforeEach
	void useNames() {
		LoopbackNames.use(this.dns);
		this.dns.set(host("good"), DnsAnswer.addresses("127.0.0.9"));
	}

	@AfterEach
	void stop() {
		if (this.application != null) {
			this.application.close();
		}
		if (this.server != null) {
			this.server.close();
		}
		this.dns.close();
	}

	private Caller caller(List<Class<?>> configurations, String... properties)
			throws IOException, GeneralSecurityException {
		Path trusted = this.temp.resolve("trusted.p12");
		try (OutputStream out = Files.newOutputStream(trusted)) {
			AUTHORITY.trusted().store(out, TestAuthority.PASSWORD.toCharArray());
		}
		List<Class<?>> all = new ArrayList<>(configurations);
		all.add(LoopbackNames.class);
		Stream<String> trusting = Stream.of("spring.http.clients.ssl.bundle=trusting",
				"spring.ssl.bundle.jks.trusting.truststore.location=file:" + trusted,
				"spring.ssl.bundle.jks.trusting.truststore.password=" + TestAuthority.PASSWORD);
		this.application = client().start(all, Stream.concat(trusting, Stream.of(properties)).toArray(String[]::new));
		return client().caller(this.application);
	}

	private TracedApplication application() {
		return Objects.requireNonNull(this.application);
	}

	private PhaseServer serve(TestAuthority.Server identity) {
		PhaseServer started = PhaseServer.start(identity.context().getServerSocketFactory(), "127.0.0.9");
		this.server = started;
		return started;
	}

	private String url(String scheme, String path) {
		return scheme + "://" + host("good") + ":" + Objects.requireNonNull(this.server).port() + path;
	}

	private static String get(Caller caller, String url) {
		return caller.exchange(HttpMethod.GET, url, Map.of(), null);
	}

	private void shows(String request, String... steps) {
		application().awaitTree(request + "\n" + String.join("", steps));
	}

	private String lookup() {
		return below(ExpectedSpans.answered(host("good")));
	}

	private String connect(String host) {
		return below(ExpectedSpans.connected(1, "127.0.0.9", host));
	}

	private static String below(String line) {
		return "  " + line.strip() + "\n";
	}

	private String handshake(boolean resumed) {
		return "  TLS handshake {server.address=" + host("good")
				+ ", tls.cipher=TLS_AES_256_GCM_SHA384, tls.protocol.name=tls, tls.protocol.version=1.3, tls.resumed="
				+ resumed + ", " + ofServer() + "}\n";
	}

	private String ofServer() {
		return "tls.server.issuer=CN=nettrace, tls.server.not_after=DATE, tls.server.subject=CN=" + host("good");
	}

	private Timer timer(String name, String... tags) {
		return application().bean(MeterRegistry.class).get(name).tags(tags).timer();
	}

	@Test
	void showsHandshakes() throws Exception {
		serve(AUTHORITY.server(host("good")));
		Caller caller = caller(List.of());
		get(caller, url("https", "/last"));
		shows("http get", lookup(), connect(host("good")), handshake(false));
		get(caller, url("https", "/"));
		shows("http get", lookup(), connect(host("good")), handshake(true));
		awaitIdle();
		get(caller, url("https", "/"));
		shows("http get");
		for (String resumed : List.of("false", "true")) {
			assertThat(timer("tls.handshake.duration", "server.address", host("good"), "tls.resumed", resumed,
					"tls.protocol.version", "1.3", "error.type", "none")
				.count()).isEqualTo(1);
		}
	}

	@Test
	void showsAFailedHandshake() throws Exception {
		serve(AUTHORITY.expiredServer(host("good")));
		Caller caller = caller(List.of());
		assertThatExceptionOfType(RuntimeException.class).isThrownBy(() -> get(caller, url("https", "/")));
		shows("http get !", lookup(), connect(host("good")),
				"  TLS handshake ! {error.type=certificate_expired, server.address=" + host("good") + ", " + ofServer()
						+ "}\n");
		assertThat(timer("tls.handshake.duration", "server.address", host("good"), "tls.resumed", "none",
				"tls.protocol.version", "none", "error.type", "certificate_expired")
			.count()).isEqualTo(1);
	}

	@Test
	void showsTheTunnelOfAProxy() throws Exception {
		PhaseServer server = serve(AUTHORITY.server(host("good")));
		try (LoopbackProxy proxy = LoopbackProxy.start("127.0.0.9",
				new InetSocketAddress("127.0.0.9", server.port()))) {
			Caller caller = caller(List.of(ClientSettings.Proxied.class), "proxy.host=127.0.0.9",
					"proxy.port=" + proxy.port());
			get(caller, url("https", "/"));
			if (client().has(Limit.TUNNELS)) {
				shows("http get", connect("127.0.0.9"), handshake(false));
				return;
			}
			application().awaitSpans(4);
			assertThat(application().tree()).startsWith("http get\n")
				.contains("  socket connect {")
				.endsWith("  proxy connect {" + tunnel("") + handshake(false));
			assertThat(timer("proxy.connect.duration", "server.address", host("good"), "nettrace.proxy.protocol",
					"http", "error.type", "none")
				.count()).isEqualTo(1);
		}
	}

	private String tunnel(String error) {
		return error + "nettrace.proxy.protocol=http, network.peer.address=127.0.0.9, network.peer.port=PORT, "
				+ "server.address=" + host("good") + ", server.port=PORT}\n";
	}

	@Test
	void showsAProxyThatRefuses() throws Exception {
		serve(AUTHORITY.server(host("good")));
		try (LoopbackProxy proxy = LoopbackProxy.start("127.0.0.9")) {
			Caller caller = caller(List.of(ClientSettings.Proxied.class), "proxy.host=127.0.0.9",
					"proxy.port=" + proxy.port());
			assertThatExceptionOfType(RuntimeException.class).isThrownBy(() -> get(caller, url("https", "/")));
			String step = client().has(Limit.TUNNELS) ? "  socket connect ! {error.type=proxy_tunnel_error, "
					: "  proxy connect ! {error.type=proxy_tunnel_error, " + tunnel("");
			Awaitility.await().untilAsserted(() -> assertThat(SpanTree.render(application().spans())).contains(step));
			assertThat(application().tree()).doesNotContain("TLS handshake");
		}
	}

	private PhaseServer serve() {
		PhaseServer started = PhaseServer.start("127.0.0.9");
		this.server = started;
		return started;
	}

	@Test
	void showsWaitsAndTimesTheQueue() throws Exception {
		PhaseServer server = serve();
		Caller caller = caller(List.of(ClientSettings.NarrowPool.class));
		Call first = caller.start(url("http", "/held"));
		server.awaitHeld();
		Call second = caller.start(url("http", "/held"));
		Awaitility.await().untilAsserted(() -> assertThat(pending()).isEqualTo(1));
		server.release();
		await(first);
		await(second);
		Awaitility.await()
			.untilAsserted(() -> assertThat(SpanTree.render(application().spans())).containsPattern(
					"  wait for connection \\{nettrace.queue.outcome=(reused|new), nettrace.queue.reason=host_limit, "
							+ "server.address=" + host("good") + ", server.port=PORT\\}\n"));
		assertThat(SpanTree.render(application().spans())).containsOnlyOnce("wait for connection");
		assertThat(pending()).isZero();
		assertThat(application().bean(MeterRegistry.class)
			.get("http.client.request.time_in_queue")
			.tags("server.address", host("good"), "error.type", "none")
			.timers()
			.stream()
			.mapToLong(Timer::count)
			.sum()).isEqualTo(2);
	}

	private double pending() {
		return gauge("http.client.connection.pending_requests");
	}

	private double gauge(String name, String... tags) {
		return application().bean(MeterRegistry.class)
			.get(name)
			.tags("server.address", host("good"))
			.tags(tags)
			.gauge()
			.value();
	}

	@Test
	void requestsSayWhereTheirTimeWent() throws Exception {
		serve(AUTHORITY.server(host("good")));
		Caller caller = caller(List.of());
		get(caller, url("https", "/"));
		Map<String, Object> first = request();
		awaitIdle();
		get(caller, url("https", "/"));
		Map<String, Object> second = request();
		assertThat(first).containsEntry("nettrace.exchanges", 1L)
			.containsEntry("nettrace.connection.reused", false)
			.containsEntry("nettrace.connection.requests", 1L)
			.containsEntry("network.peer.address", "127.0.0.9")
			.containsEntry("network.protocol.version", "1.1")
			.containsKeys("network.peer.port", "nettrace.connection.id", "nettrace.connection.age",
					"nettrace.phase.queue", "nettrace.phase.dns", "nettrace.phase.connect", "nettrace.phase.tls",
					"nettrace.phase.send", "nettrace.phase.wait", "nettrace.phase.other", "nettrace.verdict")
			.doesNotContainKeys("nettrace.connection.idle", "nettrace.phase.proxy", "nettrace.verdict.detail");
		assertThat(second).containsEntry("nettrace.connection.reused", true)
			.containsEntry("nettrace.connection.requests", 2L)
			.containsEntry("nettrace.connection.id", first.get("nettrace.connection.id"))
			.containsKeys("nettrace.connection.idle", "nettrace.phase.queue", "nettrace.phase.wait")
			.doesNotContainKeys("nettrace.phase.dns", "nettrace.phase.connect", "nettrace.phase.tls");
		assertThat(gauge("http.client.open_connections", "http.connection.state", "idle")
				+ gauge("http.client.open_connections", "http.connection.state", "active"))
			.isEqualTo(1);
		assertThat(gauge("tls.server.certificate.expiry")).isPositive();
	}

	@Test
	void linksToTheRequestThatHasOpenedTheConnection() throws Exception {
		serve();
		Caller caller = caller(List.of());
		get(caller, url("http", "/"));
		awaitIdle();
		get(caller, url("http", "/"));
		Awaitility.await().untilAsserted(() -> assertThat(requests()).hasSize(2));
		SpanData opener = requests().get(0);
		assertThat(opener.getLinks()).isEmpty();
		assertThat(requests().get(1).getLinks()).singleElement().satisfies((link) -> {
			assertThat(link.getSpanContext().getTraceId()).isEqualTo(opener.getTraceId());
			assertThat(link.getSpanContext().getSpanId()).isEqualTo(opener.getSpanId());
		});
	}

	/**
	 * On an event loop the connection goes back to the pool after the caller has its
	 * response.
	 */
	private void awaitIdle() {
		Awaitility.await()
			.untilAsserted(() -> assertThat(gauge("http.client.open_connections", "http.connection.state", "idle"))
				.isEqualTo(1));
	}

	private List<SpanData> requests() {
		return application().spans().stream().filter((span) -> span.getName().equals("http get")).toList();
	}

	/**
	 * The attributes of the request's span that has ended since the last call.
	 */
	private Map<String, Object> request() {
		Awaitility.await()
			.untilAsserted(() -> assertThat(application().spans()).extracting(SpanData::getName).contains("http get"));
		Map<String, Object> attributes = new HashMap<>();
		application().spans()
			.stream()
			.filter((span) -> span.getName().equals("http get"))
			.forEach((span) -> span.getAttributes().forEach((key, value) -> attributes.put(key.getKey(), value)));
		application().tree();
		return attributes;
	}

	@Test
	void verdictNamesThePhaseThatFailed() throws Exception {
		serve();
		Caller caller = caller(List.of(), "spring.http.clients.read-timeout=300ms");
		assertThatExceptionOfType(RuntimeException.class).isThrownBy(() -> get(caller, url("http", "/held")));
		assertThat(request()).containsEntry("nettrace.verdict", "wait")
			.containsEntry("nettrace.failures", List.of("wait: timed_out"));
		assertThatExceptionOfType(RuntimeException.class)
			.isThrownBy(() -> get(caller, "http://" + host("unknown") + "/"));
		assertThat(request()).containsEntry("nettrace.verdict", "dns");
	}

	@Test
	void verdictNamesAHandshakeThatFailed() throws Exception {
		serve(AUTHORITY.expiredServer(host("good")));
		Caller caller = caller(List.of());
		assertThatExceptionOfType(RuntimeException.class).isThrownBy(() -> get(caller, url("https", "/")));
		assertThat(request()).containsEntry("nettrace.verdict", "tls")
			.containsEntry("nettrace.failures", List.of("tls: certificate_expired"))
			.doesNotContainKey("nettrace.connection.id");
	}

	/**
	 * The observation of WebClient stops at the head of the response.
	 */
	@Test
	void recordIsWrittenWhenTheResponseHasBeenRead() throws Exception {
		PhaseServer server = serve();
		Caller caller = caller(List.of(Records.class));
		Records records = application().bean(Records.class);
		Call call = caller.start(url("http", "/body"));
		server.awaitHeld();
		boolean stopsAtHead = client().caller().equals("WebClient");
		if (stopsAtHead) {
			Awaitility.await().until(() -> !records.atStop.isEmpty());
		}
		if (!client().has(Limit.UNREAD_BODIES)) { // or the request may be over by now
			assertThat(records.atEnd).isEmpty();
		}
		server.release();
		await(call);
		Awaitility.await().until(() -> !records.atEnd.isEmpty());
		Map<Phase, Long> atStop = Objects.requireNonNull(records.atStop.poll());
		Map<Phase, Long> atEnd = Objects.requireNonNull(records.atEnd.poll());
		assertThat(atEnd.getOrDefault(Phase.RECEIVE, 0L))
			.isGreaterThanOrEqualTo(atStop.getOrDefault(Phase.RECEIVE, 0L) + (stopsAtHead ? 1 : 0));
		atStop.remove(Phase.RECEIVE);
		assertThat(atEnd).containsAllEntriesOf(atStop);
	}

	/**
	 * The phases of requests, when their observation stops and when they are over.
	 */
	@Configuration(proxyBeanMethods = false)
	static class Records {

		final Queue<Map<Phase, Long>> atStop = new ConcurrentLinkedQueue<>();

		final Queue<Map<Phase, Long>> atEnd = new ConcurrentLinkedQueue<>();

		@Bean
		RequestRecordSink atStop() {
			return (request, record) -> this.atStop.add(phases(record));
		}

		@Bean
		RequestRecordSink atEnd() {
			return new RequestRecordSink() {

				@Override
				public void write(Observation.Context request, RequestRecord record) {
					Records.this.atEnd.add(phases(record));
				}

				@Override
				public boolean waitsForResponse() {
					return true;
				}

			};
		}

		private static Map<Phase, Long> phases(RequestRecord record) {
			Map<Phase, Long> phases = new EnumMap<>(Phase.class);
			Phase.ALL.forEach((phase) -> phases.put(phase, record.nanos(phase)));
			assertThat(phases.values().stream().mapToLong(Long::longValue).sum()).isEqualTo(record.total());
			return phases;
		}

	}

	/**
	 * RFC 9113, section 7: {@code ENHANCE_YOUR_CALM}. Jetty tells the application of the
	 * failure before it tells the exchange.
	 */
	@Test
	void verdictNamesTheCodeOfGoAway() throws Exception {
		assumeTrue(client().client().equals("reactor-netty"), "HTTP/1.1, or told too late");
		try (Http2Server http2 = Http2Server.start("127.0.0.9")) {
			Caller caller = caller(List.of(ClientSettings.Http2.class));
			Call call = caller.start(http2.url(host("good")));
			http2.awaitRequests(1);
			http2.sendAway(0xb);
			assertThat(call.result()).failsWithin(Duration.ofSeconds(20));
			assertThat(request()).containsEntry("nettrace.verdict", "wait")
				.containsEntry("nettrace.verdict.detail", "the server sent GOAWAY (ENHANCE_YOUR_CALM)");
		}
	}

}
