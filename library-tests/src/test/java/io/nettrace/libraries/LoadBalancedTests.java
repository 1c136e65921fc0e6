package io.nettrace.libraries;

import java.util.List;
import java.util.stream.Stream;

import org.springframework.boot.http.client.HttpComponentsClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.autoconfigure.ClientHttpRequestFactoryBuilderCustomizer;
import org.springframework.boot.restclient.autoconfigure.RestClientBuilderConfigurer;
import org.springframework.cloud.client.loadbalancer.LoadBalanced;
import org.springframework.cloud.loadbalancer.blocking.client.BlockingLoadBalancerClient;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.client.RestClient;

/**
 * A builder that Boot configures and Spring Cloud LoadBalancer gets services into. Each
 * service has one instance, on the host of its name.
 */
@Library(name = "@LoadBalanced RestClient.Builder, configured by RestClientBuilderConfigurer",
		of = BlockingLoadBalancerClient.class, support = Support.OUT_OF_THE_BOX,
		how = "nettrace.clients.http-components.enabled", shows = { Step.LOOKUP, Step.ATTEMPT, Step.HANDSHAKE },
		below = "the request's span")
class LoadBalancedTests extends HttpLibraryTest {

	@Override
	Class<?> configuration() {
		return Application.class;
	}

	@Override
	List<String> autoConfigurations() {
		return List.of("org.springframework.cloud.client.", "org.springframework.cloud.commons.",
				"org.springframework.cloud.loadbalancer.");
	}

	@Override
	List<String> properties() {
		return Stream
			.of("http://one.test", "http://two.test", "http://slow.test", "http://refused.test", "http://unknown.test",
					"https://" + SocketPeer.TLS_HOST)
			.map((url) -> "spring.cloud.discovery.client.simple.instances[" + url.substring(url.lastIndexOf('/') + 1)
					+ "][0].uri=" + url + ":" + peer().port())
			.toList();
	}

	@Override
	String call(LibraryApplication application, String host) throws Exception {
		RestClient client = application.bean(RestClient.class);
		return application.business(() -> client.get().uri("http://" + host + "/").retrieve().body(String.class));
	}

	@Override
	String expectedTree() {
		return expectedTreeBelow("http get");
	}

	@Configuration(proxyBeanMethods = false)
	static class Application {

		@Bean
		@LoadBalanced
		RestClient.Builder services(RestClientBuilderConfigurer boot) {
			return boot.configure(RestClient.builder());
		}

		@Bean
		RestClient client(@LoadBalanced RestClient.Builder services) {
			return services.build();
		}

		@Bean
		ClientHttpRequestFactoryBuilderCustomizer<HttpComponentsClientHttpRequestFactoryBuilder> names(Names names) {
			return (builder) -> builder.withDnsResolver(names.httpComponents());
		}

	}

}
