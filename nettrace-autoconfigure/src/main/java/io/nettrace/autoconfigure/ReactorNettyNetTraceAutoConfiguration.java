package io.nettrace.autoconfigure;

import io.nettrace.autoconfigure.SentWith.Shown;
import io.nettrace.client.reactor.NetTraceReactorNetty;
import io.nettrace.concurrent.LookupThreads;
import io.nettrace.dns.LookupSettings;
import io.nettrace.instrument.NetTracing;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.http.client.ReactorClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.reactive.ReactorClientHttpConnectorBuilder;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.client.ReactorClientHttpRequestFactory;
import org.springframework.http.client.reactive.ClientHttpConnector;
import org.springframework.http.client.reactive.ReactorClientHttpConnector;
import org.springframework.web.reactive.socket.client.ReactorNettyWebSocketClient;
import reactor.netty.http.client.HttpClient;

/**
 * Auto-configuration for Reactor Netty.
 */
@AutoConfiguration(after = NetTraceAutoConfiguration.class)
@ConditionalOnClass(HttpClient.class)
@ConditionalOnBean(NetTracing.class)
@ConditionalOnBooleanProperty(name = "nettrace.clients.reactor-netty.enabled", matchIfMissing = true)
public final class ReactorNettyNetTraceAutoConfiguration {

	private static final String LIBRARY = "Reactor Netty";

	@Bean
	@ConditionalOnMissingBean
	NetTraceReactorNetty netTraceReactorNetty(NetTracing tracing, LookupSettings lookupSettings,
			LookupThreads lookupThreads, NetTraceProperties properties) {
		return new NetTraceReactorNetty(tracing, lookupSettings, lookupThreads,
				properties.connect().happyEyeballs().dialSettings());
	}

	/**
	 * The factory stays, and gets a client that is derived from its own.
	 */
	private static <F> SentWith<F> sentWith(Class<F> type, ObjectProvider<NetTraceReactorNetty> netTrace) {
		FinishedReactorClient<F> finished = new FinishedReactorClient<>(type,
				(client) -> netTrace.getObject().instrument(client));
		return new SentWith<>(LIBRARY, type, finished, (factory) -> {
			HttpClient client = finished.clientOf(factory);
			return (client != null && netTrace.getObject().isInstrumented(client)) ? Shown.everything()
					: Shown.nothing("its client was built without nettrace, or is built later,");
		});
	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(ReactorClientHttpRequestFactoryBuilder.class)
	static class Imperative {

		@Bean
		ClientInstrumentation<ReactorClientHttpRequestFactoryBuilder> netTraceReactorNettyInstrumentation(
				ObjectProvider<NetTraceReactorNetty> netTrace) {
			return ClientInstrumentation.ofEverything(LIBRARY, ReactorClientHttpRequestFactoryBuilder.class,
					(builder) -> builder
						.withCustomizer(new FinishedReactorClient<>(ReactorClientHttpRequestFactory.class,
								(client) -> netTrace.getObject().instrument(client))));
		}

		@Bean
		SentWith<ReactorClientHttpRequestFactory> netTraceReactorNettyRequestFactories(
				ObjectProvider<NetTraceReactorNetty> netTrace) {
			return sentWith(ReactorClientHttpRequestFactory.class, netTrace);
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass({ ReactorClientHttpConnectorBuilder.class, ClientHttpConnector.class })
	static class Reactive {

		@Bean
		ClientInstrumentation<ReactorClientHttpConnectorBuilder> netTraceReactorNettyConnectorInstrumentation(
				ObjectProvider<NetTraceReactorNetty> netTrace) {
			return ClientInstrumentation.ofEverything(LIBRARY, ReactorClientHttpConnectorBuilder.class,
					(builder) -> builder.withCustomizer(new FinishedReactorClient<>(ReactorClientHttpConnector.class,
							(client) -> netTrace.getObject().instrument(client))));
		}

		@Bean
		SentWith<ReactorClientHttpConnector> netTraceReactorNettyConnectors(
				ObjectProvider<NetTraceReactorNetty> netTrace) {
			return sentWith(ReactorClientHttpConnector.class, netTrace);
		}

	}

	/**
	 * Clients that Boot did not build.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnBooleanProperty(name = "nettrace.libraries.reactor-netty.enabled", matchIfMissing = true)
	static class Beans {

		@Bean
		static ReactorNettyPostProcessor netTraceReactorNettyPostProcessor() {
			return new ReactorNettyPostProcessor();
		}

		@Configuration(proxyBeanMethods = false)
		@ConditionalOnClass(ReactorNettyWebSocketClient.class)
		static class WebSocket {

			@Bean
			static ReactorNettyWebSocketPostProcessor netTraceReactorNettyWebSocketPostProcessor() {
				return new ReactorNettyWebSocketPostProcessor();
			}

		}

	}

}
