package io.nettrace.libraries;

import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;

import org.springframework.boot.WebApplicationType;
import org.springframework.cloud.gateway.config.HttpClientCustomizer;
import org.springframework.cloud.gateway.filter.GlobalFilter;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * What Spring Cloud Gateway sends on.
 */
@Library(name = "Spring Cloud Gateway, WebFlux", of = GlobalFilter.class, support = Support.OUT_OF_THE_BOX,
		how = "nettrace.libraries.gateway.enabled", shows = { Step.LOOKUP, Step.ATTEMPT },
		below = "the gateway's client span")
class GatewayTests extends LibraryTest {

	@Override
	Class<?> configuration() {
		return Application.class;
	}

	@Override
	WebApplicationType webApplicationType() {
		return WebApplicationType.REACTIVE;
	}

	@Override
	List<String> autoConfigurations() {
		return List.of("org.springframework.cloud.gateway.", "org.springframework.boot.webflux.",
				"org.springframework.boot.netty.", "org.springframework.boot.web.");
	}

	@Override
	List<String> properties() {
		List<String> properties = new ArrayList<>();
		List<String> hosts = List.of("one.test", "two.test", "slow.test", "refused.test", "unknown.test");
		for (int i = 0; i < hosts.size(); i++) {
			String route = "spring.cloud.gateway.server.webflux.routes[" + i + "].";
			properties.add(route + "id=" + hosts.get(i));
			properties.add(route + "uri=http://" + hosts.get(i) + ":" + peer().port());
			properties.add(route + "predicates[0]=Path=/" + hosts.get(i) + "/**");
			properties.add(route + "filters[0]=StripPrefix=1");
		}
		return properties;
	}

	@Override
	String call(LibraryApplication application, String host) throws Exception {
		HttpRequest request = HttpRequest
			.newBuilder(URI.create("http://127.0.0.1:" + application.port() + "/" + host + "/"))
			.build();
		HttpResponse<String> response = java.net.http.HttpClient.newHttpClient()
			.send(request, HttpResponse.BodyHandlers.ofString());
		// the body of an error has the time in it
		return (response.statusCode() == 200) ? response.body() : "status " + response.statusCode();
	}

	@Override
	String expectedTree() {
		return """
				http get
				  HTTP GET
				    DNS lookup two.test: 127.0.0.8, 127.0.0.9
				    socket connect ! 127.0.0.8: connection_refused
				    socket connect 127.0.0.9
				""";
	}

	@Configuration(proxyBeanMethods = false)
	static class Application {

		@Bean
		HttpClientCustomizer names(Names names) {
			return (client) -> client.resolver(names.netty());
		}

	}

}
