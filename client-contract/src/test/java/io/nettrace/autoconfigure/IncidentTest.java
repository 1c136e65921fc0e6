package io.nettrace.autoconfigure;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.nettrace.autoconfigure.TracedClient.Call;
import io.nettrace.autoconfigure.TracedClient.Caller;
import io.nettrace.test.DnsAnswer;
import io.nettrace.test.DnsServer;
import io.nettrace.test.SpanTree;
import io.nettrace.test.TestAuthority;
import io.opentelemetry.sdk.trace.data.SpanData;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.http.HttpMethod;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Incidents that are staged, on real servers. Everything that {@code incidents.yml} says
 * of them must be said in the course of the test: spans count whenever they end, meters
 * when the test has a {@link #look()}, and when it is over.
 */
@ExtendWith(IncidentCount.class)
abstract class IncidentTest {

	static final TestAuthority AUTHORITY = TestAuthority.create("nettrace");

	static final String SERVER = "127.0.0.9";

	static final String HOST = "api.test";

	/**
	 * Longer than what is not held up in a request.
	 */
	private static final Duration LONG = Duration.ofMillis(300);

	private final DnsServer dns = DnsServer.start();

	private final Map<Signal, String> missing = new LinkedHashMap<>();

	private final List<AutoCloseable> servers = new ArrayList<>();

	@TempDir
	private Path temp;

	private @Nullable PhaseServer server;

	private @Nullable TracedApplication application;

	@BeforeEach
	void stage(TestInfo test) {
		int[] staged = test.getTestMethod().orElseThrow().getAnnotation(Incident.Staged.class).value();
		IntStream.of(staged)
			.mapToObj(Incident::of)
			.forEach((incident) -> incident.signals()
				.forEach((signal) -> this.missing.put(signal, "incident " + incident.number() + ": " + signal)));
		LoopbackNames.use(this.dns);
		this.dns.set(HOST, DnsAnswer.addresses(SERVER));
	}

	@AfterEach
	void stop() throws Exception {
		if (this.application != null) {
			this.application.close();
		}
		for (AutoCloseable each : this.servers) {
			each.close();
		}
		this.dns.close();
	}

	/**
	 * Take note of what is said now.
	 */
	void look() {
		List<SpanData> spans = application().spans();
		Scrape scrape = Scrape.of(application().bean(PrometheusMeterRegistry.class));
		this.missing.keySet().removeIf((signal) -> signal.isGiven(spans, scrape));
	}

	/**
	 * On an event loop the last of it may be said after the caller has its response.
	 */
	void awaitSignals() {
		Awaitility.await().pollInterval(Duration.ofMillis(20)).untilAsserted(() -> {
			look();
			assertThat(this.missing.values())
				.as(() -> "not said, of " + SpanTree.render(application().spans()) + requests())
				.isEmpty();
		});
	}

	DnsServer dns() {
		return this.dns;
	}

	PhaseServer serve(PhaseServer started) {
		this.server = closedAfterwards(started);
		return started;
	}

	PhaseServer serve() {
		return serve(PhaseServer.start(SERVER));
	}

	PhaseServer serve(TestAuthority.Server identity) {
		return serve(PhaseServer.start(identity.context().getServerSocketFactory(), SERVER));
	}

	PhaseServer server() {
		return Objects.requireNonNull(this.server);
	}

	<T extends AutoCloseable> T closedAfterwards(T resource) {
		this.servers.add(resource);
		return resource;
	}

	/**
	 * Start an application with a client that trusts the authority of the tests.
	 */
	Caller start(TracedClient client, List<Class<?>> configurations, String... properties) {
		List<Class<?>> all = new ArrayList<>(List.of(LoopbackNames.class)); // the test's
																			// own
																			// resolver
																			// wins
		all.addAll(configurations);
		this.application = client.start(all,
				Stream.of(trusting(), properties).flatMap(Stream::of).toArray(String[]::new));
		return client.caller(this.application);
	}

	private String[] trusting() {
		Path trusted = this.temp.resolve("trusted.p12");
		try (OutputStream out = Files.newOutputStream(trusted)) {
			AUTHORITY.trusted().store(out, TestAuthority.PASSWORD.toCharArray());
		}
		catch (IOException | GeneralSecurityException ex) {
			throw new IllegalStateException(ex);
		}
		return new String[] { "management.prometheus.metrics.export.enabled=true",
				"spring.http.clients.ssl.bundle=trusting",
				"spring.ssl.bundle.jks.trusting.truststore.location=file:" + trusted,
				"spring.ssl.bundle.jks.trusting.truststore.password=" + TestAuthority.PASSWORD };
	}

	TracedApplication application() {
		return Objects.requireNonNull(this.application);
	}

	String url(String path) {
		return "http://" + HOST + ":" + server().port() + path;
	}

	String secureUrl(String path) {
		return url(path).replace("http:", "https:");
	}

	static String get(Caller caller, String url) {
		return caller.exchange(HttpMethod.GET, url, Map.of(), null);
	}

	static void assertFails(Runnable call) {
		assertThatExceptionOfType(RuntimeException.class).isThrownBy(call::run);
	}

	static void await(Call call) throws Exception {
		call.result().get(20, TimeUnit.SECONDS);
	}

	static void awaitFailure(Call call) {
		assertThat(call.result()).failsWithin(Duration.ofSeconds(20));
	}

	/**
	 * Let the phase that a request is in be the one that takes most.
	 */
	static void awaitLong() {
		awaitLong(System.nanoTime(), 0);
	}

	private static void awaitLong(long since, long before) {
		Awaitility.await().until(() -> System.nanoTime() - since > before + LONG.toNanos());
	}

	/**
	 * Start a request, and wait until the server keeps it waiting.
	 */
	Held startHeld(Caller caller, String url) throws InterruptedException {
		long begin = System.nanoTime();
		Call call = caller.start(url);
		server().awaitHeld();
		long now = System.nanoTime();
		return new Held(call, now - begin, now);
	}

	/**
	 * A request that the server keeps waiting.
	 *
	 * @param call the request
	 * @param before how long it took until then
	 * @param since since when it waits
	 */
	record Held(Call call, long before, long since) {

		/**
		 * Let this take most of the request's time.
		 */
		void awaitLong() {
			IncidentTest.awaitLong(this.since, this.before);
		}

	}

	/**
	 * On an event loop a connection goes back to the pool after the caller has its
	 * response.
	 */
	void awaitIdle() {
		awaitGauge(1, "http.client.open_connections", "http.connection.state", "idle");
	}

	void awaitGauge(double value, String name, String... tags) {
		Awaitility.await().untilAsserted(() -> assertThat(gauge(name, tags)).as(name).isEqualTo(value));
	}

	double gauge(String name, String... tags) {
		return meters().find(name).tags(tags).gauges().stream().mapToDouble(Gauge::value).sum();
	}

	/**
	 * Wait for a timer, or several together, to have that many measurements.
	 */
	void awaitCount(long count, String name, String... tags) {
		Awaitility.await().untilAsserted(() -> assertThat(count(name, tags)).as(name).isEqualTo(count));
	}

	long count(String name, String... tags) {
		return meters().find(name).tags(tags).timers().stream().mapToLong(Timer::count).sum();
	}

	private MeterRegistry meters() {
		return application().bean(MeterRegistry.class);
	}

	/**
	 * The attributes of the requests that have ended, in the order of their starts.
	 */
	List<Map<String, Object>> requests() {
		return application().spans()
			.stream()
			.filter((span) -> span.getName().startsWith("http "))
			.sorted((one, other) -> Long.compare(one.getStartEpochNanos(), other.getStartEpochNanos()))
			.map(IncidentTest::attributes)
			.toList();
	}

	private static Map<String, Object> attributes(SpanData span) {
		Map<String, Object> attributes = new LinkedHashMap<>();
		span.getAttributes().forEach((key, value) -> attributes.put(key.getKey(), value));
		return attributes;
	}

	Map<String, Object> request(int number) {
		Awaitility.await().untilAsserted(() -> assertThat(requests()).hasSizeGreaterThan(number));
		return requests().get(number);
	}

}
