package io.nettrace.libraries;

import java.util.List;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.http.client.HttpComponentsClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.autoconfigure.ClientHttpRequestFactoryBuilderCustomizer;
import org.springframework.cloud.gateway.server.mvc.handler.GatewayServerResponse;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * What Spring Cloud Gateway sends on if it runs on Spring MVC: with a client of Boot's
 * builder, here HttpComponents.
 */
@Library(name = "Spring Cloud Gateway, Spring MVC", of = GatewayServerResponse.class, support = Support.OUT_OF_THE_BOX,
		how = "nettrace.clients.http-components.enabled", shows = { Step.LOOKUP, Step.ATTEMPT, Step.HANDSHAKE },
		below = "the gateway's client span")
class GatewayMvcTests extends GatewayTest {

	@Override
	Class<?> configuration() {
		return Application.class;
	}

	@Override
	WebApplicationType webApplicationType() {
		return WebApplicationType.SERVLET;
	}

	@Override
	List<String> autoConfigurations() {
		return List.of("org.springframework.cloud.gateway.server.mvc.", "org.springframework.boot.webmvc.",
				"org.springframework.boot.servlet.", "org.springframework.boot.tomcat.",
				"org.springframework.boot.web.");
	}

	@Override
	String prefix() {
		return "spring.cloud.gateway.server.webmvc";
	}

	@Override
	String expectedTree() {
		return """
				http get /two.test/**
				  http get
				    DNS lookup two.test: 127.0.0.8, 127.0.0.9
				    socket connect ! 127.0.0.8: connection_refused
				    socket connect 127.0.0.9
				""";
	}

	@Configuration(proxyBeanMethods = false)
	static class Application {

		@Bean
		ClientHttpRequestFactoryBuilderCustomizer<HttpComponentsClientHttpRequestFactoryBuilder> names(Names names) {
			return (builder) -> builder.withDnsResolver(names.httpComponents());
		}

	}

}
