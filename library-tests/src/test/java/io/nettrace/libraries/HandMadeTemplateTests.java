package io.nettrace.libraries;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
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
		shows = { Step.LOOKUP, Step.ATTEMPT }, below = "the current observation")
class HandMadeTemplateTests extends LibraryTest {

	@Override
	Class<?> configuration() {
		return Application.class;
	}

	@Override
	String call(LibraryApplication application, String host) {
		RestTemplate template = application.bean(RestTemplate.class);
		return Observation.createNotStarted("business", application.bean(ObservationRegistry.class))
			.observe(() -> String
				.valueOf(template.getForObject("http://" + host + ":" + peer().port() + "/", String.class)));
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
		RestTemplate template(Names names) {
			return new RestTemplate(new ReactorClientHttpRequestFactory(HttpClient.create().resolver(names.netty())));
		}

	}

}
