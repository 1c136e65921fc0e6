package io.nettrace.libraries;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import org.springframework.beans.factory.FactoryBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import reactor.netty.http.client.HttpClient;

/**
 * A bean of Reactor Netty's client, made by a factory bean.
 */
@Library(name = "Reactor Netty's HttpClient, a bean", of = HttpClient.class, support = Support.OUT_OF_THE_BOX,
		how = "nettrace.libraries.reactor-netty.enabled", shows = { Step.LOOKUP, Step.ATTEMPT },
		below = "the current observation")
class ReactorNettyBeanTests extends LibraryTest {

	@Override
	Class<?> configuration() {
		return Application.class;
	}

	@Override
	String call(LibraryApplication application, String host) {
		return Observation.createNotStarted("business", application.bean(ObservationRegistry.class))
			.observe(() -> String.valueOf(application.bean(HttpClient.class)
				.get()
				.uri("http://" + host + ":" + peer().port() + "/")
				.responseSingle((response, body) -> body.asString())
				.block()));
	}

	@Override
	String expectedTree() {
		return """
				business
				  DNS lookup two.test: 127.0.0.8, 127.0.0.9
				  socket connect ! 127.0.0.8: connection_refused
				  socket connect 127.0.0.9
				""";
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
