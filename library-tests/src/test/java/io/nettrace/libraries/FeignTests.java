package io.nettrace.libraries;

import java.net.URI;
import java.util.List;
import java.util.Objects;

import feign.hc5.ApacheHttp5Client;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManager;
import org.junit.jupiter.api.Test;
import org.springframework.boot.WebApplicationType;
import org.springframework.cloud.openfeign.EnableFeignClients;
import org.springframework.cloud.openfeign.FeignClient;
import org.springframework.cloud.openfeign.clientconfig.HttpClient5FeignConfiguration.HttpClientConnectionManagerBuilderCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.bind.annotation.GetMapping;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Spring Cloud OpenFeign on HttpComponents.
 */
@Library(name = "Spring Cloud OpenFeign with feign-hc5", of = ApacheHttp5Client.class, support = Support.OUT_OF_THE_BOX,
		how = "nettrace.libraries.feign.enabled", shows = { Step.LOOKUP, Step.ATTEMPT },
		below = "the current observation")
class FeignTests extends LibraryTest {

	@Override
	Class<?> configuration() {
		return Application.class;
	}

	@Override
	List<String> autoConfigurations() {
		return List.of("org.springframework.cloud.openfeign.FeignAutoConfiguration");
	}

	@Override
	List<String> properties() {
		return List.of("spring.cloud.openfeign.httpclient.max-connections=7",
				"spring.cloud.openfeign.httpclient.max-connections-per-route=3");
	}

	@Override
	WebApplicationType webApplicationType() {
		return WebApplicationType.NONE;
	}

	@Override
	String call(LibraryApplication application, String host) {
		URI uri = URI.create("http://" + host + ":" + peer().port());
		return Objects
			.requireNonNull(Observation.createNotStarted("business", application.bean(ObservationRegistry.class))
				.observe(() -> application.bean(Greetings.class).get(uri)));
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

	@Test
	void connectionManagerIsTheOneInUseWithItsSettings() {
		PoolingHttpClientConnectionManager manager = application().bean(PoolingHttpClientConnectionManager.class);
		assertThat(manager.getMaxTotal()).isEqualTo(7);
		assertThat(manager.getDefaultMaxPerRoute()).isEqualTo(3);
		call(application(), "one.test");
		assertThat(manager.getTotalStats().getAvailable()).isPositive();
	}

	@Configuration(proxyBeanMethods = false)
	@EnableFeignClients(clients = Greetings.class)
	static class Application {

		@Bean
		HttpClientConnectionManagerBuilderCustomizer names(Names names) {
			return (builder) -> builder.setDnsResolver(names.httpComponents());
		}

	}

	@FeignClient(name = "greetings", url = "http://overridden.test")
	interface Greetings {

		@GetMapping("/")
		String get(URI uri);

	}

}
