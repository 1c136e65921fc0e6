package io.nettrace.autoconfigure;

import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.restclient.test.MockServerRestClientCustomizer;
import org.springframework.boot.restclient.test.autoconfigure.RestClientTest;
import org.springframework.test.context.ContextConfiguration;
import org.springframework.test.web.client.MockRestServiceServer;
import org.springframework.web.client.RestClient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.springframework.test.web.client.match.MockRestRequestMatchers.requestTo;
import static org.springframework.test.web.client.response.MockRestResponseCreators.withSuccess;

/**
 * Tests that applications have with Spring's mock server: no request leaves the process,
 * and nothing is there for us to show.
 */
@RestClientTest
@ContextConfiguration(classes = MockRestServiceServerTests.Application.class)
class MockRestServiceServerTests {

	private static final String URL = "http://nowhere.invalid/greeting";

	@Test
	void restClientTestIsUnaffected(@Autowired RestClient.Builder builder, @Autowired MockRestServiceServer server) {
		RestClient client = builder.build();
		server.expect(requestTo(URL)).andRespond(withSuccess().body("hello"));
		assertThat(client.get().uri(URL).retrieve().body(String.class)).isEqualTo("hello");
		server.verify();
	}

	@Test
	void wholeApplicationWithAMockServerIsUnaffected() {
		try (TracedApplication application = TracedApplication.start(MockServerRestClientCustomizer.class)) {
			RestClient client = application.bean(RestClient.Builder.class).build();
			MockRestServiceServer server = application.bean(MockServerRestClientCustomizer.class).getServer();
			server.expect(requestTo(URL)).andRespond(withSuccess().body("hello"));
			assertThat(client.get().uri(URL).retrieve().body(String.class)).isEqualTo("hello");
			server.verify();
			assertThat(application.tree()).isEqualTo("http get\n");
		}
	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

	}

}
