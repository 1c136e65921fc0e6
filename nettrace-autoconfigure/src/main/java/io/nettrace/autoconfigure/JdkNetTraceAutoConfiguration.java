package io.nettrace.autoconfigure;

import java.net.http.HttpClient;
import java.util.Collections;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.Executor;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;

import io.nettrace.autoconfigure.SentWith.Shown;
import io.nettrace.client.jdk.NetTraceJdk;
import io.nettrace.instrument.NetTracing;
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
import org.springframework.http.client.JdkClientHttpRequestFactory;
import org.springframework.http.client.SimpleClientHttpRequestFactory;
import org.springframework.http.client.reactive.ClientHttpConnector;
import org.springframework.http.client.reactive.JdkClientHttpConnector;
import org.springframework.util.ClassUtils;
import reactor.core.publisher.Mono;

/**
 * Auto-configuration for the JDK's clients. Without the module nettrace-jvm-resolver they
 * show nothing, and are left unchanged.
 */
@AutoConfiguration(after = NetTraceAutoConfiguration.class)
@ConditionalOnBean(NetTracing.class)
@ConditionalOnBooleanProperty(name = "nettrace.clients.jdk.enabled", matchIfMissing = true)
public final class JdkNetTraceAutoConfiguration {

	static final String RESOLVER = "io.nettrace.jvm.NetTraceInetAddressResolverProvider";

	private static final String HTTP_CLIENT = "the JDK's HttpClient";

	private static final String URL_CONNECTION = "HttpURLConnection";

	static final String LOOKUPS = "dns without cache hits";

	private static final String REST_CLIENT_HINT = "nettrace-starter-httpcomponents shows everything, with another client";

	private static final String WEB_CLIENT_HINT = "reactor-netty-http shows everything, as another client";

	private static final String IF_CARRIED = ", if its executor is one of the bean NetTraceJdk";

	private static final String NO_HOOKS = "there are no hooks, which shows ";

	private static String shown(TracedExecutor executor, Environment environment, String hint) {
		if (!isResolverUsed(environment)) {
			return nothing(hint);
		}
		return executor.set ? LOOKUPS : LOOKUPS + IF_CARRIED + ": the builder is the application's own";
	}

	private static String nothing(String hint) {
		return "nothing (" + hint + "; nettrace-jvm-resolver shows dns on Java 18 or later, and changes nothing)";
	}

	/**
	 * What a factory shows whose client cannot be changed.
	 * @param client the factory's client, {@code null} if it cannot be read
	 */
	private static Shown shownBy(@Nullable HttpClient client, TracedExecutor executor, Environment environment,
			String hint) {
		if (!isResolverUsed(environment)) {
			return Shown.nothing(NO_HOOKS + nothing(hint));
		}
		boolean carries = client != null && client.executor().filter(executor::hasMade).isPresent();
		return new Shown(true, carries ? LOOKUPS : LOOKUPS + IF_CARRIED);
	}

