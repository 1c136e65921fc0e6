package io.nettrace.libraries;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.client.reactive.ReactorClientHttpConnector;
import org.springframework.web.reactive.function.client.WebClient;
import reactor.netty.http.client.HttpClient;

/**
 * A {@code WebClient} that the application makes itself, without an observation.
 */
@Library(name = "WebClient on Reactor Netty, made without Boot", of = WebClient.class, support = Support.OUT_OF_THE_BOX,
		how = "nettrace.libraries.by-hand.enabled", shows = { Step.LOOKUP, Step.ATTEMPT },
		below = "the current observation")
class HandMadeWebClientTests extends LibraryTest {

	@Override
	Class<?> configuration() {
		return Application.class;
	}

	@Override
	String call(LibraryApplication application, String host) {
		WebClient client = application.bean(WebClient.class);
		String url = "http://" + host + ":" + peer().port() + "/";
		return Observation.createNotStarted("business", application.bean(ObservationRegistry.class))
			.observe(() -> String.valueOf(client.get().uri(url).retrieve().bodyToMono(String.class).block()));
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
		WebClient client(Names names) {
			return WebClient.builder()
				.clientConnector(new ReactorClientHttpConnector(HttpClient.create().resolver(names.netty())))
				.build();
		}

	}

}
