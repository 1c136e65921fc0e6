package io.nettrace.slices;

import io.netty.resolver.DefaultAddressResolverGroup;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.http.client.ReactorClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.autoconfigure.ClientHttpRequestFactoryBuilderCustomizer;
import org.springframework.boot.http.client.autoconfigure.reactive.ClientHttpConnectorBuilderCustomizer;
import org.springframework.boot.http.client.reactive.ReactorClientHttpConnectorBuilder;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import reactor.netty.http.client.HttpClient;

/**
 * Makes Reactor Netty use the JDK's resolver, as the other clients do. Netty's own
 * resolver does not read the hosts file of the test.
 */
@Configuration(proxyBeanMethods = false)
@ConditionalOnClass({ HttpClient.class, ReactorClientHttpRequestFactoryBuilder.class })
class ReactorNettyNames {

	@Bean
	ClientHttpRequestFactoryBuilderCustomizer<ReactorClientHttpRequestFactoryBuilder> imperativeNames() {
		return (builder) -> builder.withHttpClientCustomizer(ReactorNettyNames::askTheJdk);
	}

	@Bean
	ClientHttpConnectorBuilderCustomizer<ReactorClientHttpConnectorBuilder> reactiveNames() {
		return (builder) -> builder.withHttpClientCustomizer(ReactorNettyNames::askTheJdk);
	}

	private static HttpClient askTheJdk(HttpClient client) {
		return client.resolver(DefaultAddressResolverGroup.INSTANCE);
	}

}
