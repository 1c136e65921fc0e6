package io.nettrace.observation.saving;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import io.micrometer.common.KeyValue;
import io.micrometer.common.KeyValues;
import io.micrometer.core.instrument.MockClock;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.observation.MeterObservationHandler;
import io.micrometer.core.instrument.simple.SimpleConfig;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler.FirstMatchingCompositeObservationHandler;
import io.micrometer.observation.ObservationRegistry.ObservationConfig;
import io.micrometer.tracing.Span;
import io.micrometer.tracing.Tracer;
import io.micrometer.tracing.handler.TracingAwareMeterObservationHandler;
import io.nettrace.NetTrace;
import io.nettrace.RequestInfo;
import io.nettrace.observation.DefaultDnsLookupObservationConvention;
import io.nettrace.observation.DefaultSocketConnectObservationConvention;
import io.nettrace.observation.DnsLookupContext;
import io.nettrace.observation.HostGuard;
import io.nettrace.observation.ObservationNetTraceFactory;
import io.nettrace.observation.ObservationSettings;
import io.nettrace.observation.SocketConnectContext;
import io.nettrace.observation.SpanNames;
import io.nettrace.observation.StepContext;
import io.nettrace.observation.meter.NetTraceMeterObservationHandler;
import io.nettrace.observation.span.NetTraceTracingObservationHandler;
import io.nettrace.observation.span.OpenTelemetrySpans;
import io.opentelemetry.sdk.trace.data.EventData;
import io.opentelemetry.sdk.trace.data.SpanData;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What saves bytes changes no span and no timer. The plain path is Micrometer's own
 * context, key values that are made each time they are asked for, a registry that is
 * asked for each timer, Micrometer's spans, and a scope around each timer.
 */
class PlainAndSavingTests {

	@ParameterizedTest(name = "span names {0}, hide addresses {1}, long task timers {2}")
	@CsvSource({ "LOW_CARDINALITY, false, false", "LOW_CARDINALITY, true, true", "SEMCONV, false, true",
			"SEMCONV, true, false" })
	void bothEmitTheSame(SpanNames spanNames, boolean hideAddresses, boolean active) throws UnknownHostException {
		Emitted saving = new Emitted(true, hideAddresses, active);
		Emitted plain = new Emitted(false, hideAddresses, active);
		for (Emitted emitted : List.of(saving, plain)) {
			emitted.operate(ObservationSettings.defaults().withSpanNames(spanNames).withHosts(new HostGuard(2)));
		}
		assertThat(saving.spans()).hasSizeGreaterThan(20).isEqualTo(plain.spans());
		assertThat(saving.timers()).hasSizeGreaterThan(10).isEqualTo(plain.timers());
	}

	private static final class Emitted {

		private final OpenTelemetrySpans spans = new OpenTelemetrySpans();

		private final MockClock clock = new MockClock();

		private final SimpleMeterRegistry meters = new SimpleMeterRegistry(SimpleConfig.DEFAULT, this.clock);

		private final boolean saving;

		Emitted(boolean saving, boolean hideAddresses, boolean active) {
			this.saving = saving;
			Tracer tracer = saving ? this.spans.tracer() : withoutOpenTelemetry(this.spans.tracer());
			HeldTimers timers = new HeldTimers(this.meters, (context) -> ((StepContext) context).getDescription(),
					saving ? 5_000 : 0);
			MeterObservationHandler<Observation.Context> timing = new NetTraceMeterObservationHandler(timers, active);
			this.spans.handledBy(new NetTraceTracingObservationHandler(tracer, hideAddresses));
			ObservationConfig config = this.spans.registry().observationConfig();
			config.observationHandler(new FirstMatchingCompositeObservationHandler(
					new TracingAwareMeterObservationHandler<>(timing, this.spans.tracer())));
			if (saving) {
				config.observationHandler(new NetTraceExemplarObservationHandler(timers));
			}
			else {
				config.observationPredicate((name, context) -> {
					context.clear();
					context.removeLowCardinalityKeyValue("none");
					context.removeHighCardinalityKeyValue("none");
					return true;
				});
			}
		}

