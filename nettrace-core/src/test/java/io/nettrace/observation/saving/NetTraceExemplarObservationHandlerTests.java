package io.nettrace.observation.saving;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MockClock;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.cumulative.CumulativeTimer;
import io.micrometer.core.instrument.distribution.DistributionStatisticConfig;
import io.micrometer.core.instrument.distribution.pause.PauseDetector;
import io.micrometer.core.instrument.observation.DefaultMeterObservationHandler;
import io.micrometer.core.instrument.observation.MeterObservationHandler;
import io.micrometer.core.instrument.simple.SimpleConfig;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler.FirstMatchingCompositeObservationHandler;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.tracing.Span;
import io.micrometer.tracing.handler.DefaultTracingObservationHandler;
import io.micrometer.tracing.handler.TracingAwareMeterObservationHandler;
import io.micrometer.tracing.handler.TracingObservationHandler.TracingContext;
import io.micrometer.tracing.handler.TracingObservationHandler;
import io.nettrace.ConnectionInfo;
import io.nettrace.ConnectionTarget;
import io.nettrace.NetTrace;
import io.nettrace.PoolInfo;
import io.nettrace.ProxyInfo;
import io.nettrace.RequestInfo;
import io.nettrace.ResponseInfo;
import io.nettrace.TlsInfo;
import io.nettrace.WroteRequestInfo;
import io.nettrace.observation.HostGuard;
import io.nettrace.observation.HostPatterns;
import io.nettrace.observation.ObservationNetTraceFactory;
import io.nettrace.observation.ObservationSettings;
import io.nettrace.observation.meter.ConnectionMeters;
import io.nettrace.observation.meter.NetTraceMeterObservationHandler;
import io.nettrace.observation.meter.NetTraceRequestMeters;
import io.nettrace.observation.span.NetTraceEventObservationHandler;
import io.nettrace.observation.span.NetTraceTracingObservationHandler;
import io.nettrace.observation.span.OpenTelemetrySpans;
import io.nettrace.observation.span.RequestSpanExemplars;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.trace.data.LinkData;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import io.opentelemetry.sdk.trace.samplers.SamplingResult;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Which span is current when a timer records, with the handlers in Spring Boot's order.
 */
class NetTraceExemplarObservationHandlerTests {

	private static final String NO_SPAN = "none";

	private final SwitchedSampler sampler = new SwitchedSampler();

	private final OpenTelemetrySpans spans = new OpenTelemetrySpans(this.sampler);

	private final MockClock clock = new MockClock();

	private final RecordingMeterRegistry meters = new RecordingMeterRegistry();

	private final NetTraceMeterObservationHandler netTraceMeters = new NetTraceMeterObservationHandler(this.meters,
			false);

	private final TracingObservationHandler<Observation.Context> asSpans = new NetTraceTracingObservationHandler(
			this.spans.tracer(), false);

	@Test
	void oneOfEachMagnitudeIsAnExemplarEveryTenthOfASecond() {
		handledBy(this.asSpans, this.netTraceMeters,
				new NetTraceExemplarObservationHandler(this.netTraceMeters.timers()));
		lookUpAtOnce(3, Duration.ofMillis(40));
		assertThat(this.meters.current).containsExactly(spanId(0), NO_SPAN, NO_SPAN);
		lookUpAtOnce(2, Duration.ofMillis(3));
		assertThat(this.meters.current).as("faster").endsWith(NO_SPAN, spanId(3), NO_SPAN);
		lookUpAtOnce(2, Duration.ofMillis(3));
		assertThat(this.meters.current).as("6 ms later").endsWith(NO_SPAN, NO_SPAN);
		lookUpAtOnce(2, Duration.ofMillis(3));
		this.clock.add(Duration.ofMillis(91));
		lookUpAtOnce(2, Duration.ofMillis(3));
		assertThat(this.meters.current).as("100 ms later").endsWith(NO_SPAN, spanId(9), NO_SPAN);
	}

