package io.nettrace.autoconfigure;

import io.nettrace.client.r2dbc.NetTraceR2dbc;
import io.nettrace.instrument.NetTracing;
import io.r2dbc.postgresql.PostgresqlConnectionFactoryProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.r2dbc.autoconfigure.ConnectionFactoryOptionsBuilderCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import reactor.netty.tcp.TcpResources;

/**
 * Auto-configuration for PostgreSQL's R2DBC driver: for the connection factories that
 * Boot builds.
 */
@AutoConfiguration(after = NetTraceAutoConfiguration.class)
@ConditionalOnClass({ PostgresqlConnectionFactoryProvider.class, TcpResources.class })
@ConditionalOnBean(NetTracing.class)
@ConditionalOnBooleanProperty(name = "nettrace.libraries.r2dbc.enabled", matchIfMissing = true)
public final class R2dbcNetTraceAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean
	NetTraceR2dbc netTraceR2dbc(NetTracing tracing) {
		return new NetTraceR2dbc(tracing);
	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(ConnectionFactoryOptionsBuilderCustomizer.class)
	static class OfBoot {

		/**
		 * After those of the application.
		 */
		@Bean
		@Order(Ordered.LOWEST_PRECEDENCE)
		ConnectionFactoryOptionsBuilderCustomizer netTraceConnectionFactoryOptionsBuilderCustomizer(
				NetTraceR2dbc netTrace) {
			return new R2dbcCustomizer(netTrace);
		}

		@Bean
		static R2dbcPostProcessor netTraceR2dbcPostProcessor() {
			return new R2dbcPostProcessor();
		}

	}

}