	private static boolean isResolverUsed(Environment environment) {
		return ClassUtils.isPresent(RESOLVER, JdkNetTraceAutoConfiguration.class.getClassLoader())
				&& environment.getProperty("nettrace.jvm-resolver.enabled", boolean.class, true);
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
	 * A customizer sets the executor, before the application's customizers: the builder
	 * does not say which executor it has, and one that the application sets must win.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(JdkClientHttpRequestFactoryBuilder.class)
	static class Imperative {

		private final TracedExecutor executor;

		private final Environment environment;

		Imperative(ObjectProvider<NetTraceJdk> netTrace, Environment environment) {
			this.executor = new TracedExecutor(netTrace, environment);
			this.environment = environment;
		}

		@Bean
		@Order(Ordered.HIGHEST_PRECEDENCE)
		ClientHttpRequestFactoryBuilderCustomizer<JdkClientHttpRequestFactoryBuilder> netTraceJdkCustomizer() {
			return (builder) -> this.executor.apply(builder, JdkClientHttpRequestFactoryBuilder::withExecutor,
					JdkClientExecutors::forRequestFactory);
		}

		@Bean
		ClientInstrumentation<JdkClientHttpRequestFactoryBuilder> netTraceJdkInstrumentation() {
			return new ClientInstrumentation<>(HTTP_CLIENT, JdkClientHttpRequestFactoryBuilder.class,
					() -> shown(this.executor, this.environment, REST_CLIENT_HINT), UnaryOperator.identity());
		}

		@Bean
		ClientInstrumentation<SimpleClientHttpRequestFactoryBuilder> netTraceSimpleInstrumentation() {
			return new ClientInstrumentation<>(URL_CONNECTION, SimpleClientHttpRequestFactoryBuilder.class,
					() -> isResolverUsed(this.environment) ? LOOKUPS : nothing(REST_CLIENT_HINT),
					UnaryOperator.identity());
		}

		@Bean
		SentWith<JdkClientHttpRequestFactory> netTraceJdkRequestFactories() {
			PrivateField field = PrivateField.of(JdkClientHttpRequestFactory.class, "httpClient");
			return new SentWith<>(HTTP_CLIENT, JdkClientHttpRequestFactory.class, (factory) -> {
			}, (factory) -> shownBy((HttpClient) field.get(factory), this.executor, this.environment,
					REST_CLIENT_HINT));
		}

		@Bean
		SentWith<SimpleClientHttpRequestFactory> netTraceSimpleRequestFactories() {
			return new SentWith<>(URL_CONNECTION, SimpleClientHttpRequestFactory.class, (factory) -> {
			}, (factory) -> isResolverUsed(this.environment) ? new Shown(true, LOOKUPS)
					: Shown.nothing(NO_HOOKS + nothing(REST_CLIENT_HINT)));
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass({ JdkClientHttpConnectorBuilder.class, ClientHttpConnector.class, Mono.class })
	static class Reactive {

		private final TracedExecutor executor;

		private final Environment environment;

		Reactive(ObjectProvider<NetTraceJdk> netTrace, Environment environment) {
			this.executor = new TracedExecutor(netTrace, environment);
			this.environment = environment;
		}

		@Bean
		@Order(Ordered.HIGHEST_PRECEDENCE)
		ClientHttpConnectorBuilderCustomizer<JdkClientHttpConnectorBuilder> netTraceJdkReactiveCustomizer() {
			return (builder) -> this.executor.apply(builder, JdkClientHttpConnectorBuilder::withExecutor,
					JdkClientExecutors::forClient);
		}

		@Bean
		ClientInstrumentation<JdkClientHttpConnectorBuilder> netTraceJdkReactiveInstrumentation() {
			return new ClientInstrumentation<>(HTTP_CLIENT, JdkClientHttpConnectorBuilder.class,
					() -> shown(this.executor, this.environment, WEB_CLIENT_HINT), UnaryOperator.identity());
		}

		@Bean
		SentWith<JdkClientHttpConnector> netTraceJdkConnectors() {
			PrivateField field = PrivateField.of(JdkClientHttpConnector.class, "httpClient");
			return new SentWith<>(HTTP_CLIENT, JdkClientHttpConnector.class, (connector) -> {
			}, (connector) -> shownBy((HttpClient) field.get(connector), this.executor, this.environment,
					WEB_CLIENT_HINT));
		}

	}

	/**
	 * The executor that carries requests to the lookup threads, for Boot's builders.
	 * Records whether Boot customized a builder: it does not customize a builder bean of
	 * the application.
	 */
	private static final class TracedExecutor {

		private final ObjectProvider<NetTraceJdk> netTrace;

		private final Environment environment;

		private final Set<Executor> made = Collections.synchronizedSet(Collections.newSetFromMap(new WeakHashMap<>()));

		private volatile boolean set;

		TracedExecutor(ObjectProvider<NetTraceJdk> netTrace, Environment environment) {
			this.netTrace = netTrace;
			this.environment = environment;
		}

		boolean hasMade(Executor executor) {
			return this.made.contains(executor);
		}

		<B> B apply(B builder, BiFunction<B, Executor, B> withExecutor,
				BiFunction<NetTraceJdk, Environment, Executor> executor) {
			NetTraceJdk available = this.netTrace.getIfAvailable();
			if (available == null) {
				return builder;
			}
			this.set = true;
			Executor carrying = executor.apply(available, this.environment);
			this.made.add(carrying);
			return withExecutor.apply(builder, carrying);
		}

	}

}
