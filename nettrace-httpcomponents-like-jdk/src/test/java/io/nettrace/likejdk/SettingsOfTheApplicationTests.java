package io.nettrace.likejdk;

import java.net.URI;
import java.util.List;

import io.nettrace.likejdk.RawServer.Request;
import org.apache.hc.client5.http.cookie.BasicCookieStore;
import org.apache.hc.client5.http.impl.DefaultHttpRequestRetryStrategy;
import org.apache.hc.core5.util.TimeValue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.http.client.ClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.HttpComponentsClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.autoconfigure.ClientHttpRequestFactoryBuilderCustomizer;
import org.springframework.boot.http.client.autoconfigure.HttpClientAutoConfiguration;
import org.springframework.boot.http.client.autoconfigure.imperative.ImperativeHttpClientAutoConfiguration;
import org.springframework.boot.restclient.autoconfigure.RestClientAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.client.RestClient;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * An application's own settings win over the JDK's defaults, which it can switch off.
 */
@ExtendWith(OutputCaptureExtension.class)
class SettingsOfTheApplicationTests {

	private static final String LOGGED = "replaces the JDK's HTTP client by HttpComponents";

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner().withConfiguration(
			AutoConfigurations.of(HttpClientAutoConfiguration.class, ImperativeHttpClientAutoConfiguration.class,
					RestClientAutoConfiguration.class, JdkDefaultsAutoConfiguration.class));

	@Test
	void oneLineAtStart(CapturedOutput output) {
		this.contextRunner.run((context) -> {
			context.getBean(RestClient.Builder.class).build();
			context.getBean(RestClient.Builder.class).build();
		});
		assertThat(output.getOut().lines().filter((line) -> line.contains(LOGGED))).hasSize(1);
	}

	@Test
	void cookieStoreOfACustomizer() {
		this.contextRunner.withUserConfiguration(OwnCookieStore.class)
			.run((context) -> assertThat(cookies(context.getBean(RestClient.Builder.class).build()))
				.isEqualTo("[[], [a=b]]"));
	}

	@Test
	void cookieStoreSetOnAnInjectedBuilder() {
		this.contextRunner.run((context) -> {
			HttpComponentsClientHttpRequestFactoryBuilder builder = context
				.getBean(HttpComponentsClientHttpRequestFactoryBuilder.class)
				.withHttpClientCustomizer((client) -> client.setDefaultCookieStore(new BasicCookieStore()));
			assertThat(cookies(RestClient.builder().requestFactory(builder.build()).build())).isEqualTo("[[], [a=b]]");
		});
	}

	@Test
	void retriesOfACustomizer() {
		this.contextRunner.withUserConfiguration(OwnRetries.class).run((context) -> {
			try (RawServer server = new RawServer(
					(request) -> "HTTP/1.1 503 X\r\nRetry-After: 0\r\nContent-Length: 0\r\n\r\n")) {
				get(context.getBean(RestClient.Builder.class).build(), server);
				assertThat(server.requests()).hasSize(3);
			}
		});
	}

	@Test
	void builderBeanOfTheApplication(CapturedOutput output) {
		this.contextRunner.withUserConfiguration(OwnBuilder.class).run(SettingsOfTheApplicationTests::hasNoJdkDefaults);
		assertThat(output).doesNotContain(LOGGED);
	}

	@Test
	void clientChosenByTheApplication(CapturedOutput output) {
		this.contextRunner.withPropertyValues("spring.http.clients.imperative.factory=http-components")
			.run(SettingsOfTheApplicationTests::hasNoJdkDefaults);
		assertThat(output).doesNotContain(LOGGED);
	}

	@Test
	void switchedOff(CapturedOutput output) {
		this.contextRunner.withPropertyValues("nettrace.clients.http-components.like-jdk=false")
			.run(SettingsOfTheApplicationTests::hasNoJdkDefaults);
		assertThat(output).doesNotContain(LOGGED);
	}

	private static void hasNoJdkDefaults(ApplicationContext context) {
		assertThat(cookies(context.getBean(RestClient.Builder.class).build())).isEqualTo("[[], [a=b]]");
	}

	private static String cookies(RestClient client) {
		try (RawServer server = new RawServer(
				(request) -> "HTTP/1.1 200 OK\r\nSet-Cookie: a=b; Path=/\r\nContent-Length: 0\r\n\r\n")) {
			get(client, server);
			get(client, server);
			List<List<String>> cookies = server.requests()
				.stream()
				.map((Request request) -> request.header("Cookie"))
				.toList();
			return cookies.toString();
		}
	}

	private static void get(RestClient client, RawServer server) {
		client.get()
			.uri(URI.create("http://127.0.0.1:" + server.port() + "/"))
			.exchange((request, response) -> response.getStatusCode());
	}

	@Configuration(proxyBeanMethods = false)
	static class OwnCookieStore {

		@Bean
		ClientHttpRequestFactoryBuilderCustomizer<HttpComponentsClientHttpRequestFactoryBuilder> ownCookieStore() {
			return (builder) -> builder
				.withHttpClientCustomizer((client) -> client.setDefaultCookieStore(new BasicCookieStore()));
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OwnRetries {

		@Bean
		ClientHttpRequestFactoryBuilderCustomizer<HttpComponentsClientHttpRequestFactoryBuilder> ownRetries() {
			return (builder) -> builder.withHttpClientCustomizer((client) -> client
				.setRetryStrategy(new DefaultHttpRequestRetryStrategy(2, TimeValue.ZERO_MILLISECONDS)));
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OwnBuilder {

		@Bean
		ClientHttpRequestFactoryBuilder<?> ownBuilder() {
			return ClientHttpRequestFactoryBuilder.httpComponents();
		}

	}

}