		void operate(ObservationSettings settings) throws UnknownHostException {
			NetTrace.Factory factory = new ObservationNetTraceFactory(this.spans::registry,
					this.saving ? settings : settings
						.withConvention(DnsLookupContext.class, new PlainDnsConvention(settings.spanNames()))
						.withConvention(SocketConnectContext.class, new PlainConnectConvention(settings.spanNames())));
			InetAddress ipv4 = InetAddress.getByName("10.1.2.3");
			InetAddress ipv6 = InetAddress.getByName("fd00::1");
			for (int i = 0; i < 3; i++) {
				for (String host : List.of("a.test", "b.test", "guarded.test", "10.1.2.3")) {
					NetTrace trace = factory.create(new RequestInfo("jetty", null, -1, 1)).forDial();
					lookup(trace, host, List.of(ipv4), false, null);
					connect(trace, new InetSocketAddress(ipv4, 443), null);
				}
			}
			NetTrace trace = factory.create(new RequestInfo("reactor-netty", null, -1, 1)).forDial();
			lookup(trace, "a.test", List.of(ipv6, ipv4), true, null);
			connect(trace, new InetSocketAddress(ipv6, 443), new ConnectException("Connection refused: /[fd00::1]"));
			connect(trace, new InetSocketAddress(ipv6, 443), new CancellationException());
			connect(trace, new InetSocketAddress(ipv4, 80), null);
			connect(trace, InetSocketAddress.createUnresolved("a.test", 80), null);
			connect(trace, UnixDomainSocketAddress.of("/run/app.sock"), null);
			lookup(trace, "missing.test", List.of(), false,
					new UnknownHostException("missing.test: Name or service not known"));
			lookup(trace, "a.test", List.of(), false, new IllegalStateException("of the resolver's"));
		}

		private void lookup(NetTrace trace, String host, List<InetAddress> answers, boolean coalesced,
				@Nullable Throwable error) {
			trace.dnsStart(host);
			this.clock.add(Duration.ofMillis(3));
			trace.dnsDone(answers, coalesced, error);
		}

		private void connect(NetTrace trace, SocketAddress address, @Nullable Throwable error) {
			String network = (address instanceof UnixDomainSocketAddress) ? "unix" : "tcp";
			trace.connectStart(network, address);
			this.clock.add(Duration.ofMillis(20));
			trace.connectDone(network, address, error);
		}

		List<List<?>> spans() {
			return this.spans.finished().stream().<List<?>>map(Emitted::parts).toList();
		}

		private static List<?> parts(SpanData span) {
			return List.of(span.getName(), span.getKind(), span.getAttributes(), span.getStatus(),
					span.getEvents().stream().map(EventData::getName).toList(),
					span.getEvents().stream().flatMap((event) -> messages(event)).toList());
		}

		/**
		 * The class of a failure whose message is hidden needs OpenTelemetry's span.
		 */
		private static Stream<String> messages(EventData event) {
			List<String> messages = new ArrayList<>();
			event.getAttributes().forEach((key, value) -> {
				if (!key.getKey().equals("exception.type") && !key.getKey().equals("exception.stacktrace")) {
					messages.add(key + "=" + value);
				}
			});
			return messages.stream();
		}

		List<String> timers() {
			return this.meters.getMeters()
				.stream()
				.map((meter) -> meter.getId() + " " + meter.getId().getDescription() + " "
						+ ((meter instanceof Timer timer) ? timer.count() + " " + timer.totalTime(TimeUnit.MILLISECONDS)
								: ""))
				.sorted()
				.toList();
		}

	}

	/**
	 * Spans that do not show that they are OpenTelemetry's.
	 */
	private static Tracer withoutOpenTelemetry(Tracer tracer) {
		return (Tracer) hiding(Tracer.class, tracer);
	}

	private static Object hiding(Class<?> type, Object hidden) {
		return Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] { type }, new Hiding(hidden));
	}

	private record Hiding(Object hidden) implements InvocationHandler {

		@Override
		public @Nullable Object invoke(Object proxy, Method method, @Nullable Object @Nullable [] arguments)
				throws Throwable {
			@Nullable Object[] shown = (arguments != null) ? Stream.of(arguments).map(Hiding::shown).toArray() : new Object[0];
			try {
				Object answer = method.invoke(this.hidden, shown);
				return (answer instanceof Span) ? hiding(Span.class, answer) : answer;
			}
			catch (InvocationTargetException ex) {
				throw ex.getTargetException();
			}
		}

		private static @Nullable Object shown(@Nullable Object object) {
			return (object != null && Proxy.isProxyClass(object.getClass())
					&& Proxy.getInvocationHandler(object) instanceof Hiding hiding) ? hiding.hidden() : object;
		}

	}

	private static KeyValues anew(KeyValues keyValues) {
		return KeyValues.of(keyValues.stream().map((each) -> KeyValue.of(each.getKey(), each.getValue())).toList());
	}

	private static final class PlainDnsConvention extends DefaultDnsLookupObservationConvention {

		PlainDnsConvention(SpanNames spanNames) {
			super(spanNames);
		}

		@Override
		public KeyValues getLowCardinalityKeyValues(DnsLookupContext context) {
			return anew(super.getLowCardinalityKeyValues(context));
		}

	}

	private static final class PlainConnectConvention extends DefaultSocketConnectObservationConvention {

		PlainConnectConvention(SpanNames spanNames) {
			super(spanNames);
		}

		@Override
		public KeyValues getLowCardinalityKeyValues(SocketConnectContext context) {
			return anew(super.getLowCardinalityKeyValues(context));
		}

	}

}
