package io.nettrace.autoconfigure;

import java.time.Clock;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.actuate.autoconfigure.endpoint.expose.EndpointExposure;
import org.springframework.boot.actuate.endpoint.SanitizingFunction;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;

/**
 * Auto-configuration of the endpoint {@code nettrace}. Unless it is exposed, nothing is
 * recorded for it.
 */
@AutoConfiguration(after = NetTraceAutoConfiguration.class)
@ConditionalOnClass({ Endpoint.class, ConditionalOnAvailableEndpoint.class })
@ConditionalOnBean(NetTraceProperties.class)
@ConditionalOnAvailableEndpoint(NetTraceEndpoint.class)
@EnableConfigurationProperties(NetTraceEndpointProperties.class)
public final class NetTraceEndpointAutoConfiguration {

	@Bean
	RecentActivity netTraceRecentActivity(NetTraceProperties properties) {
		return new RecentActivity(properties.endpoint().maxHosts(), properties.endpoint().maxEntries(),
				properties.observations().patterns(), Clock.systemUTC());
	}

	@Bean
	NetTraceEndpoint netTraceEndpoint(RecentActivity recentActivity, NetTraceProperties properties,
			ObjectProvider<SanitizingFunction> sanitizingFunctions, NetTraceEndpointProperties endpointProperties) {
		return new NetTraceEndpoint(recentActivity, properties.endpoint().maxEntries(),
				sanitizingFunctions.orderedStream().toList(), endpointProperties.showValues());
	}

	@Bean
	@ConditionalOnAvailableEndpoint(endpoint = NetTraceEndpoint.class, exposure = EndpointExposure.WEB)
	NetTraceEndpointWebExtension netTraceEndpointWebExtension(NetTraceEndpoint endpoint,
			NetTraceEndpointProperties properties) {
		return new NetTraceEndpointWebExtension(endpoint, properties.showValues(), properties.roles());
	}

}
