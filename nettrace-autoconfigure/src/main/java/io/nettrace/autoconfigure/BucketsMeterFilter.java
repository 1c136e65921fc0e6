package io.nettrace.autoconfigure;

import java.time.Duration;
import java.util.List;
import java.util.Set;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.core.instrument.distribution.DistributionStatisticConfig;

/**
 * Gives nettrace's timers a histogram, unless {@code management.metrics.distribution.*}
 * or an earlier filter has chosen buckets. Later filters can replace them.
 */
final class BucketsMeterFilter implements MeterFilter {

	private static final Set<String> NAMES = Set.of("dns.lookup.duration", "socket.connect.duration");

	private final double[] buckets;

	BucketsMeterFilter(List<Duration> buckets) {
		this.buckets = buckets.stream().mapToDouble(Duration::toNanos).sorted().distinct().toArray();
	}

	@Override
	public DistributionStatisticConfig configure(Meter.Id id, DistributionStatisticConfig config) {
		if (this.buckets.length == 0 || !isOurs(id) || choosesBuckets(config)) {
			return config;
		}
		return DistributionStatisticConfig.builder().serviceLevelObjectives(this.buckets).build().merge(config);
	}

	/**
	 * By name, or by the tag if a convention has changed the name.
	 */
	private static boolean isOurs(Meter.Id id) {
		return id.getType() == Meter.Type.TIMER
				&& (NAMES.contains(id.getName()) || id.getTag("nettrace.client") != null);
	}

	private static boolean choosesBuckets(DistributionStatisticConfig config) {
		return config.getServiceLevelObjectiveBoundaries() != null
				|| Boolean.TRUE.equals(config.isPercentileHistogram());
	}

}
