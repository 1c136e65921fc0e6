package io.nettrace.autoconfigure;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MockClock;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Timer;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.micrometer.tracing.handler.TracingObservationHandler.TracingContext;
import io.micrometer.tracing.otel.bridge.EventListener;
import io.micrometer.tracing.otel.bridge.EventPublishingContextWrapper.ScopeAttachedEvent;
import io.nettrace.observation.DefaultTlsHandshakeObservationConvention;
import io.nettrace.observation.TlsHandshakeObservationConvention;
import io.nettrace.test.OtlpReceiver;
import io.nettrace.test.ReceivedMeter;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.sdk.trace.data.SpanData;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

/**
 * The meters of a whole Boot application, as they are pushed and scraped.
 */
@org.junit.jupiter.api.Tag("one-jdk")
@ExtendWith(OutputCaptureExtension.class)
class MetersTests {

	private static final List<Double> MILLISECONDS = List.of(5.0, 10.0, 25.0, 50.0, 75.0, 100.0, 250.0, 500.0, 750.0,
			1000.0, 2500.0, 5000.0, 7500.0, 10000.0);

	private static final List<Double> SECONDS = List.of(0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5,
			5.0, 7.5, 10.0);

	private static final String SLO = "management.metrics.distribution.slo.dns.lookup.duration";

	@Test
	void otlpHasOpenTelemetrysBucketsInMilliseconds() {
		for (String name : List.of("dns.lookup.duration", "socket.connect.duration")) {
			ReceivedMeter meter = pushed(name);
			assertThat(meter.type()).isEqualTo(Metric.DataCase.HISTOGRAM);
			assertThat(meter.unit()).isEqualTo("milliseconds");
			assertThat(meter.bounds()).isEqualTo(MILLISECONDS);
			assertThat(meter.count()).isEqualTo(1);
		}
	}

	@Test
	void otlpHasThemInSecondsIfThatIsTheBaseUnit() {
		for (String name : List.of("dns.lookup.duration", "socket.connect.duration")) {
			ReceivedMeter meter = pushed(name, "management.otlp.metrics.export.base-time-unit=seconds");
			assertThat(meter.unit()).isEqualTo("seconds");
			assertThat(meter.bounds()).isEqualTo(SECONDS);
		}
	}

	@Test
	void otlpHasExponentialBucketsIfTheApplicationChoosesThem() {
		ReceivedMeter meter = pushed("dns.lookup.duration",
				"management.metrics.distribution.percentiles-histogram.dns=true",
				"management.otlp.metrics.export.histogram-flavor=base2-exponential-bucket-histogram");
		assertThat(meter.type()).isEqualTo(Metric.DataCase.EXPONENTIAL_HISTOGRAM);
	}

	@Test
	void bucketsOfOurPropertyReplaceTheDefault() {
		assertThat(buckets("nettrace.meters.buckets=20ms,1s")).containsExactly(0.02, 1.0);
		assertThat(buckets("nettrace.meters.buckets=")).isEmpty();
	}

	@Test
	void handshakesHaveFewerBucketsAndProxyStepsNone() {
		assertThat(handshakeBuckets()).containsExactly(0.01, 0.05, 0.25, 1.0, 2.5, 10.0);
		assertThat(handshakeBuckets("nettrace.meters.coarse-buckets=20ms,1s")).containsExactly(0.02, 1.0);
		assertThat(handshakeBuckets("nettrace.meters.buckets=20ms")).hasSize(6);
		assertThat(buckets("proxy.connect.duration", new String[0])).isEmpty();
	}

	private static List<Double> handshakeBuckets(String... properties) {
		return buckets("tls.handshake.duration", properties);
	}

	@Test
	void bucketsFollowAHandshakeThatAConventionNames() {
		try (TracedApplication application = TracedApplication.start(HandshakeName.class)) {
			new Operations(application).secure("api.test");
			assertThat(buckets(application, "handshakes")).hasSize(6);
		}
	}

	@Configuration(proxyBeanMethods = false)
	static class HandshakeName {

		@Bean
		TlsHandshakeObservationConvention handshakes() {
			return new DefaultTlsHandshakeObservationConvention() {

				@Override
				public String getName() {
					return "handshakes";
				}

			};
		}

	}

	@Test
	void bucketsOfBootsPropertyWin() {
		assertThat(buckets(SLO + "=30ms")).containsExactly(0.03);
		assertThat(buckets(SLO + "=30ms", "nettrace.meters.buckets=20ms,1s")).containsExactly(0.03);
	}

