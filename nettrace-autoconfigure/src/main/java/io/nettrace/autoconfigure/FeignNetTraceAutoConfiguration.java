package io.nettrace.autoconfigure;

import io.nettrace.client.httpcomponents.BootConnectionManagers;
import io.nettrace.client.httpcomponents.NetTraceHttpComponents;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.io.HttpClientConnectionManager;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.cloud.openfeign.clientconfig.HttpClient5FeignConfiguration;
import org.springframework.cloud.openfeign.clientconfig.HttpClient5FeignConfiguration.HttpClientBuilderCustomizer;
import org.springframework.cloud.openfeign.clientconfig.HttpClient5FeignConfiguration.HttpClientConnectionManagerBuilderCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/**
 * Auto-configuration for Spring Cloud OpenFeign on HttpComponents: for the client that it
 * makes itself, with the settings of its properties and customizers. A connection manager
 * or client of the application's own is left alone.
 */
@AutoConfiguration(after = HttpComponentsNetTraceAutoConfiguration.class)
@ConditionalOnClass({ HttpClient5FeignConfiguration.class, HttpClients.class })
@ConditionalOnBean(NetTraceHttpComponents.class)
@ConditionalOnBooleanProperty(name = "nettrace.libraries.feign.enabled", matchIfMissing = true)
public final class FeignNetTraceAutoConfiguration {

	@Bean
	@Order(Ordered.HIGHEST_PRECEDENCE)
	HttpClientConnectionManagerBuilderCustomizer netTraceFeignConnectionManagerCustomizer(
			ObjectProvider<NetTraceHttpComponents> netTrace) {
		return (builder) -> BootConnectionManagers.prepare(netTrace.getObject(), builder);
	}

	/**
	 * Runs after the application's customizers, which may set another connection manager.
	 */
	@Bean
	@Order(Ordered.LOWEST_PRECEDENCE)
	HttpClientBuilderCustomizer netTraceFeignClientCustomizer(ObjectProvider<NetTraceHttpComponents> netTrace) {
		return (builder) -> netTrace.getObject().instrument(builder);
	}

	@Bean
	static FeignConnectionManagers netTraceFeignConnectionManagers() {
		return new FeignConnectionManagers();
	}

	/**
	 * The connection manager is a bean, which the application may limit, evict from or
	 * bind its metrics to: that must be the one in use.
	 */
	static final class FeignConnectionManagers extends InstrumentingPostProcessor {

		@Override
		Object instrument(Object bean, String beanName, ConfigurableListableBeanFactory beanFactory) {
			if (!(bean instanceof HttpClientConnectionManager manager)) {
				return bean;
			}
			HttpClientConnectionManager traced = BootConnectionManagers
				.traced(beanFactory.getBean(NetTraceHttpComponents.class), manager);
			if (traced != manager) {
				beanFactory.getBean(ClientCoverage.class)
					.instrumented("Feign", " on HttpComponents: " + ClientInstrumentation.EVERYTHING);
			}
			return traced;
		}

	}

}