	@Test
	void timersOfOtherTagsHaveTheirOwn() {
		handledBy(this.asSpans, this.netTraceMeters,
				new NetTraceExemplarObservationHandler(this.netTraceMeters.timers()));
		lookUpAtOnce(2, Duration.ZERO);
		NetTrace failing = this.spans.trace();
		failing.dnsStart("api.test");
		failing.dnsDone(List.of(), false, new IllegalStateException());
		assertThat(this.meters.current).containsExactly(spanId(0), NO_SPAN, spanId(2));
	}

	@Test
	void timesAndSpansAreTheSameWithAndWithoutExemplar() {
		handledBy(this.asSpans, this.netTraceMeters,
				new NetTraceExemplarObservationHandler(this.netTraceMeters.timers()));
		lookUpAtOnce(5, Duration.ofMillis(40));
		Timer timer = this.meters.get("dns.lookup.duration").timer();
		assertThat(timer.count()).isEqualTo(5);
		assertThat(timer.totalTime(TimeUnit.MILLISECONDS)).isEqualTo(200);
		assertThat(this.spans.finished()).hasSize(5).allSatisfy((span) -> {
			assertThat(span.getName()).isEqualTo("DNS lookup");
			assertThat(span.getAttributes()).isEqualTo(this.spans.finished().get(0).getAttributes());
			assertThat(span.getStatus()).isEqualTo(this.spans.finished().get(0).getStatus());
		});
	}

	@Test
	void handlersOfTheApplicationSeeEverySpan() {
		List<String> seen = new ArrayList<>();
		ObservationHandler<Observation.Context> before = noting(seen);
		ObservationHandler<Observation.Context> after = noting(seen);
		this.spans.registry().observationConfig().observationHandler(before);
		handledBy(this.asSpans, this.netTraceMeters,
				new NetTraceExemplarObservationHandler(this.netTraceMeters.timers()), after);
		lookUpAtOnce(3, Duration.ofMillis(40));
		assertThat(seen).containsExactlyElementsOf(
				Stream.of(0, 1, 2).flatMap((index) -> Stream.of(spanId(index), spanId(index))).toList());
	}

	@Test
	void stepsAfterTheConnectHaveExemplarsToo() {
		handledBy(this.asSpans, this.netTraceMeters,
				new NetTraceExemplarObservationHandler(this.netTraceMeters.timers()));
		for (int i = 0; i < 2; i++) {
			NetTrace trace = this.spans.trace();
			trace.proxyStart(new ProxyInfo("http", null, "api.test", 443, null));
			trace.proxyDone(new ProxyInfo("http", null, "api.test", 443, null));
			trace.tlsHandshakeStart(TlsInfo.starting("api.test"));
			trace.tlsHandshakeDone(TlsInfo.starting("api.test"));
		}
		assertThat(this.spans.finished()).extracting(SpanData::getName)
			.containsExactly("proxy connect", "TLS handshake", "proxy connect", "TLS handshake");
		assertThat(this.meters.current).containsExactly(spanId(0), spanId(1), NO_SPAN, NO_SPAN);
	}

	/**
	 * On an event loop, where no span is current.
	 */
	@Test
	void queueAndPhasesLeadToTheRequest() {
		handledBy(this.asSpans, this.netTraceMeters);
		NetTraceRequestMeters requestMeters = new NetTraceRequestMeters(this.netTraceMeters.timers(),
				new ConnectionMeters(this.meters, new HostGuard(1), HostPatterns.all()),
				new RequestSpanExemplars(this.spans.tracer()));
		ObservationNetTraceFactory factory = new ObservationNetTraceFactory(this.spans::registry, () -> requestMeters,
				ObservationSettings.defaults().withExchanges(true));
		exchange(factory);
		exchange(factory);
		this.clock.add(Duration.ofMillis(100));
		exchange(factory);
		String first = spanId(0);
		String third = spanId(2);
		assertThat(this.meters.current).as("the time in queue and four phases of each")
			.hasSize(15)
			.startsWith(first, first, first, first, first)
			.endsWith(third, third, third, third, third);
		assertThat(this.spans.tracer().currentSpan()).isNull();
	}

