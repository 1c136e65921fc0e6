package io.nettrace.libraries;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.client.reactive.ReactorClientHttpConnector;
import org.springframework.web.reactive.function.client.WebClient;
import reactor.netty.http.client.HttpClient;

/**
 * A {@code WebClient} that the application makes itself, without an observation.
 */
@Library(name = "WebClient on Reactor Netty, made without Boot", of = WebClient.class, support = Support.OUT_OF_THE_BOX,
		how = "nettrace.libraries.by-hand.enabled", shows = { Step.LOOKUP, Step.ATTEMPT, Step.HANDSHAKE },
		below = "the current observation")
class HandMadeWebClientTests extends HttpLibraryTest {

	@Override
	Class<?> configuration() {
		return Application.class;
	}

	@Override
	String call(LibraryApplication application, String host) throws Exception {
		WebClient client = application.bean(WebClient.class);
		return application.business(() -> client.get().uri(url(host)).retrieve().bodyToMono(String.class).block());
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
