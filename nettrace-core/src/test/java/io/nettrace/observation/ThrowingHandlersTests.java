package io.nettrace.observation;

import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;

import io.micrometer.common.KeyValues;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import io.nettrace.NetTrace;
import io.nettrace.instrument.NetTracing;
import io.nettrace.observation.meter.NetTraceMeterObservationHandler;
import io.nettrace.observation.saving.NetTraceExemplarObservationHandler;
import io.nettrace.observation.span.NetTraceTracingObservationHandler;
import io.nettrace.observation.span.OpenTelemetrySpans;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.sdk.trace.data.SpanData;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

/**
 * What a handler, a convention or a filter of the application throws leaves no span and
 * no timer of ours open, and hides nothing from our handlers, wherever it stands among
 * them.
 */
class ThrowingHandlersTests {

	private static final InetSocketAddress PEER = new InetSocketAddress(InetAddress.getLoopbackAddress(), 443);

	private final OpenTelemetrySpans spans = new OpenTelemetrySpans();

	private final SimpleMeterRegistry meters = new SimpleMeterRegistry();

	enum Moment {

		START, ERROR, EVENT_AND_START, STOP

	}

	static Stream<Arguments> handlers() {
		return Stream.of(Moment.values())
			.flatMap((moment) -> Stream.of(0, 1, 2, 3).map((place) -> arguments(moment, place)));
	}

	@ParameterizedTest(name = "{0}, place {1}")
	@MethodSource("handlers")
	void spanAndTimersEndWhateverAHandlerThrows(Moment moment, int place) {
		NetTraceMeterObservationHandler timing = new NetTraceMeterObservationHandler(this.meters, true);
		List<ObservationHandler<?>> handlers = new ArrayList<>(
				List.of(timing, new NetTraceTracingObservationHandler(this.spans.tracer(), false),
						new NetTraceExemplarObservationHandler(timing.timers())));
		handlers.add(place, new Thrower(moment));
		handlers.forEach(this.spans.registry().observationConfig()::observationHandler);
		operate(ObservationSettings.defaults());
		if (moment == Moment.EVENT_AND_START && place <= 1) {
			assertThat(this.spans.finished()).as("ours cannot be told").isEmpty();
		}
		else {
			assertThat(this.spans.finished()).extracting(SpanData::getName)
				.containsExactly("DNS lookup", "socket connect");
			assertThat(this.spans.finished("socket connect").getAttributes().get(AttributeKey.stringKey("error.type")))
				.isEqualTo("connection_refused");
			assertThat(this.meters.get("dns.lookup.duration").timer().count()).isEqualTo(1);
			assertThat(this.meters.get("socket.connect.duration").timer().count()).isEqualTo(1);
			assertThat(this.meters.get("socket.connect.duration.active").longTaskTimer().activeTasks()).isZero();
		}
		assertThat(this.spans.registry().getCurrentObservationScope()).isNull();
		assertThat(this.spans.tracer().currentSpan()).isNull();
	}

	@Test
	void filterThatThrowsOrReturnsNullLeavesNothingOpen() {
		for (boolean returnsNull : new boolean[] { false, true }) {
			OpenTelemetrySpans spans = new OpenTelemetrySpans();
			SimpleMeterRegistry meters = new SimpleMeterRegistry();
			spans.registry()
				.observationConfig()
				.observationHandler(new NetTraceMeterObservationHandler(meters, true))
				.observationHandler(new NetTraceTracingObservationHandler(spans.tracer(), false))
				.observationFilter((context) -> returnsNull ? nothing() : fail("filter"));
			NetTrace trace = new NetTracing(
					new ObservationNetTraceFactory(spans::registry, ObservationSettings.defaults()))
				.blockingRequest("jetty", null, -1)
				.dial();
			trace.connectStart("tcp", PEER);
			trace.connectDone("tcp", PEER, null);
			assertThat(spans.finished()).hasSize(1);
			assertThat(meters.get("socket.connect.duration").timer().count()).isEqualTo(1);
			assertThat(meters.get("socket.connect.duration.active").longTaskTimer().activeTasks()).isZero();
		}
	}

