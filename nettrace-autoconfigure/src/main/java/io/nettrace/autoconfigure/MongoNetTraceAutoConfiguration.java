package io.nettrace.autoconfigure;

import com.mongodb.spi.dns.InetAddressResolver;
import io.nettrace.client.mongodb.NetTraceMongo;
import io.nettrace.concurrent.LookupThreads;
import io.nettrace.dns.LookupSettings;
import io.nettrace.instrument.NetTracing;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.mongodb.autoconfigure.MongoClientSettingsBuilderCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/**
 * Auto-configuration for MongoDB's drivers: for the clients that Boot builds.
 */
@AutoConfiguration(after = NetTraceAutoConfiguration.class)
@ConditionalOnClass(InetAddressResolver.class)
@ConditionalOnBean(NetTracing.class)
@ConditionalOnBooleanProperty(name = "nettrace.libraries.mongodb.enabled", matchIfMissing = true)
public final class MongoNetTraceAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean
	NetTraceMongo netTraceMongo(NetTracing tracing, LookupSettings lookupSettings, LookupThreads lookupThreads) {
		return new NetTraceMongo(tracing, lookupSettings, lookupThreads);
	}

	@Bean
	static MongoPostProcessor netTraceMongoPostProcessor() {
		return new MongoPostProcessor();
	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(MongoClientSettingsBuilderCustomizer.class)
	static class OfBoot {

		/**
		 * After those of the application.
		 */
		@Bean
		@Order(Ordered.LOWEST_PRECEDENCE)
		MongoClientSettingsBuilderCustomizer netTraceMongoClientSettingsBuilderCustomizer(NetTraceMongo netTrace) {
			return new MongoCustomizer(netTrace);
		}

	}

}