	@Test
	void prometheusHasTheSameBuckets() {
		try (TracedApplication application = TracedApplication.start(List.of())) {
			new Operations(application).succeed("api.test");
			assertThat(application.bean(PrometheusMeterRegistry.class).scrape()).contains(
					"# HELP dns_lookup_duration_seconds DNS lookups as the HTTP client sees them",
					"# TYPE dns_lookup_duration_seconds histogram",
					"dns_lookup_duration_seconds_bucket{dns_question_name=\"api.test\",error_type=\"none\",nettrace_client=\"jetty\",nettrace_dns_coalesced=\"false\",le=\"0.005\"}",
					"dns_lookup_duration_seconds_bucket{dns_question_name=\"api.test\",error_type=\"none\",nettrace_client=\"jetty\",nettrace_dns_coalesced=\"false\",le=\"10.0\"} 1",
					"# TYPE socket_connect_duration_seconds histogram",
					"socket_connect_duration_seconds_count{error_type=\"none\",nettrace_client=\"jetty\",nettrace_connect_outcome=\"connected\",network_transport=\"tcp\",network_type=\"ipv4\",server_address=\"api.test\"} 1");
		}
	}

	@Test
	void everyTimerHasOpenTelemetrysBucketsByDefault() {
		assertThat(buckets("dns.lookup.duration", new String[0])).isEqualTo(SECONDS);
		assertThat(buckets("socket.connect.duration", new String[0])).isEqualTo(SECONDS);
	}

	@Test
	void prometheusBucketsCarryTheTraceOfTheSpan() {
		try (TracedApplication application = TracedApplication.start(List.of())) {
			new Operations(application).succeed("api.test");
			SpanData lookup = application.spans()
				.stream()
				.filter((span) -> span.getName().equals("DNS lookup"))
				.findFirst()
				.orElseThrow();
			assertThat(openMetrics(application))
				.anyMatch((line) -> line.startsWith("dns_lookup_duration_seconds_bucket")
						&& line.contains("trace_id=\"" + lookup.getTraceId() + "\"")
						&& line.contains("span_id=\"" + lookup.getSpanId() + "\""));
		}
	}

	@Test
	void exemplarsLeadToTheRequestWhenOperationsAreEvents() {
		try (TracedApplication application = TracedApplication.start(List.of(), "nettrace.spans.as=events")) {
			new Operations(application).succeed("api.test");
			SpanData request = application.spans().get(0);
			assertThat(openMetrics(application))
				.anyMatch((line) -> line.startsWith("dns_lookup_duration_seconds_bucket")
						&& line.contains("span_id=\"" + request.getSpanId() + "\""));
		}
	}

	@Test
	void ofManyAtOnceOneIsMadeCurrentForTheSakeOfAnExemplar() {
		try (TracedApplication application = TracedApplication.start(FrozenClock.class)) {
			Operations operations = new Operations(application);
			operations.succeed("api.test");
			operations.succeed("api.test");
			operations.succeed("api.test");
			List<String> current = application.bean(FrozenClock.class).current;
			for (String name : List.of("DNS lookup", "socket connect")) {
				List<String> ids = application.spans()
					.stream()
					.filter((span) -> span.getName().equals(name))
					.map(SpanData::getSpanId)
					.toList();
				assertThat(ids).hasSize(3);
				assertThat(current).contains(ids.get(0)).doesNotContain(ids.get(1), ids.get(2));
			}
			assertThat(application.bean(MeterRegistry.class).get("dns.lookup.duration").timer().count()).isEqualTo(3);
		}
	}

	@Configuration(proxyBeanMethods = false)
	static class FrozenClock {

		final List<String> current = new CopyOnWriteArrayList<>();

		@Bean
		MockClock clock() {
			return new MockClock();
		}

		@Bean
		EventListener scopes() {
			return (event) -> {
				if (event instanceof ScopeAttachedEvent attached && attached.getSpan() != null) {
					this.current.add(attached.getSpan().getSpanContext().getSpanId());
				}
			};
		}

	}

	@Test
	void handlersOfTheApplicationSeeTheSpanOfThoseThatAreNoExemplars() {
		try (TracedApplication application = TracedApplication.start(List.of(FrozenClock.class, SpanIds.class))) {
			Operations operations = new Operations(application);
			operations.succeed("api.test");
			operations.succeed("api.test");
			List<SpanData> spans = application.spans();
			assertThat(spans).filteredOn((span) -> span.getName().equals("DNS lookup")).hasSize(2);
			assertThat(spans).filteredOn((span) -> span.getName().equals("socket connect")).hasSize(2);
			assertThat(application.bean(SpanIds.class).atTheEnd)
				.containsExactlyElementsOf(spans.stream().map(SpanData::getSpanId).toList());
		}
	}

	@Configuration(proxyBeanMethods = false)
	static class SpanIds {

		final List<String> atTheEnd = new CopyOnWriteArrayList<>();

