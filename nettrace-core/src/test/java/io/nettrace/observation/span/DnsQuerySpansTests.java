package io.nettrace.observation.span;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.tracing.Span;
import io.micrometer.tracing.Tracer;
import io.nettrace.DnsAnswerInfo;
import io.nettrace.DnsAnswerInfo.Source;
import io.nettrace.DnsQueryInfo;
import io.nettrace.DnsQueryInfo.Outcome;
import io.nettrace.NetTrace;
import io.nettrace.observation.meter.NetTraceMeterObservationHandler;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.sdk.trace.data.EventData;
import io.opentelemetry.sdk.trace.data.SpanData;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What becomes of the queries of a lookup: events of its span, or of the request's, and
 * counters.
 */
class DnsQuerySpansTests {

	private static final Instant START = Instant.parse("2026-11-29T12:00:00Z");

	private static final DnsQueryInfo DENIED = query("A", "api.test.svc.", Outcome.NOT_FOUND, "NXDOMAIN", null);

	private static final DnsQueryInfo FOUND = new DnsQueryInfo("target.test.", "AAAA",
			new InetSocketAddress(address("2001:db8::53"), 5353), true, "api.test.", Outcome.ANSWERED, "NOERROR", START,
			Duration.ofMillis(250));

	private static final DnsQueryInfo LOST = query("A", "api.test.", Outcome.TIMED_OUT, null, null);

	private final OpenTelemetrySpans spans = new OpenTelemetrySpans();

	private final SimpleMeterRegistry meters = new SimpleMeterRegistry();

	private static InetAddress address(String literal) {
		try {
			return InetAddress.getByName(literal);
		}
		catch (UnknownHostException ex) {
			throw new IllegalArgumentException(ex);
		}
	}

	private static DnsQueryInfo query(String type, String name, Outcome outcome, @Nullable String code,
			@Nullable String alias) {
		return new DnsQueryInfo(name, type, new InetSocketAddress(address("10.96.0.10"), 53), false, alias, outcome,
				code, START, Duration.ofMillis(500));
	}

	private static void lookUp(NetTrace dial, DnsAnswerInfo answer) {
		dial.dnsStart("api.test");
		dial.dnsAnswer(answer);
		dial.dnsDone(List.of(address("127.0.0.1")), false, null);
	}

	private SpanData span(boolean hideAddresses, DnsAnswerInfo answer) {
		this.spans.handledBy(new NetTraceTracingObservationHandler(this.spans.tracer(), hideAddresses));
		lookUp(this.spans.trace(), answer);
		return this.spans.finished("DNS lookup");
	}

	@Test
	void eachQueryIsAnEventOfTheLookupAtItsEnd() {
		SpanData span = span(false, DnsAnswerInfo.ofQueries(List.of(DENIED, LOST, FOUND)));
		assertThat(span.getEvents()).extracting(EventData::getName).containsOnly("DNS query");
		assertThat(span.getEvents()).extracting(EventData::getAttributes)
			.containsExactly(
					Attributes.builder()
						.put("dns.question.name", "api.test.svc.")
						.put("dns.question.type", "A")
						.put("dns.response_code", "NXDOMAIN")
						.put("nettrace.dns.query.outcome", "not_found")
						.put("nettrace.dns.server", "10.96.0.10")
						.put("network.transport", "udp")
						.put("nettrace.duration", 0.5)
						.build(),
					Attributes.builder()
						.put("dns.question.name", "api.test.")
						.put("dns.question.type", "A")
						.put("nettrace.dns.query.outcome", "timed_out")
						.put("nettrace.dns.server", "10.96.0.10")
						.put("network.transport", "udp")
						.put("nettrace.duration", 0.5)
						.build(),
					Attributes.builder()
						.put("dns.question.name", "target.test.")
						.put("dns.question.type", "AAAA")
						.put("dns.response_code", "NOERROR")
						.put("nettrace.dns.query.outcome", "answered")
						.put("nettrace.dns.server", "[2001:db8::53]:5353")
						.put("network.transport", "tcp")
						.put("nettrace.dns.alias", "api.test.")
						.put("nettrace.duration", 0.25)
						.build());
		assertThat(span.getEvents().get(2).getEpochNanos())
			.isEqualTo(Duration.between(Instant.EPOCH, START.plusMillis(250)).toNanos());
		assertThat(span.getAttributes().asMap())
			.containsEntry(AttributeKey.stringKey("nettrace.dns.source"), "name_server")
			.containsEntry(AttributeKey.longKey("nettrace.dns.queries"), 3L)
			.containsEntry(AttributeKey.longKey("nettrace.dns.failed_queries"), 1L);
	}

