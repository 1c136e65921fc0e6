package io.nettrace.autoconfigure;

import java.time.Duration;
import java.util.List;
import java.util.Set;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.core.instrument.distribution.DistributionStatisticConfig;

/**
 * Gives some of nettrace's timers a histogram, unless
 * {@code management.metrics.distribution.*} or an earlier filter has chosen buckets.
 * Later filters can replace them. Each bucket is a series for each combination of tags,
 * so timers whose tags have many combinations have fewer buckets, or none.
 */
final class BucketsMeterFilter implements MeterFilter {

	private static final double[] NONE = {};

	private static final List<String> LOOKUP_OR_CONNECT = List.of("nettrace.dns.coalesced", "nettrace.connect.outcome");

	private static final List<String> HANDSHAKE_OR_QUEUE = List.of("tls.resumed", "tls.protocol.version",
			"nettrace.queue.outcome");

	private static final Set<String> HANDSHAKES_AND_QUEUE = Set.of("tls.handshake.duration",
			"http.client.request.time_in_queue");

	private static final Set<String> LOOKUPS_AND_CONNECTS = Set.of("dns.lookup.duration", "socket.connect.duration");

	private final double[] buckets;

	private final double[] coarseBuckets;

	BucketsMeterFilter(List<Duration> buckets, List<Duration> coarseBuckets) {
		this.buckets = nanos(buckets);
		this.coarseBuckets = nanos(coarseBuckets);
	}

	private static double[] nanos(List<Duration> buckets) {
		return buckets.stream().mapToDouble(Duration::toNanos).sorted().distinct().toArray();
	}

	@Override
	public DistributionStatisticConfig configure(Meter.Id id, DistributionStatisticConfig config) {
		double[] buckets = buckets(id);
		if (buckets.length == 0 || choosesBuckets(config)) {
			return config;
		}
		return DistributionStatisticConfig.builder().serviceLevelObjectives(buckets).build().merge(config);
	}

	/**
	 * By name, or by the tags if a convention has changed the name.
	 */
	private double[] buckets(Meter.Id id) {
		if (id.getType() != Meter.Type.TIMER) {
			return NONE;
		}
		if (LOOKUPS_AND_CONNECTS.contains(id.getName()) || hasOneOf(id, LOOKUP_OR_CONNECT)) {
			return this.buckets;
		}
		return (HANDSHAKES_AND_QUEUE.contains(id.getName()) || hasOneOf(id, HANDSHAKE_OR_QUEUE)) ? this.coarseBuckets
				: NONE;
	}

	private static boolean hasOneOf(Meter.Id id, List<String> tags) {
		return id.getTag("nettrace.client") != null && tags.stream().anyMatch((tag) -> id.getTag(tag) != null);
	}

	private static boolean choosesBuckets(DistributionStatisticConfig config) {
		return config.getServiceLevelObjectiveBoundaries() != null
				|| Boolean.TRUE.equals(config.isPercentileHistogram());
	}

}
