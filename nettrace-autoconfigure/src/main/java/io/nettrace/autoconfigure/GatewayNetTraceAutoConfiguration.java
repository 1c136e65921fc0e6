package io.nettrace.autoconfigure;

import io.micrometer.observation.Observation;
import io.nettrace.client.reactor.NetTraceReactorNetty;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.cloud.gateway.filter.GlobalFilter;
import org.springframework.context.annotation.Bean;
import reactor.netty.http.client.HttpClient;

/**
 * Auto-configuration for Spring Cloud Gateway on WebFlux, whose client is a bean of
 * Reactor Netty's {@link HttpClient}.
 */
@AutoConfiguration(after = ReactorNettyNetTraceAutoConfiguration.class)
@ConditionalOnClass({ GlobalFilter.class, HttpClient.class, Observation.class })
@ConditionalOnBean(NetTraceReactorNetty.class)
@ConditionalOnBooleanProperty(
		name = { "nettrace.libraries.gateway.enabled", "nettrace.libraries.reactor-netty.enabled" },
		matchIfMissing = true)
public final class GatewayNetTraceAutoConfiguration {

	@Bean
	GatewayParent netTraceGatewayParent() {
		return new GatewayParent();
	}

}