	@Test
	void hiddenAddressesAreThoseOfTheServersToo() {
		SpanData span = span(true, DnsAnswerInfo.ofQueries(List.of(DENIED, FOUND)));
		assertThat(span.getEvents()).hasSize(2)
			.allSatisfy(
					(event) -> assertThat(event.getAttributes().asMap().toString()).doesNotContain("10.96", "2001:"));
	}

	@Test
	void answerOfTheJvmsCacheHasItsAge() {
		SpanData span = span(false, DnsAnswerInfo.of(Source.JVM_CACHE, Duration.ofMillis(12_345)));
		assertThat(span.getAttributes().asMap())
			.containsEntry(AttributeKey.stringKey("nettrace.dns.source"), "jvm_cache")
			.containsEntry(AttributeKey.doubleKey("nettrace.dns.answer_age"), 12.345)
			.doesNotContainKey(AttributeKey.longKey("nettrace.dns.queries"));
		assertThat(span.getEvents()).isEmpty();
	}

	@Test
	void lookupOfWhichNothingIsKnownHasNoSuchAttribute() {
		this.spans.handledBy(new NetTraceTracingObservationHandler(this.spans.tracer(), false));
		NetTrace dial = this.spans.trace();
		dial.dnsStart("api.test");
		dial.dnsDone(List.of(address("127.0.0.1")), false, null);
		assertThat(this.spans.finished("DNS lookup").getAttributes().asMap().keySet()).extracting(AttributeKey::getKey)
			.containsExactlyInAnyOrder("nettrace.client", "dns.question.name", "nettrace.dns.coalesced", "dns.answers");
	}

	/**
	 * As events of the request's span; those of a lookup that is too short are left out
	 * with it.
	 */
	@Test
	void eventsOfTheRequestIfLookupsAreEventsThemselves() {
		assertThat(events(Duration.ZERO)).extracting(EventData::getName)
			.containsExactly("DNS query", "DNS query", "DNS lookup");
		assertThat(events(Duration.ofMinutes(1))).isEmpty();
	}

	private List<EventData> events(Duration minDuration) {
		OpenTelemetrySpans spans = new OpenTelemetrySpans();
		spans.handledBy(new NetTraceEventObservationHandler(spans.tracer(), false, minDuration));
		Span request = spans.tracer().nextSpan().name("request").start();
		Tracer.SpanInScope scope = spans.tracer().withSpan(request);
		lookUp(spans.trace(), DnsAnswerInfo.ofQueries(List.of(DENIED, FOUND)));
		scope.close();
		request.end();
		return spans.finished("request").getEvents();
	}

	@Test
	void queriesAreCountedByTypeCodeAndServer() {
		count(false, List.of(DENIED, DENIED, LOST, FOUND));
		assertThat(counted("dns.question.type", "A", "dns.response_code", "NXDOMAIN", "nettrace.dns.query.outcome",
				"not_found", "nettrace.dns.server", "10.96.0.10", "nettrace.client", "reactor-netty"))
			.isEqualTo(2);
		assertThat(counted("dns.response_code", "none", "nettrace.dns.query.outcome", "timed_out")).isEqualTo(1);
		assertThat(counted("dns.question.type", "AAAA", "nettrace.dns.server", "[2001:db8::53]:5353")).isEqualTo(1);
	}

	@Test
	void serversOnMetersAreBounded() {
		count(false, IntStream.range(0, 50).mapToObj(DnsQuerySpansTests::toServer).toList());
		assertThat(this.meters.find("dns.queries").counters()).hasSize(11);
		assertThat(counted("nettrace.dns.server", "_OTHER")).isEqualTo(40);
		count(false, List.of(toServer(3)));
		assertThat(counted("nettrace.dns.server", "10.0.0.3")).isEqualTo(2);
	}

	@Test
	void serversOnMetersAreHiddenIfAddressesAre() {
		count(true, List.of(DENIED, FOUND));
		assertThat(counted("nettrace.dns.server", "_IP")).isEqualTo(2);
	}

	private static DnsQueryInfo toServer(int number) {
		return new DnsQueryInfo("api.test.", "A", new InetSocketAddress(address("10.0.0." + number), 53), false, null,
				Outcome.ANSWERED, "NOERROR", START, Duration.ZERO);
	}

	private void count(boolean hideAddresses, List<DnsQueryInfo> queries) {
		if (this.meters.getMeters().isEmpty()) {
			this.spans.registry()
				.observationConfig()
				.observationHandler(
						new NetTraceMeterObservationHandler(this.meters, false).withHideAddresses(hideAddresses));
		}
		lookUp(this.spans.trace(), DnsAnswerInfo.ofQueries(queries));
	}

	private double counted(String... tags) {
		return this.meters.find("dns.queries").tags(tags).counters().stream().mapToDouble(Counter::count).sum();
	}

}
