package io.nettrace.autoconfigure;

import io.nettrace.autoconfigure.SentWith.Shown;
import io.nettrace.client.jetty.NetTraceJetty;
import io.nettrace.concurrent.LookupThreads;
import io.nettrace.dns.LookupSettings;
import io.nettrace.instrument.NetTracing;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.reactive.client.ReactiveRequest;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.http.client.JettyClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.reactive.JettyClientHttpConnectorBuilder;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.client.JettyClientHttpRequestFactory;
import org.springframework.http.client.reactive.ClientHttpConnector;
import org.springframework.http.client.reactive.JettyClientHttpConnector;
import reactor.core.publisher.Mono;

/**
 * Auto-configuration for Jetty's HttpClient.
 */
@AutoConfiguration(after = NetTraceAutoConfiguration.class)
@ConditionalOnClass(HttpClient.class)
@ConditionalOnBean(NetTracing.class)
@ConditionalOnBooleanProperty(name = "nettrace.clients.jetty.enabled", matchIfMissing = true)
public final class JettyNetTraceAutoConfiguration {

	private static final String LIBRARY = "Jetty";

	@Bean
	@ConditionalOnMissingBean
	NetTraceJetty netTraceJetty(NetTracing tracing, LookupSettings lookupSettings, LookupThreads lookupThreads,
			NetTraceProperties properties) {
		return new NetTraceJetty(tracing, lookupSettings, lookupThreads,
				properties.connect().happyEyeballs().dialSettings());
	}

	/**
	 * A client is instrumented while it starts. One that runs is left alone.
	 */
	private static <F> SentWith<F> sentWith(Class<F> type, ObjectProvider<NetTraceJetty> netTrace) {
		PrivateField field = PrivateField.of(type, "httpClient");
		return new SentWith<>(LIBRARY, type, (factory) -> {
			if (field.get(factory) instanceof HttpClient client && client.isStopped()) {
				netTrace.getObject().instrument(client);
			}
		}, (factory) -> (field.get(factory) instanceof HttpClient client && netTrace.getObject().isInstrumented(client))
				? Shown.everything() : Shown.nothing("its client had been started without nettrace,"));
	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(JettyClientHttpRequestFactoryBuilder.class)
	static class Imperative {

		@Bean
		ClientInstrumentation<JettyClientHttpRequestFactoryBuilder> netTraceJettyInstrumentation(
				ObjectProvider<NetTraceJetty> netTrace) {
			return ClientInstrumentation.ofEverything(LIBRARY, JettyClientHttpRequestFactoryBuilder.class,
					(builder) -> builder.withHttpClientCustomizer((client) -> netTrace.getObject().instrument(client)));
		}

		@Bean
		SentWith<JettyClientHttpRequestFactory> netTraceJettyRequestFactories(ObjectProvider<NetTraceJetty> netTrace) {
			return sentWith(JettyClientHttpRequestFactory.class, netTrace);
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass({ JettyClientHttpConnectorBuilder.class, ReactiveRequest.class, ClientHttpConnector.class,
			Mono.class })
	static class Reactive {

		@Bean
		ClientInstrumentation<JettyClientHttpConnectorBuilder> netTraceJettyReactiveInstrumentation(
				ObjectProvider<NetTraceJetty> netTrace) {
			return ClientInstrumentation.ofEverything(LIBRARY, JettyClientHttpConnectorBuilder.class,
					(builder) -> builder.withHttpClientCustomizer((client) -> netTrace.getObject().instrument(client)));
		}

		@Bean
		SentWith<JettyClientHttpConnector> netTraceJettyConnectors(ObjectProvider<NetTraceJetty> netTrace) {
			return sentWith(JettyClientHttpConnector.class, netTrace);
		}

	}

}
