package io.nettrace.autoconfigure;

import io.micrometer.observation.ObservationRegistry;
import io.nettrace.observation.DnsLookupObservationConvention;
import io.nettrace.observation.HostGuard;
import io.nettrace.observation.ObservationNetTraceFactory;
import io.nettrace.observation.ObservationSettings;
import io.nettrace.observation.SocketConnectObservationConvention;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.util.function.SingletonSupplier;

/**
 * Auto-configuration that turns hooks into observations.
 */
@AutoConfiguration(after = NetTraceAutoConfiguration.class,
		afterName = "org.springframework.boot.micrometer.observation.autoconfigure.ObservationAutoConfiguration")
@ConditionalOnClass(ObservationRegistry.class)
@ConditionalOnBean({ NetTraceProperties.class, ObservationRegistry.class })
public final class NetTraceObservationAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean
	ObservationNetTraceFactory observationNetTraceFactory(NetTraceProperties properties,
			ObjectProvider<ObservationRegistry> registry, ObjectProvider<DnsLookupObservationConvention> dnsConvention,
			ObjectProvider<SocketConnectObservationConvention> connectConvention) {
		NetTraceProperties.Observations observations = properties.observations();
		ObservationSettings settings = ObservationSettings.defaults()
			.withRequireParent(observations.requireParent())
			.withHosts(new HostGuard(observations.maxHosts()))
			.withPatterns(observations.patterns())
			.withSpanNames(properties.spans().names())
			.withDnsConvention(dnsConvention.getIfAvailable())
			.withConnectConvention(connectConvention.getIfAvailable());
		return new ObservationNetTraceFactory(SingletonSupplier.of(registry::getObject), settings);
	}

}
