package io.nettrace.autoconfigure;

import io.nettrace.autoconfigure.SentWith.Shown;
import io.nettrace.client.httpcomponents.BootConnectionManagers;
import io.nettrace.client.httpcomponents.NetTraceHttpComponents;
import io.nettrace.client.httpcomponents.NetTraceHttpComponentsAsync;
import io.nettrace.concurrent.LookupThreads;
import io.nettrace.dns.LookupSettings;
import io.nettrace.instrument.NetTracing;
import org.apache.hc.client5.http.async.HttpAsyncClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.core5.reactive.ReactiveResponseConsumer;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.http.client.HttpComponentsClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.autoconfigure.ClientHttpRequestFactoryBuilderCustomizer;
import org.springframework.boot.http.client.reactive.HttpComponentsClientHttpConnectorBuilder;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.client.HttpComponentsClientHttpRequestFactory;
import org.springframework.http.client.reactive.ClientHttpConnector;
import org.springframework.http.client.reactive.HttpComponentsClientHttpConnector;
import reactor.core.publisher.Mono;

/**
 * Auto-configuration for Apache HttpComponents.
 */
@AutoConfiguration(after = NetTraceAutoConfiguration.class)
@ConditionalOnClass(HttpClients.class)
@ConditionalOnBean(NetTracing.class)
@ConditionalOnBooleanProperty(name = "nettrace.clients.http-components.enabled", matchIfMissing = true)
public final class HttpComponentsNetTraceAutoConfiguration {

	private static final String LIBRARY = "HttpComponents";

	/**
	 * Neither the client nor its connection manager can be changed.
	 */
	private static final Shown FINISHED = Shown.nothing("its client was built without nettrace,");

	@Bean
	@ConditionalOnMissingBean
	NetTraceHttpComponents netTraceHttpComponents(NetTracing tracing, LookupSettings lookupSettings,
			LookupThreads lookupThreads, NetTraceProperties properties) {
		return new NetTraceHttpComponents(tracing, lookupSettings, lookupThreads,
				properties.connect().happyEyeballs().dialSettings());
	}

	@Bean
	@ConditionalOnMissingBean
	NetTraceHttpComponentsAsync netTraceHttpComponentsAsync(NetTracing tracing, LookupSettings lookupSettings,
			LookupThreads lookupThreads, NetTraceProperties properties) {
		return new NetTraceHttpComponentsAsync(tracing, lookupSettings, lookupThreads,
				properties.connect().happyEyeballs().dialSettings());
	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(HttpComponentsClientHttpRequestFactoryBuilder.class)
	static class Imperative {

		@Bean
		ClientInstrumentation<HttpComponentsClientHttpRequestFactoryBuilder> netTraceHttpComponentsInstrumentation(
				ObjectProvider<NetTraceHttpComponents> netTrace) {
			return ClientInstrumentation.ofEverything(LIBRARY, HttpComponentsClientHttpRequestFactoryBuilder.class,
					(builder) -> instrument(builder, netTrace));
		}

		/**
		 * Runs before the application's customizers, which may limit the connection
		 * manager, evict from it or bind its metrics: the one that they see must be the
		 * one in use.
		 */
		@Bean
		@Order(Ordered.HIGHEST_PRECEDENCE)
		ClientHttpRequestFactoryBuilderCustomizer<HttpComponentsClientHttpRequestFactoryBuilder> netTraceHttpComponentsCustomizer(
				ObjectProvider<NetTraceHttpComponents> netTrace) {
			return (builder) -> instrument(builder, netTrace);
		}

		@Bean
		SentWith<HttpComponentsClientHttpRequestFactory> netTraceHttpComponentsRequestFactories(
				ObjectProvider<NetTraceHttpComponents> netTrace) {
			return new SentWith<>(LIBRARY, HttpComponentsClientHttpRequestFactory.class, (factory) -> {
			}, (factory) -> netTrace.getObject().isInstrumented(factory.getHttpClient()) ? Shown.everything()
					: FINISHED);
		}

		private static HttpComponentsClientHttpRequestFactoryBuilder instrument(
				HttpComponentsClientHttpRequestFactoryBuilder builder,
				ObjectProvider<NetTraceHttpComponents> netTrace) {
			return builder
				.withConnectionManagerCustomizer(
						(manager) -> BootConnectionManagers.prepare(netTrace.getObject(), manager))
				.withHttpClientCustomizer((client) -> netTrace.getObject().instrument(client));
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass({ HttpComponentsClientHttpConnectorBuilder.class, ReactiveResponseConsumer.class,
			ClientHttpConnector.class, Mono.class })
	static class Reactive {

		@Bean
		ClientInstrumentation<HttpComponentsClientHttpConnectorBuilder> netTraceHttpComponentsAsyncInstrumentation(
				ObjectProvider<NetTraceHttpComponentsAsync> netTrace) {
			return ClientInstrumentation.ofEverything(LIBRARY, HttpComponentsClientHttpConnectorBuilder.class,
					(builder) -> builder
						.withConnectionManagerCustomizer(
								(manager) -> BootConnectionManagers.prepare(netTrace.getObject(), manager))
						.withHttpClientCustomizer((client) -> netTrace.getObject().instrument(client)));
		}

		@Bean
		SentWith<HttpComponentsClientHttpConnector> netTraceHttpComponentsConnectors(
				ObjectProvider<NetTraceHttpComponentsAsync> netTrace) {
			PrivateField field = PrivateField.of(HttpComponentsClientHttpConnector.class, "client");
			return new SentWith<>(LIBRARY, HttpComponentsClientHttpConnector.class, (connector) -> {
			}, (connector) -> (field.get(connector) instanceof HttpAsyncClient client
					&& netTrace.getObject().isInstrumented(client)) ? Shown.everything() : FINISHED);
		}

	}

}
