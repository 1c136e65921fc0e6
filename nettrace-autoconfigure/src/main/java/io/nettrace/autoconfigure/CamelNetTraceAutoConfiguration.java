package io.nettrace.autoconfigure;

import io.nettrace.client.httpcomponents.NetTraceHttpComponents;
import org.apache.camel.component.http.HttpEndpoint;
import org.apache.camel.spi.EndpointStrategy;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.context.annotation.Bean;

/**
 * Auto-configuration for Apache Camel's components {@code http} and {@code https}, which
 * send with HttpComponents.
 */
@AutoConfiguration(after = HttpComponentsNetTraceAutoConfiguration.class)
@ConditionalOnClass({ EndpointStrategy.class, HttpEndpoint.class, HttpClients.class })
@ConditionalOnBean(NetTraceHttpComponents.class)
@ConditionalOnBooleanProperty(name = "nettrace.libraries.camel.enabled", matchIfMissing = true)
public final class CamelNetTraceAutoConfiguration {

	/**
	 * Camel takes it from its registry, which is the bean factory.
	 */
	@Bean
	EndpointStrategy netTraceCamelEndpoints(ObjectProvider<NetTraceHttpComponents> netTrace,
			ObjectProvider<ClientCoverage> coverage) {
		return new CamelEndpoints(netTrace, coverage);
	}

}
