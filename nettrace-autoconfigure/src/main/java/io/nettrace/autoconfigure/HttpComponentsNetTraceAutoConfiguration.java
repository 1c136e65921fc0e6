package io.nettrace.autoconfigure;

import io.nettrace.NetTracing;
import io.nettrace.client.httpcomponents.NetTraceHttpComponents;
import io.nettrace.concurrent.LookupThreads;
import io.nettrace.dns.LookupSettings;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.http.client.HttpComponentsClientHttpRequestFactoryBuilder;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * Auto-configuration for Apache HttpComponents.
 */
@AutoConfiguration(after = NetTraceAutoConfiguration.class)
@ConditionalOnClass(HttpClients.class)
@ConditionalOnBean(NetTracing.class)
@ConditionalOnBooleanProperty(name = "nettrace.clients.http-components.enabled", matchIfMissing = true)
public final class HttpComponentsNetTraceAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean
	NetTraceHttpComponents netTraceHttpComponents(NetTracing tracing, LookupSettings lookupSettings,
			LookupThreads lookupThreads) {
		return new NetTraceHttpComponents(tracing, lookupSettings, lookupThreads);
	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(HttpComponentsClientHttpRequestFactoryBuilder.class)
	static class Imperative {

		@Bean
		static BuilderPostProcessor<HttpComponentsClientHttpRequestFactoryBuilder> netTraceHttpComponentsPostProcessor(
				ObjectProvider<NetTraceHttpComponents> netTrace) {
			return new BuilderPostProcessor<>(HttpComponentsClientHttpRequestFactoryBuilder.class,
					(builder) -> builder
						.withConnectionManagerCustomizer((manager) -> netTrace.getObject().prepare(manager))
						.withHttpClientCustomizer((client) -> netTrace.getObject().complete(client)));
		}

		@Bean
		ClientCoverage netTraceHttpComponentsCoverage() {
			return new ClientCoverage("RestClient", "HttpComponents",
					HttpComponentsClientHttpRequestFactoryBuilder.class, ClientCoverage.EVERYTHING);
		}

	}

}
