package io.nettrace.slices;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.http.client.ClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.JdkClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.autoconfigure.ClientHttpRequestFactoryBuilderCustomizer;
import org.springframework.boot.http.client.reactive.ClientHttpConnectorBuilder;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * Prints which client Boot uses, and whether the application's customizer of the JDK's
 * client takes effect.
 */
@Configuration(proxyBeanMethods = false)
@ConditionalOnBooleanProperty("slice.clients")
class ClientReport {

	@Bean
	ClientHttpRequestFactoryBuilderCustomizer<JdkClientHttpRequestFactoryBuilder> jdkCustomizer() {
		return (builder) -> builder.withHttpClientCustomizer((client) -> print("the JDK's client is customized"));
	}

	@Bean
	SmartInitializingSingleton clientsTaken(ObjectProvider<ClientHttpRequestFactoryBuilder<?>> factories,
			ObjectProvider<ClientHttpConnectorBuilder<?>> connectors) {
		return () -> {
			factories.forEach((builder) -> print(builder.build().getClass().getSimpleName()));
			connectors.forEach((builder) -> print(builder.build().getClass().getSimpleName()));
		};
	}

	private static void print(String line) {
		SliceApplication.print("client", line);
	}

}