	@Test
	void meterFilterThatThrowsHidesNothingElse() {
		this.meters.config().meterFilter(new MeterFilter() {

			@Override
			public Meter.Id map(Meter.Id id) {
				return id.getName().endsWith(".active") ? fail("filter") : id;
			}

		});
		this.spans.registry()
			.observationConfig()
			.observationHandler(new NetTraceMeterObservationHandler(this.meters, true))
			.observationHandler(new NetTraceTracingObservationHandler(this.spans.tracer(), false));
		operate(ObservationSettings.defaults());
		assertThat(this.spans.finished()).extracting(SpanData::getName).containsExactly("DNS lookup", "socket connect");
		assertThat(this.meters.get("socket.connect.duration").timer().count()).isEqualTo(1);
	}

	@Test
	void whatAConventionDoesNotSayTheDefaultOneSays() {
		this.spans.registry()
			.observationConfig()
			.observationHandler(new NetTraceMeterObservationHandler(this.meters, false))
			.observationHandler(new NetTraceTracingObservationHandler(this.spans.tracer(), false));
		DefaultDnsLookupObservationConvention throwing = new DefaultDnsLookupObservationConvention() {

			@Override
			public KeyValues getLowCardinalityKeyValues(DnsLookupContext context) {
				return fail("convention");
			}

			@Override
			public String getContextualName(DnsLookupContext context) {
				return fail("convention");
			}

		};
		DefaultSocketConnectObservationConvention saysNothing = new DefaultSocketConnectObservationConvention() {

			@Override
			public String getName() {
				return nothing();
			}

			@Override
			public KeyValues getHighCardinalityKeyValues(SocketConnectContext context) {
				return nothing();
			}

		};
		operate(ObservationSettings.defaults()
			.withConvention(DnsLookupContext.class, throwing)
			.withConvention(SocketConnectContext.class, saysNothing));
		assertThat(this.spans.finished()).extracting(SpanData::getName).containsExactly("DNS lookup", "socket connect");
		assertThat(this.spans.finished("socket connect").getAttributes().get(AttributeKey.longKey("server.port")))
			.isEqualTo(443);
		assertThat(this.meters.get("dns.lookup.duration").tag("dns.question.name", "api.test").timer().count())
			.isEqualTo(1);
		assertThat(this.meters.get("socket.connect.duration").timer().count()).isEqualTo(1);
	}

	private void operate(ObservationSettings settings) {
		NetTrace trace = new NetTracing(new ObservationNetTraceFactory(this.spans::registry, settings))
			.blockingRequest("jetty", null, -1)
			.dial();
		trace.dnsStart("api.test");
		trace.dnsDone(List.of(InetAddress.getLoopbackAddress()), false, null);
		trace.connectStart("tcp", PEER);
		trace.connectDone("tcp", PEER, new ConnectException("Connection refused"));
	}

	@SuppressWarnings("TypeParameterUnusedInFormals")
	private static <T> T fail(String what) {
		throw new IllegalStateException(what);
	}

	@SuppressWarnings({ "NullAway", "TypeParameterUnusedInFormals" })
	private static <T> T nothing() {
		return Collections.singletonList((@Nullable T) null).get(0);
	}

	/**
	 * A handler of the application's.
	 */
	private record Thrower(Moment moment) implements ObservationHandler<Observation.Context> {

		@Override
		public boolean supportsContext(Observation.Context context) {
			return true;
		}

		@Override
		public void onStart(Observation.Context context) {
			throwIf(this.moment == Moment.START || this.moment == Moment.EVENT_AND_START);
		}

		@Override
		public void onEvent(Observation.Event event, Observation.Context context) {
			throwIf(this.moment == Moment.EVENT_AND_START);
		}

		@Override
		public void onError(Observation.Context context) {
			throwIf(this.moment == Moment.ERROR);
		}

		@Override
		public void onStop(Observation.Context context) {
			throwIf(this.moment == Moment.STOP);
		}

		private static void throwIf(boolean now) {
			if (now) {
				throw new StackOverflowError("handler");
			}
		}

	}

}
