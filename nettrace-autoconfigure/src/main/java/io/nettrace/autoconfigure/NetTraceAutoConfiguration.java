package io.nettrace.autoconfigure;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

import io.nettrace.NetTrace;
import io.nettrace.NetTracing;
import io.nettrace.concurrent.LookupThreads;
import io.nettrace.dns.LookupSettings;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.ImportRuntimeHints;

/**
 * Auto-configuration of what every client needs. {@link NetTrace} and
 * {@link NetTrace.Factory} beans of the application join the traces of every client.
 */
@AutoConfiguration
@ConditionalOnBooleanProperty(name = "nettrace.enabled", matchIfMissing = true)
@EnableConfigurationProperties(NetTraceProperties.class)
@ImportRuntimeHints(NetTraceRuntimeHints.class)
public final class NetTraceAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean
	NetTracing netTracing(NetTraceProperties properties, ObjectProvider<NetTrace.Factory> factories,
			ObjectProvider<NetTrace> traces) {
		return new NetTracing(() -> factories(factories, traces), properties.dns().enabled(),
				properties.connect().enabled());
	}

	private static List<NetTrace.Factory> factories(ObjectProvider<NetTrace.Factory> factories,
			ObjectProvider<NetTrace> traces) {
		Stream<NetTrace.Factory> shared = traces.orderedStream().map((trace) -> (client) -> trace);
		return new ArrayList<>(Stream.concat(shared, factories.orderedStream()).toList());
	}

	@Bean
	@ConditionalOnMissingBean
	LookupSettings netTraceLookupSettings(NetTraceProperties properties) {
		return LookupSettings.defaults()
			.withSingleFlight(properties.dns().singleFlight())
			.withTimeout(properties.dns().timeout());
	}

	@Bean
	@ConditionalOnMissingBean
	LookupThreads netTraceLookupThreads() {
		return LookupThreads.create();
	}

	@Bean
	static BuilderPostProcessor netTraceBuilderPostProcessor() {
		return new BuilderPostProcessor();
	}

	@Bean
	ClientCoverage netTraceClientCoverage(ConfigurableListableBeanFactory beanFactory) {
		return new ClientCoverage(beanFactory);
	}

}
