package io.nettrace.libraries;

import java.net.URI;
import java.util.List;

import feign.hc5.ApacheHttp5Client;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManager;
import org.junit.jupiter.api.Test;
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
		how = "nettrace.libraries.feign.enabled", shows = { Step.LOOKUP, Step.ATTEMPT, Step.HANDSHAKE },
		below = "the current observation")
class FeignTests extends HttpLibraryTest {

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
				"spring.cloud.openfeign.httpclient.max-connections-per-route=3",
				"spring.cloud.openfeign.micrometer.enabled=false");
	}

	@Override
	String call(LibraryApplication application, String host) throws Exception {
		URI uri = URI.create(url(host));
		return application.business(() -> application.bean(Greetings.class).get(uri));
	}

	@Test
	void connectionManagerIsTheOneInUseWithItsSettings() throws Exception {
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