	private void exchange(ObservationNetTraceFactory factory) {
		Observation request = Observation.start("request", this.spans.registry());
		NetTrace trace = request.scoped(() -> factory.create(new RequestInfo("reactor-netty", "api.test", 80, 1)));
		trace.getConn(new ConnectionTarget("api.test", 80, false));
		ConnectionInfo connection = new ConnectionInfo(7, new PoolInfo("reactor-netty", "api.test", 80, 2), true, true,
				0, 0, 1, 1, null, null, "1.1", null);
		trace.gotConn(connection);
		trace.wroteRequest(new WroteRequestInfo(connection, null));
		trace.gotFirstResponseByte(connection);
		trace.responseDone(new ResponseInfo(connection, 200, null));
		request.stop();
	}

	@Test
	void withoutItEachIsAnExemplar() {
		handledBy(this.asSpans, this.netTraceMeters);
		lookUpAtOnce(3, Duration.ofMillis(40));
		assertThat(this.meters.current).containsExactly(spanId(0), spanId(1), spanId(2));
	}

	@Test
	void metersOfTheApplicationKeepTheirExemplars() {
		handledBy(this.asSpans, new DefaultMeterObservationHandler(this.meters),
				new NetTraceExemplarObservationHandler(this.netTraceMeters.timers()));
		lookUpAtOnce(3, Duration.ofMillis(40));
		assertThat(this.meters.current).containsExactly(spanId(0), spanId(1), spanId(2));
	}

	@Test
	void tracingOfTheApplicationKeepsItsExemplars() {
		handledBy(new DefaultTracingObservationHandler(this.spans.tracer()), this.netTraceMeters,
				new NetTraceExemplarObservationHandler(this.netTraceMeters.timers()));
		lookUpAtOnce(3, Duration.ofMillis(40));
		assertThat(this.meters.current).containsExactly(spanId(0), spanId(1), spanId(2));
	}

	@Test
	void requestsSpanIsThinnedOutToo() {
		handledBy(new NetTraceEventObservationHandler(this.spans.tracer(), false, Duration.ZERO), this.netTraceMeters,
				new NetTraceExemplarObservationHandler(this.netTraceMeters.timers()));
		Observation request = Observation.start("request", this.spans.registry());
		List<NetTrace> traces = new ArrayList<>();
		request.scoped(() -> traces.addAll(startLookups(2)));
		traces.forEach((trace) -> trace.dnsDone(List.of(), false, null));
		request.stop();
		assertThat(this.meters.current).containsExactly(spanId(0), NO_SPAN);
		assertThat(this.spans.finished()).singleElement().satisfies((span) -> assertThat(span.getEvents()).hasSize(2));
	}

	@Test
	void othersAreRecordedInTheSpanOfTheirThread() {
		handledBy(this.asSpans, this.netTraceMeters,
				new NetTraceExemplarObservationHandler(this.netTraceMeters.timers()));
		Observation request = Observation.start("request", this.spans.registry());
		request.scoped(() -> lookUpAtOnce(2, Duration.ZERO));
		request.stop();
		assertThat(this.meters.current).containsExactly(spanId(0), spanId(2));
		assertThat(this.spans.finished()).last().satisfies((span) -> assertThat(span.getName()).isEqualTo("request"));
	}

	/**
	 * As in a registry that was set up by hand.
	 */
	@Test
	void spansEndInAnyOrderOfTheHandlers() {
		List<ObservationHandler<Observation.Context>> handlers = List.of(this.asSpans, this.netTraceMeters,
				new NetTraceExemplarObservationHandler(this.netTraceMeters.timers()));
		int[][] orders = { { 0, 1, 2 }, { 0, 2, 1 }, { 1, 0, 2 }, { 1, 2, 0 }, { 2, 0, 1 }, { 2, 1, 0 } };
		for (int[] order : orders) {
			OpenTelemetrySpans spans = new OpenTelemetrySpans();
			for (int index : order) {
				spans.registry().observationConfig().observationHandler(handlers.get(index));
			}
			for (int i = 0; i < 3; i++) {
				NetTrace trace = spans.trace();
				trace.dnsStart("api.test");
				trace.dnsDone(List.of(), false, null);
			}
			assertThat(this.spans.finished()).as("%s", Arrays.toString(order))
				.hasSize(3)
				.allSatisfy((span) -> assertThat(span.getAttributes().size()).isEqualTo(3));
			this.spans.reset();
		}
		assertThat(this.meters.get("dns.lookup.duration").timer().count()).isEqualTo(3L * orders.length);
	}

