package io.nettrace.benchmarks;

import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.IntStream;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Metrics;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.nettrace.client.httpcomponents.NetTraceHttpComponents;
import io.nettrace.dns.LookupGroup;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.observation.MetricConfig;
import org.apache.hc.client5.http.observation.ObservingOptions;
import org.apache.hc.client5.http.observation.ObservingOptions.TagLevel;
import org.apache.hc.client5.http.observation.impl.MeteredDnsResolver;
import reactor.netty.channel.MicrometerChannelMetricsRecorder;

/**
 * The memory that hosts cost as they come and go: ten thousand hosts must not each cost
 * the application memory.
 */
public final class Cardinality {

	private static final int ROUNDS = 10;

	private final List<String> hosts;

	private final int known;

	/**
	 * Create it.
	 * @param hosts how many hosts there are
	 * @param known how many of them have been seen before memory is measured
	 */
	private Cardinality(int hosts, int known) {
		this.hosts = IntStream.range(0, hosts).mapToObj((number) -> "host-" + number + ".example.com").toList();
		this.known = known;
	}

	/**
	 * Measure for some seconds and write the results.
	 * @param args none
	 * @throws IOException if the results cannot be written
	 */
	public static void main(String[] args) throws IOException {
		Section section = new Section("Cardinality", Cardinality.class, "");
		int hosts = 10_000;
		section
			.say("%,d hosts, each looked up %d times. Bytes are what is still reachable after garbage collections, for "
					+ "each host beyond the first 1,000.", hosts, ROUNDS);
		section.head("", "B a host", "meters", "values of the host's tag", "lookups in flight", "bar");
		for (Kept kept : measure(hosts, 1000)) {
			boolean bar = kept.inFlight() >= 0;
			section.row(kept.name(), Section.format("%.1f", kept.bytesPerHost()), kept.meters(), kept.tagValues(),
					bar ? kept.inFlight() : "", bar
							? "101 values, 0 B, 0 in flight: " + Section
								.verdict(kept.tagValues() <= 101 && kept.bytesPerHost() < 1 && kept.inFlight() == 0)
							: "");
		}
		section.end();
		section.publish();
	}

	/**
	 * Measure nettrace and its peers.
	 * @param hosts how many hosts there are
	 * @param known how many of them have been seen before memory is measured
	 */
	static List<Kept> measure(int hosts, int known) {
		Cardinality cardinality = new Cardinality(hosts, known);
		return List.of(cardinality.netTrace(), cardinality.reactorNetty(), cardinality.observation(),
				cardinality.httpComponentsObservation());
	}

	private Kept netTrace() {
		try (Application application = new Application(Watching.METERS)) {
			MeterRegistry meters = application.bean(MeterRegistry.class);
			DnsResolver resolver = application.bean(NetTraceHttpComponents.class).dnsResolver(new StubDnsResolver());
			double bytes = keep((host) -> lookUp(resolver, host));
			return kept("nettrace", bytes, meters, "dns.lookup.duration", "dns.question.name", inFlight(resolver));
		}
	}

	private static void lookUp(DnsResolver resolver, String host) {
		try {
			resolver.resolve(host, Fixed.PORT);
		}
		catch (UnknownHostException ex) {
			throw new IllegalStateException(ex);
		}
	}

	/**
	 * Only used here.
	 */
	private static int inFlight(DnsResolver resolver) {
		try {
			Field lookups = resolver.getClass().getDeclaredField("lookups");
			lookups.setAccessible(true);
			Method inFlight = LookupGroup.class.getDeclaredMethod("inFlight");
			inFlight.setAccessible(true);
			return (int) inFlight.invoke(lookups.get(resolver));
		}
		catch (ReflectiveOperationException ex) {
			throw new IllegalStateException("nettrace has changed", ex);
		}
	}

	/**
	 * What one client's recorder keeps about lookups, connects and data.
	 */
	private Kept reactorNetty() {
		SimpleMeterRegistry meters = new SimpleMeterRegistry();
		Metrics.addRegistry(meters);
		try {
			MicrometerChannelMetricsRecorder recorder = new MicrometerChannelMetricsRecorder(
					reactor.netty.Metrics.TCP_CLIENT_PREFIX, "tcp");
			double bytes = keep((host) -> {
				InetSocketAddress address = InetSocketAddress.createUnresolved(host, Fixed.PORT);
				recorder.recordResolveAddressTime(address, Duration.ofMillis(1), reactor.netty.Metrics.SUCCESS);
				recorder.recordConnectTime(address, Duration.ofMillis(1), reactor.netty.Metrics.SUCCESS);
				recorder.recordDataSent(address, 100);
				recorder.recordDataReceived(address, 100);
			});
			return kept("Reactor Netty's metrics: lookup, connect, data", bytes, meters,
					reactor.netty.Metrics.TCP_CLIENT_PREFIX + reactor.netty.Metrics.ADDRESS_RESOLVER,
					reactor.netty.Metrics.REMOTE_ADDRESS, -1);
		}
		finally {
			Metrics.removeRegistry(meters);
		}
	}

	private Kept observation() {
		try (Application application = new Application(Watching.METERS, "nettrace.enabled=false")) {
			ObservationRegistry observations = application.bean(ObservationRegistry.class);
			double bytes = keep((host) -> Observation.createNotStarted("lookup", observations)
				.lowCardinalityKeyValue("host", host)
				.start()
				.stop());
			return kept("Observation with the host as key, Boot's handlers", bytes,
					application.bean(MeterRegistry.class), "lookup", "host", -1);
		}
	}

	private Kept httpComponentsObservation() {
		SimpleMeterRegistry meters = new SimpleMeterRegistry();
		DnsResolver resolver = new MeteredDnsResolver(new StubDnsResolver(), meters, MetricConfig.DEFAULT,
				ObservingOptions.builder().tagLevel(TagLevel.EXTENDED).build());
		double bytes = keep((host) -> lookUp(resolver, host));
		return kept("httpclient5-observation with its host's tag", bytes, meters, "http.client.dns.resolve", "host",
				-1);
	}

	/**
	 * Known hosts are looked up as often first, so that memory for code is not counted as
	 * the hosts'.
	 */
	private double keep(Consumer<String> look) {
		for (int i = 0; i < ROUNDS * this.hosts.size(); i++) {
			look.accept(this.hosts.get(i % this.known));
		}
		long before = used();
		for (int round = 0; round < ROUNDS; round++) {
			this.hosts.forEach(look);
		}
		return (double) (used() - before) / (this.hosts.size() - this.known);
	}

	/**
	 * The memory in use once garbage collection frees no more.
	 */
	private static long used() {
		long least = Long.MAX_VALUE;
		for (int i = 0; i < 8; i++) {
			System.gc();
			least = Math.min(least, Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory());
		}
		return least;
	}

	private static Kept kept(String name, double bytes, MeterRegistry meters, String meter, String tag, int inFlight) {
		long values = meters.find(meter)
			.meters()
			.stream()
			.map((each) -> each.getId().getTag(tag))
			.filter(Objects::nonNull)
			.distinct()
			.count();
		return new Kept(name, bytes, meters.getMeters().size(), (int) values, inFlight);
	}

	/**
	 * What an instrumentation has kept.
	 *
	 * @param name the instrumentation
	 * @param bytesPerHost of each host beyond those known before
	 * @param meters how many meters there are
	 * @param tagValues how many values the host's tag has
	 * @param inFlight how many lookups have not been ended, or -1 if that cannot be told
	 */
	record Kept(String name, double bytesPerHost, int meters, int tagValues, int inFlight) {
	}

}
