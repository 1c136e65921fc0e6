package io.nettrace.autoconfigure;

import io.lettuce.core.resource.ClientResources;
import io.nettrace.client.lettuce.NetTraceLettuce;
import io.nettrace.concurrent.LookupThreads;
import io.nettrace.dns.LookupSettings;
import io.nettrace.instrument.NetTracing;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.data.redis.autoconfigure.ClientResourcesBuilderCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/**
 * Auto-configuration for Lettuce: for the {@link ClientResources} that Boot builds.
 */
@AutoConfiguration(after = NetTraceAutoConfiguration.class)
@ConditionalOnClass(ClientResources.class)
@ConditionalOnBean(NetTracing.class)
@ConditionalOnBooleanProperty(name = "nettrace.libraries.lettuce.enabled", matchIfMissing = true)
public final class LettuceNetTraceAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean
	NetTraceLettuce netTraceLettuce(NetTracing tracing, LookupSettings lookupSettings, LookupThreads lookupThreads) {
		return new NetTraceLettuce(tracing, lookupSettings, lookupThreads);
	}

	@Bean
	static LettucePostProcessor netTraceLettucePostProcessor() {
		return new LettucePostProcessor();
	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(ClientResourcesBuilderCustomizer.class)
	static class OfBoot {

		/**
		 * After those of the application.
		 */
		@Bean
		@Order(Ordered.LOWEST_PRECEDENCE)
		ClientResourcesBuilderCustomizer netTraceClientResourcesBuilderCustomizer(NetTraceLettuce netTrace) {
			return new LettuceCustomizer(netTrace);
		}

	}

}