	@Test
	void unsampledSpansDoNotDisplaceTheSampledOne() {
		handledBy(this.asSpans, this.netTraceMeters,
				new NetTraceExemplarObservationHandler(this.netTraceMeters.timers()));
		this.sampler.samples = false;
		lookUpAtOnce(2, Duration.ZERO);
		this.sampler.samples = true;
		lookUpAtOnce(2, Duration.ZERO);
		assertThat(this.meters.current).element(0).as("registries may take unsampled ones").isNotEqualTo(NO_SPAN);
		assertThat(this.meters.current).endsWith(NO_SPAN, spanId(0), NO_SPAN).hasSize(4);
	}

	private void handledBy(TracingObservationHandler<Observation.Context> tracing,
			MeterObservationHandler<Observation.Context> meters, ObservationHandler<?>... others) {
		this.spans.handledBy(tracing);
		this.spans.registry()
			.observationConfig()
			.observationHandler(new FirstMatchingCompositeObservationHandler(
					new TracingAwareMeterObservationHandler<>(meters, this.spans.tracer())));
		for (ObservationHandler<?> other : others) {
			this.spans.registry().observationConfig().observationHandler(other);
		}
	}

	/**
	 * Lookups that start together and end together.
	 */
	private void lookUpAtOnce(int count, Duration duration) {
		List<NetTrace> traces = startLookups(count);
		this.clock.add(duration);
		traces.forEach((trace) -> trace.dnsDone(List.of(), false, null));
	}

	private List<NetTrace> startLookups(int count) {
		List<NetTrace> traces = Stream.generate(this.spans::trace).limit(count).toList();
		traces.forEach((trace) -> trace.dnsStart("api.test"));
		return traces;
	}

	private String spanId(int index) {
		SpanData span = this.spans.finished().get(index);
		return span.getSpanId();
	}

	private static ObservationHandler<Observation.Context> noting(List<String> spanIds) {
		return new ObservationHandler<>() {

			@Override
			public boolean supportsContext(Observation.Context context) {
				return true;
			}

			@Override
			public void onStop(Observation.Context context) {
				Span span = context.<TracingContext>getRequired(TracingContext.class).getSpan();
				spanIds.add((span != null) ? span.context().spanId() : NO_SPAN);
			}

		};
	}

	/**
	 * Notes the span that is current when a timer records.
	 */
	private final class RecordingMeterRegistry extends SimpleMeterRegistry {

		private final List<String> current = new ArrayList<>();

		RecordingMeterRegistry() {
			super(SimpleConfig.DEFAULT, NetTraceExemplarObservationHandlerTests.this.clock);
		}

		@Override
		protected Timer newTimer(Meter.Id id, DistributionStatisticConfig configuration, PauseDetector pauseDetector) {
			return new CumulativeTimer(id, this.clock, configuration, pauseDetector, getBaseTimeUnit()) {

				@Override
				protected void recordNonNegative(long amount, TimeUnit unit) {
					Span span = NetTraceExemplarObservationHandlerTests.this.spans.tracer().currentSpan();
					RecordingMeterRegistry.this.current.add((span != null) ? span.context().spanId() : NO_SPAN);
					super.recordNonNegative(amount, unit);
				}

			};
		}

	}

	private static final class SwitchedSampler implements Sampler {

		private boolean samples = true;

		@Override
		public SamplingResult shouldSample(Context parent, String traceId, String name, SpanKind kind,
				Attributes attributes, List<LinkData> links) {
			return this.samples ? SamplingResult.recordAndSample() : SamplingResult.drop();
		}

		@Override
		public String getDescription() {
			return "switched";
		}

	}

}
