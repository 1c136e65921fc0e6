package io.nettrace.autoconfigure;

import java.util.concurrent.Executor;

import io.nettrace.NetTracing;
import io.nettrace.client.jdk.NetTraceJdk;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.http.client.JdkClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.SimpleClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.autoconfigure.ClientHttpRequestFactoryBuilderCustomizer;
import org.springframework.boot.http.client.autoconfigure.reactive.ClientHttpConnectorBuilderCustomizer;
import org.springframework.boot.http.client.reactive.JdkClientHttpConnectorBuilder;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.core.env.Environment;
import org.springframework.http.client.reactive.ClientHttpConnector;
import org.springframework.util.ClassUtils;
import reactor.core.publisher.Mono;

/**
 * Auto-configuration for the JDK's clients. Nothing of them can be seen without the
 * module nettrace-jvm-resolver, so without it they are left as they are.
 */
@AutoConfiguration(after = NetTraceAutoConfiguration.class)
@ConditionalOnBean(NetTracing.class)
@ConditionalOnBooleanProperty(name = "nettrace.clients.jdk.enabled", matchIfMissing = true)
public final class JdkNetTraceAutoConfiguration {

	static final String RESOLVER = "io.nettrace.jvm.NetTraceInetAddressResolverProvider";

	private static String shown(Environment environment) {
		return isResolverUsed(environment) ? "dns without cache hits"
				: "nothing (httpclient5 shows dns, connect; nettrace-jvm-resolver on Java 18 shows dns)";
	}

	private static boolean isResolverUsed(Environment environment) {
		return ClassUtils.isPresent(RESOLVER, JdkNetTraceAutoConfiguration.class.getClassLoader())
				&& environment.getProperty("nettrace.jvm-resolver.enabled", boolean.class, true);
	}

	private static @Nullable Executor executor(ObjectProvider<NetTraceJdk> netTrace, Environment environment) {
		NetTraceJdk available = netTrace.getIfAvailable();
		return (available != null) ? available.executor(JdkClientExecutors.like(environment)) : null;
	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(name = RESOLVER)
	@ConditionalOnBooleanProperty(name = "nettrace.jvm-resolver.enabled", matchIfMissing = true)
	static class JvmResolver {

		@Bean
		@ConditionalOnMissingBean
		NetTraceJdk netTraceJdk(NetTracing tracing) {
			return new NetTraceJdk(tracing);
		}

		@Bean
		JvmLookupsLifecycle netTraceJvmLookupsLifecycle(NetTraceJdk netTrace) {
			return new JvmLookupsLifecycle(netTrace);
		}

	}

	/**
	 * The executor is set by a customizer, before those of the application: the builder
	 * does not tell which one it has, and one that the application sets must win.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(JdkClientHttpRequestFactoryBuilder.class)
	static class Imperative {

		@Bean
		@Order(Ordered.HIGHEST_PRECEDENCE)
		ClientHttpRequestFactoryBuilderCustomizer<JdkClientHttpRequestFactoryBuilder> netTraceJdkCustomizer(
				ObjectProvider<NetTraceJdk> netTrace, Environment environment) {
			return (builder) -> {
				Executor executor = executor(netTrace, environment);
				return (executor != null) ? builder.withExecutor(executor) : builder;
			};
		}

		@Bean
		ClientCoverage netTraceJdkCoverage(Environment environment) {
			return new ClientCoverage("RestClient", "the JDK's HttpClient", JdkClientHttpRequestFactoryBuilder.class,
					shown(environment));
		}

		@Bean
		ClientCoverage netTraceSimpleCoverage(Environment environment) {
			return new ClientCoverage("RestClient", "HttpURLConnection", SimpleClientHttpRequestFactoryBuilder.class,
					shown(environment));
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass({ JdkClientHttpConnectorBuilder.class, ClientHttpConnector.class, Mono.class })
	static class Reactive {

		@Bean
		@Order(Ordered.HIGHEST_PRECEDENCE)
		ClientHttpConnectorBuilderCustomizer<JdkClientHttpConnectorBuilder> netTraceJdkReactiveCustomizer(
				ObjectProvider<NetTraceJdk> netTrace, Environment environment) {
			return (builder) -> {
				Executor executor = executor(netTrace, environment);
				return (executor != null) ? builder.withExecutor(executor) : builder;
			};
		}

		@Bean
		ClientCoverage netTraceJdkReactiveCoverage(Environment environment) {
			return new ClientCoverage("WebClient", "the JDK's HttpClient", JdkClientHttpConnectorBuilder.class,
					shown(environment));
		}

	}

}
