package io.nettrace.autoconfigure;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import io.micrometer.core.instrument.observation.MeterObservationHandler;
import io.nettrace.observation.HostGuard;
import io.nettrace.observation.RequestRecordSink;
import io.nettrace.observation.meter.ConnectionMeters;
import io.nettrace.observation.meter.NetTraceMeterObservationHandler;
import io.nettrace.observation.meter.NetTraceRequestMeters;
import io.nettrace.observation.saving.RequestExemplars;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.core.annotation.Order;

/**
 * Auto-configuration of the meters. Boot's handler has no order, and of those without
 * order the one that is defined first gets our observations: the application's if there
 * is one, then ours. So this comes before Boot's auto-configuration of meters, and ours
 * must not have an order either ({@code HandlerOrderTests}).
 */
@AutoConfiguration(after = NetTraceAutoConfiguration.class,
		beforeName = "org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration")
@ConditionalOnClass(MeterObservationHandler.class)
@ConditionalOnBean(NetTraceProperties.class)
public final class NetTraceMetricsAutoConfiguration {

	/**
	 * After Boot's filter, which has the order 0.
	 */
	static final int BUCKETS_ORDER = 1;

	@Bean
	@ConditionalOnMissingBean
	NetTraceMeterObservationHandler netTraceMeterObservationHandler(ObjectProvider<MeterRegistry> registry,
			NetTraceProperties properties) {
		return new NetTraceMeterObservationHandler(registry.getIfAvailable(CompositeMeterRegistry::new),
				properties.meters().active())
			.withHideAddresses(properties.observations().hideAddresses());
	}

	/**
	 * With the observations' guard, so that all meters show the same hosts.
	 */
	@Bean
	@ConditionalOnMissingBean
	@ConditionalOnBooleanProperty(name = "nettrace.observations.exchanges", matchIfMissing = true)
	ConnectionMeters netTraceConnectionMeters(ObjectProvider<MeterRegistry> registry, ObjectProvider<HostGuard> hosts,
			NetTraceProperties properties) {
		NetTraceProperties.Observations observations = properties.observations();
		return new ConnectionMeters(registry.getIfAvailable(CompositeMeterRegistry::new),
				hosts.getIfAvailable(() -> new HostGuard(observations.maxHosts())), observations.patterns());
	}

	@Bean
	@ConditionalOnMissingBean
	@ConditionalOnBooleanProperty(name = "nettrace.observations.exchanges", matchIfMissing = true)
	NetTraceRequestMeters netTraceRequestMeters(NetTraceMeterObservationHandler steps, ConnectionMeters connections,
			ObjectProvider<RequestExemplars> exemplars) {
		return new NetTraceRequestMeters(steps.timers(), connections,
				exemplars.getIfAvailable(() -> RequestExemplars.NONE));
	}

	@Bean
	@Order(BUCKETS_ORDER)
	BucketsMeterFilter netTraceBucketsMeterFilter(NetTraceProperties properties) {
		return new BucketsMeterFilter(properties.meters().buckets(), properties.meters().coarseBuckets());
	}

}
