package io.nettrace.libraries;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.client.ReactorClientHttpRequestFactory;
import org.springframework.web.client.RestTemplate;
import reactor.netty.http.client.HttpClient;

/**
 * A {@code RestTemplate} that the application makes itself, without an observation.
 */
@Library(name = "RestTemplate or RestClient on Reactor Netty, made without Boot", of = RestTemplate.class,
		support = Support.OUT_OF_THE_BOX, how = "nettrace.libraries.by-hand.enabled",
		shows = { Step.LOOKUP, Step.ATTEMPT, Step.HANDSHAKE }, below = "the current observation")
class HandMadeTemplateTests extends HttpLibraryTest {

	@Override
	Class<?> configuration() {
		return Application.class;
	}

	@Override
	String call(LibraryApplication application, String host) throws Exception {
		return application.business(() -> application.bean(RestTemplate.class).getForObject(url(host), String.class));
	}

	@Configuration(proxyBeanMethods = false)
	static class Application {

		@Bean
		RestTemplate template(Names names) {
			return new RestTemplate(new ReactorClientHttpRequestFactory(HttpClient.create().resolver(names.netty())));
		}

	}

}
