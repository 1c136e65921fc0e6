package io.nettrace.autoconfigure;

import co.elastic.clients.transport.rest5_client.low_level.Rest5Client;
import co.elastic.clients.transport.rest5_client.low_level.Rest5ClientBuilder;
import io.nettrace.client.httpcomponents.BootConnectionManagers;
import io.nettrace.client.httpcomponents.NetTraceHttpComponentsAsync;
import org.apache.hc.client5.http.impl.async.HttpAsyncClientBuilder;
import org.apache.hc.client5.http.impl.nio.PoolingAsyncClientConnectionManagerBuilder;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.elasticsearch.autoconfigure.Rest5ClientBuilderCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/**
 * Auto-configuration for Elasticsearch's Rest5 client, which sends with HttpComponents'
 * asynchronous client.
 */
@AutoConfiguration(after = HttpComponentsNetTraceAutoConfiguration.class)
@ConditionalOnClass({ Rest5ClientBuilderCustomizer.class, Rest5Client.class, HttpAsyncClientBuilder.class })
@ConditionalOnBean(NetTraceHttpComponentsAsync.class)
@ConditionalOnBooleanProperty(name = "nettrace.libraries.elasticsearch.enabled", matchIfMissing = true)
public final class ElasticsearchNetTraceAutoConfiguration {

	/**
	 * Runs after the application's customizers, which may set a resolver and a connection
	 * manager.
	 */
	@Bean
	@Order(Ordered.LOWEST_PRECEDENCE)
	Rest5ClientBuilderCustomizer netTraceRest5ClientBuilderCustomizer(
			ObjectProvider<NetTraceHttpComponentsAsync> netTrace) {
		return new Rest5ClientBuilderCustomizer() {

			@Override
			public void customize(Rest5ClientBuilder builder) {
			}

			@Override
			public void customize(PoolingAsyncClientConnectionManagerBuilder builder) {
				BootConnectionManagers.prepare(netTrace.getObject(), builder);
			}

			@Override
			public void customize(HttpAsyncClientBuilder builder) {
				netTrace.getObject().instrument(builder);
			}

		};
	}

	@Bean
	static Rest5ClientCoverage netTraceRest5ClientCoverage() {
		return new Rest5ClientCoverage();
	}

}
