package io.nettrace.autoconfigure;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

import io.nettrace.ConnectionListener;
import io.nettrace.Hook;
import io.nettrace.NetTrace;
import io.nettrace.concurrent.LookupThreads;
import io.nettrace.dns.LookupSettings;
import io.nettrace.instrument.NetTracing;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.ImportRuntimeHints;

/**
 * Auto-configuration of the beans that every client needs. {@link NetTrace} and
 * {@link NetTrace.Factory} beans of the application apply to every client.
 */
@AutoConfiguration
@ConditionalOnBooleanProperty(name = "nettrace.enabled", matchIfMissing = true)
@EnableConfigurationProperties(NetTraceProperties.class)
@ImportRuntimeHints(NetTraceRuntimeHints.class)
public final class NetTraceAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean
	NetTracing netTracing(NetTraceProperties properties, ObjectProvider<NetTrace.Factory> factories,
			ObjectProvider<NetTrace> traces, ObjectProvider<ConnectionListener> listeners) {
		return new NetTracing(() -> factories(factories, traces), () -> listeners.orderedStream().toList(),
				hooks(properties));
	}

	private static Set<Hook> hooks(NetTraceProperties properties) {
		Set<Hook> hooks = EnumSet.allOf(Hook.class);
		if (!properties.dns().enabled()) {
			hooks.remove(Hook.DNS);
		}
		if (!properties.dns().enabled() || !properties.dns().queries()) {
			hooks.remove(Hook.DNS_ANSWER);
		}
		if (!properties.connect().enabled()) {
			hooks.remove(Hook.CONNECT);
		}
		return hooks;
	}

	private static List<NetTrace.Factory> factories(ObjectProvider<NetTrace.Factory> factories,
			ObjectProvider<NetTrace> traces) {
		Stream<NetTrace.Factory> shared = traces.orderedStream().map((trace) -> (request) -> trace);
		return Stream.concat(shared, factories.orderedStream()).toList();
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
	static SpringClients netTraceSpringClients() {
		return new SpringClients();
	}

	@Bean
	ClientCoverage netTraceClientCoverage(ConfigurableListableBeanFactory beanFactory) {
		return new ClientCoverage(beanFactory);
	}

}
