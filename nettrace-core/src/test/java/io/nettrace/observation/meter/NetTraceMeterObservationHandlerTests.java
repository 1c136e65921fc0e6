package io.nettrace.observation.meter;

import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

import io.micrometer.common.KeyValue;
import io.micrometer.common.KeyValues;
import io.micrometer.core.instrument.LongTaskTimer;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MockClock;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.core.instrument.observation.DefaultMeterObservationHandler;
import io.micrometer.core.instrument.simple.SimpleConfig;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.observation.ObservationHandler.FirstMatchingCompositeObservationHandler;
import io.micrometer.observation.ObservationRegistry;
import io.nettrace.NetTrace;
import io.nettrace.RequestInfo;
import io.nettrace.observation.DefaultSocketConnectObservationConvention;
import io.nettrace.observation.HostGuard;
import io.nettrace.observation.ObservationNetTraceFactory;
import io.nettrace.observation.ObservationSettings;
import io.nettrace.observation.SocketConnectContext;
import io.nettrace.observation.SocketConnectObservationConvention;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class NetTraceMeterObservationHandlerTests {

	private static final InetSocketAddress PEER = new InetSocketAddress(InetAddress.getLoopbackAddress(), 80);

	private final MockClock clock = new MockClock();

	private final SimpleMeterRegistry meters = new SimpleMeterRegistry(SimpleConfig.DEFAULT, this.clock);

	private final ObservationRegistry registry = ObservationRegistry.create();

	@Test
	void timersHaveTheDocumentedTagsOnly() {
		NetTrace trace = trace(false);
		trace.dnsStart("api.test");
		this.clock.add(Duration.ofMillis(40));
		trace.dnsDone(List.of(), false, new UnknownHostException("api.test"));
		trace.connectStart("tcp", PEER);
		this.clock.add(Duration.ofMillis(2));
		trace.connectDone("tcp", PEER, null);
		assertThat(this.meters.getMeters()).hasSize(2);
		Timer lookup = this.meters.get("dns.lookup.duration").timer();
		assertThat(lookup.getId().getTags()).containsExactly(Tag.of("dns.question.name", "api.test"),
				Tag.of("error.type", "host_not_found"), Tag.of("nettrace.client", "jetty"),
				Tag.of("nettrace.dns.coalesced", "false"));
		assertThat(lookup.getId().getDescription()).isEqualTo("DNS lookups as the HTTP client sees them");
		assertThat(lookup.totalTime(TimeUnit.MILLISECONDS)).isEqualTo(40);
		Timer connect = this.meters.get("socket.connect.duration").timer();
		assertThat(connect.getId().getTags()).containsExactly(Tag.of("error.type", "none"),
				Tag.of("nettrace.client", "jetty"), Tag.of("nettrace.connect.outcome", "connected"),
				Tag.of("network.transport", "tcp"), Tag.of("network.type", "ipv4"),
				Tag.of("server.address", "api.test"));
		assertThat(connect.totalTime(TimeUnit.MILLISECONDS)).isEqualTo(2);
	}

	@Test
	void everyOutcomeHasTheSameTagKeys() {
		NetTrace trace = trace(false);
		connect(trace, null);
		connect(trace, new ConnectException("Connection refused"));
		connect(trace, new CancellationException());
		assertThat(this.meters.getMeters()).hasSize(3)
			.extracting((meter) -> meter.getId().getTags().stream().map(Tag::getKey).toList())
			.containsOnly(List.of("error.type", "nettrace.client", "nettrace.connect.outcome", "network.transport",
					"network.type", "server.address"));
	}

	@Test
	void everyAnswerHasTheSameTagKeys() {
		NetTrace trace = trace(false);
		lookup(trace, false, null);
		lookup(trace, true, null);
		lookup(trace, false, new UnknownHostException("api.test"));
		lookup(trace, false, new CancellationException());
		assertThat(this.meters.getMeters()).hasSize(4)
			.extracting((meter) -> meter.getId().getTags().stream().map(Tag::getKey).toList())
			.containsOnly(List.of("dns.question.name", "error.type", "nettrace.client", "nettrace.dns.coalesced"));
	}

	@Test
	void timersSurviveAClearedRegistry() {
		NetTrace trace = trace(false);
		connect(trace, null);
		lookup(trace, false, null);
		this.meters.clear();
		connect(trace, null);
		lookup(trace, false, null);
		assertThat(this.meters.get("socket.connect.duration").timer().count()).isEqualTo(1);
		assertThat(this.meters.get("dns.lookup.duration").timer().count()).isEqualTo(1);
	}

	@Test
	void timersFollowAFilterAddedLateWithinASecond() {
		NetTrace trace = trace(false);
		connect(trace, null);
		this.meters.config().commonTags("region", "north");
		this.clock.add(Duration.ofSeconds(1));
		connect(trace, null);
		connect(trace, null);
		assertThat(this.meters.get("socket.connect.duration").tag("region", "north").timer().count()).isEqualTo(2);
		this.meters.config().meterFilter(MeterFilter.denyNameStartsWith("socket"));
		this.meters.clear();
		connect(trace, null);
		assertThat(this.meters.getMeters()).isEmpty();
	}

	@Test
	void longTaskTimersExistOnlyIfAskedFor() {
		NetTrace trace = trace(true);
		trace.connectStart("tcp", PEER);
		LongTaskTimer active = this.meters.get("socket.connect.duration.active").longTaskTimer();
		assertThat(active.activeTasks()).isEqualTo(1);
		assertThat(active.getId().getTags()).containsExactly(Tag.of("nettrace.client", "jetty"),
				Tag.of("network.transport", "tcp"), Tag.of("network.type", "ipv4"),
				Tag.of("server.address", "localhost"));
		trace.connectDone("tcp", PEER, null);
		assertThat(active.activeTasks()).isZero();
	}

	@Test
	void conventionAndFilterOfTheApplicationShapeTheTags() {
		this.registry.observationConfig()
			.observationFilter((context) -> context.addLowCardinalityKeyValue(KeyValue.of("team", "blue")));
		NetTrace trace = trace(false, new DefaultSocketConnectObservationConvention() {

			@Override
			public String getName() {
				return "my.connects";
			}

			@Override
			public KeyValues getLowCardinalityKeyValues(SocketConnectContext context) {
				return KeyValues.of("nettrace.connect.outcome", outcome(context));
			}

		});
		connect(trace, null);
		assertThat(this.meters.getMeters()).singleElement()
			.extracting(Meter::getId)
			.isEqualTo(new Meter.Id("my.connects", Tags.of("nettrace.connect.outcome", "connected", "team", "blue"),
					null, null, Meter.Type.TIMER));
	}

	@Test
	void aTagOfManyValuesIsCountedWhole() {
		NetTrace trace = trace(false, new DefaultSocketConnectObservationConvention() {

			@Override
			public KeyValues getLowCardinalityKeyValues(SocketConnectContext context) {
				return KeyValues.of("number", Integer.toString(context.getAttempt()));
			}

		});
		for (int i = 0; i < 5_100; i++) {
			connect(trace, null);
		}
		assertThat(this.meters.getMeters()).hasSize(5_100);
		assertThat(this.meters.get("socket.connect.duration").tag("number", "5100").timer().count()).isEqualTo(1);
	}

	/**
	 * What an operator fears most of host tags: a crawler, or a host from user input.
	 */
	@Test
	void seriesStayBoundedWhateverTheNumberOfHosts() {
		NetTrace trace = trace(false);
		lookups(trace, 0, 1_000);
		int series = this.meters.getMeters().size();
		lookups(trace, 1_000, 100_000);
		assertThat(this.meters.getMeters()).hasSize(series);
		assertThat(this.meters.getMeters()).extracting((meter) -> meter.getId().getTag("dns.question.name"))
			.filteredOn((host) -> host != null)
			.hasSize(101)
			.contains("host-0.test", "host-99.test", "_OTHER")
			.doesNotContain("host-100.test");
		assertThat(this.meters.get("dns.lookup.duration").tag("dns.question.name", "_OTHER").timer().count())
			.isEqualTo(99_900);
	}

	/**
	 * Names that strangers make up, asked for by many threads at once: what stays is what
	 * the guard tells apart, and the host that is found has its name.
	 */
	@Test
	void namesThatDoNotExistLeaveNoSeriesBehind() throws InterruptedException {
		NetTrace.Factory factory = factory(false, null);
		ExecutorService threads = Executors.newFixedThreadPool(4);
		for (int i = 0; i < 4_000; i++) {
			String host = "x" + i % 300 + ".test";
			threads.execute(() -> {
				NetTrace trace = factory.create(new RequestInfo("jetty", null, -1, 1)).forDial();
				trace.dnsStart(host);
				trace.dnsDone(List.of(), false, new UnknownHostException(host));
			});
		}
		threads.shutdown();
		assertThat(threads.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
		lookup(factory.create(new RequestInfo("jetty", null, -1, 1)).forDial(), false, null);
		List<String> names = this.meters.find("dns.lookup.duration")
			.timers()
			.stream()
			.map((timer) -> String.valueOf(timer.getId().getTag("dns.question.name")))
			.toList();
		assertThat(names).hasSizeLessThanOrEqualTo(HostGuard.MAX_NOT_FOUND + 1)
			.contains("api.test")
			.doesNotHaveDuplicates();
	}

	@Test
	void hostNotAskedForLongestTakesItsSeriesAlong() {
		NetTrace trace = trace(false);
		for (int i = 0; i <= HostGuard.MAX_NOT_FOUND; i++) {
			trace.dnsStart("x" + i + ".test");
			trace.dnsDone(List.of(), false, new UnknownHostException("x" + i + ".test"));
		}
		assertThat(this.meters.find("dns.lookup.duration").tag("dns.question.name", "x0.test").timers()).isEmpty();
		assertThat(this.meters.find("dns.lookup.duration").timers()).hasSize(HostGuard.MAX_NOT_FOUND);
		trace.dnsStart("x1.test");
		trace.dnsDone(List.of(), false, null);
		for (int i = 100; i < 200; i++) {
			trace.dnsStart("x" + i + ".test");
			trace.dnsDone(List.of(), false, new UnknownHostException("x" + i + ".test"));
		}
		assertThat(this.meters.find("dns.lookup.duration").tag("dns.question.name", "x1.test").timers())
			.as("found since")
			.hasSize(2);
	}

	private static void lookups(NetTrace trace, int from, int to) {
		for (int i = from; i < to; i++) {
			String host = "host-" + i + ".test";
			trace.dnsStart(host);
			trace.dnsDone(List.of(), false, null);
			InetSocketAddress address = InetSocketAddress.createUnresolved(host, 443);
			trace.connectStart("tcp", address);
			trace.connectDone("tcp", address, null);
		}
	}

	private NetTrace trace(boolean active) {
		return trace(active, null);
	}

	private NetTrace trace(boolean active, @Nullable SocketConnectObservationConvention convention) {
		return factory(active, convention).create(new RequestInfo("jetty", null, -1, 1)).forDial();
	}

	private NetTrace.Factory factory(boolean active, @Nullable SocketConnectObservationConvention convention) {
		this.registry.observationConfig()
			.observationHandler(new FirstMatchingCompositeObservationHandler(
					new NetTraceMeterObservationHandler(this.meters, active),
					new DefaultMeterObservationHandler(this.meters)));
		return new ObservationNetTraceFactory(() -> this.registry,
				ObservationSettings.defaults().withConvention(SocketConnectContext.class, convention));
	}

	private static void lookup(NetTrace trace, boolean coalesced, @Nullable Throwable error) {
		trace.dnsStart("api.test");
		trace.dnsDone(List.of(), coalesced, error);
	}

	private static void connect(NetTrace trace, @Nullable Throwable error) {
		trace.connectStart("tcp", PEER);
		trace.connectDone("tcp", PEER, error);
	}

}
