package io.nettrace.libraries;

import org.springframework.beans.factory.FactoryBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import reactor.netty.http.client.HttpClient;

/**
 * A bean of Reactor Netty's client, made by a factory bean.
 */
@Library(name = "Reactor Netty's HttpClient, a bean", of = HttpClient.class, support = Support.OUT_OF_THE_BOX,
		how = "nettrace.libraries.reactor-netty.enabled", shows = { Step.LOOKUP, Step.ATTEMPT, Step.HANDSHAKE },
		below = "the current observation")
class ReactorNettyBeanTests extends HttpLibraryTest {

	@Override
	Class<?> configuration() {
		return Application.class;
	}

	@Override
	String call(LibraryApplication application, String host) throws Exception {
		return application.business(() -> application.bean(HttpClient.class)
			.get()
			.uri(url(host))
			.responseSingle((response, body) -> body.asString())
			.block());
	}

	@Configuration(proxyBeanMethods = false)
	static class Application {

		@Bean
		FactoryBean<HttpClient> client(Names names) {
			return new FactoryBean<>() {

				@Override
				public HttpClient getObject() {
					return HttpClient.create().resolver(names.netty());
				}

				@Override
				public Class<?> getObjectType() {
					return HttpClient.class;
				}

			};
		}

	}

}