		@Bean
		ObservationHandler<Observation.Context> spanIds() {
			return new ObservationHandler<>() {

				@Override
				public void onStop(Observation.Context context) {
					TracingContext tracing = context.getRequired(TracingContext.class);
					SpanIds.this.atTheEnd.add(Objects.requireNonNull(tracing.getSpan()).context().spanId());
				}

				@Override
				public boolean supportsContext(Observation.Context context) {
					return true;
				}

			};
		}

	}

	@Test
	void eventsMakeNoCounters() {
		try (TracedApplication application = TracedApplication.start(List.of(), "nettrace.spans.as=events")) {
			new Operations(application).succeed("api.test");
			assertThat(application.spans()).singleElement()
				.satisfies((request) -> assertThat(request.getEvents()).hasSize(2));
			assertThat(names(application)).filteredOn((name) -> name.startsWith("http.client.requests"))
				.containsOnly("http.client.requests", "http.client.requests.active");
		}
	}

	@Test
	void longTaskTimersExistOnlyIfAskedFor() {
		try (TracedApplication application = TracedApplication.start(List.of())) {
			new Operations(application).succeed("api.test");
			assertThat(names(application)).noneMatch(MetersTests::isOursAndActive);
		}
		try (TracedApplication application = TracedApplication.start(List.of(), "nettrace.meters.active=true")) {
			new Operations(application).succeed("api.test");
			assertThat(names(application)).contains("dns.lookup.duration.active", "socket.connect.duration.active");
		}
	}

	private static boolean isOursAndActive(String name) {
		return name.endsWith(".active") && (name.startsWith("dns") || name.startsWith("socket"));
	}

	@Test
	void hostsBeyondTheLimitAreOtherAndOneWarning(CapturedOutput output) {
		try (TracedApplication application = TracedApplication.start(List.of(), "nettrace.observations.max-hosts=2")) {
			Operations operations = new Operations(application);
			for (String host : List.of("a.test", "b.test", "c.test", "d.test")) {
				operations.succeed(host);
			}
			assertThat(application.bean(MeterRegistry.class).get("socket.connect.duration").timers())
				.extracting((timer) -> timer.getId().getTag("server.address"))
				.containsExactlyInAnyOrder("a.test", "b.test", "_OTHER");
			assertThat(output.getOut().lines().filter((line) -> line.contains("nettrace.observations.max-hosts")))
				.singleElement()
				.satisfies((line) -> assertThat(line).contains(" WARN ", "(2)", "c.test", "_OTHER"));
		}
	}

	@Test
	void tagsAreTheDocumentedOnes() {
		try (TracedApplication application = TracedApplication.start(List.of())) {
			new Operations(application).fail("api.test");
			Timer timer = application.bean(MeterRegistry.class).get("socket.connect.duration").timer();
			assertThat(timer.getId().getTags()).extracting(Tag::getKey, Tag::getValue)
				.containsExactly(tuple("error.type", "connection_refused"), tuple("nettrace.client", "jetty"),
						tuple("nettrace.connect.outcome", "failed"), tuple("network.transport", "tcp"),
						tuple("network.type", "ipv4"), tuple("server.address", "api.test"));
		}
	}

	private static ReceivedMeter pushed(String name, String... properties) {
		try (OtlpReceiver receiver = OtlpReceiver.start()) {
			String[] all = new String[properties.length + 2];
			all[0] = "management.otlp.metrics.export.enabled=true";
			all[1] = "management.otlp.metrics.export.url=" + receiver.metricsUrl();
			System.arraycopy(properties, 0, all, 2, properties.length);
			try (TracedApplication application = TracedApplication.start(List.of(), all)) {
				new Operations(application).succeed("api.test");
			}
			return receiver.awaitMeter((meter) -> meter.name().equals(name));
		}
	}

	private static List<Double> buckets(String... properties) {
		return buckets("dns.lookup.duration", properties);
	}

	private static List<Double> buckets(String name, String[] properties) {
		try (TracedApplication application = TracedApplication.start(List.of(), properties)) {
			new Operations(application).succeed("api.test");
			new Operations(application).secure("api.test");
			return buckets(application, name);
		}
	}

	private static List<Double> buckets(TracedApplication application, String name) {
		PrometheusMeterRegistry registry = application.bean(PrometheusMeterRegistry.class);
		return Arrays.stream(registry.get(name).timer().takeSnapshot().histogramCounts())
			.map((bucket) -> bucket.bucket(TimeUnit.SECONDS))
			.filter((bound) -> !bound.isInfinite())
			.toList();
	}

	private static List<String> openMetrics(TracedApplication application) {
		return application.bean(PrometheusMeterRegistry.class)
			.scrape("application/openmetrics-text; version=1.0.0; charset=utf-8")
			.lines()
			.toList();
	}

	private static List<String> names(TracedApplication application) {
		return application.bean(MeterRegistry.class)
			.getMeters()
			.stream()
			.map(Meter::getId)
			.map(Meter.Id::getName)
			.toList();
	}

}
