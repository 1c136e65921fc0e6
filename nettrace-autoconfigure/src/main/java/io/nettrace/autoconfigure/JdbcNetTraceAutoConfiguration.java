package io.nettrace.autoconfigure;

import com.zaxxer.hikari.HikariDataSource;
import io.nettrace.client.jdbc.NetTraceJdbc;
import io.nettrace.instrument.NetTracing;
import org.postgresql.Driver;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * Auto-configuration for PostgreSQL's JDBC driver: for beans of {@link HikariDataSource}.
 */
@AutoConfiguration(after = NetTraceAutoConfiguration.class)
@ConditionalOnClass(Driver.class)
@ConditionalOnBean(NetTracing.class)
@ConditionalOnBooleanProperty(name = "nettrace.libraries.jdbc.enabled", matchIfMissing = true)
public final class JdbcNetTraceAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean
	NetTraceJdbc netTraceJdbc(NetTracing tracing) {
		return new NetTraceJdbc(tracing);
	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(HikariDataSource.class)
	static class Hikari {

		@Bean
		static HikariPostProcessor netTraceHikariPostProcessor() {
			return new HikariPostProcessor();
		}

	}

}
