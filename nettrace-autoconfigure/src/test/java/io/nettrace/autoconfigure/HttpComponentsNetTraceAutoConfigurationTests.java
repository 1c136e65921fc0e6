package io.nettrace.autoconfigure;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;

import com.sun.net.httpserver.HttpServer;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.observation.tck.TestObservationRegistry;
import io.micrometer.observation.tck.TestObservationRegistryAssert;
import org.apache.hc.client5.http.DnsResolver;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.http.client.HttpComponentsClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.autoconfigure.ClientHttpRequestFactoryBuilderCustomizer;
import org.springframework.boot.http.client.autoconfigure.HttpClientAutoConfiguration;
import org.springframework.boot.http.client.autoconfigure.imperative.ImperativeHttpClientAutoConfiguration;
import org.springframework.boot.restclient.autoconfigure.RestClientAutoConfiguration;
import org.springframework.boot.restclient.autoconfigure.RestClientObservationAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.client.RestClient;

import static org.assertj.core.api.Assertions.assertThat;

class HttpComponentsNetTraceAutoConfigurationTests {

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(HttpClientAutoConfiguration.class,
				ImperativeHttpClientAutoConfiguration.class, RestClientAutoConfiguration.class,
				RestClientObservationAutoConfiguration.class, NetTraceAutoConfiguration.class,
				NetTraceObservationAutoConfiguration.class, HttpComponentsNetTraceAutoConfiguration.class))
		.withBean(ObservationRegistry.class, TestObservationRegistry::create)
		.withUserConfiguration(Names.class);

	private HttpServer server;

	@BeforeEach
	void startServer() throws IOException {
		this.server = HttpServer.create(new InetSocketAddress("127.0.0.9", 0), 0);
		this.server.createContext("/", (exchange) -> {
			exchange.sendResponseHeaders(204, -1);
			exchange.close();
		});
		this.server.start();
	}

	@AfterEach
	void stopServer() {
		this.server.stop(0);
	}

	@Test
	void observesLookupAndEachAttemptBelowTheRequest() {
		this.contextRunner.run((context) -> {
			RestClient client = context.getBean(RestClient.Builder.class).build();
			client.get()
				.uri("http://multi.test:" + this.server.getAddress().getPort() + "/")
				.retrieve()
				.toBodilessEntity();
			TestObservationRegistry registry = context.getBean(TestObservationRegistry.class);
			TestObservationRegistryAssert.assertThat(registry)
				.hasNumberOfObservationsWithNameEqualTo("dns.lookup.duration", 1)
				.hasNumberOfObservationsWithNameEqualTo("socket.connect.duration", 2)
				.hasObservationWithNameEqualTo("dns.lookup.duration")
				.that()
				.hasParentObservationContextMatching((parent) -> "http.client.requests".equals(parent.getName()));
			assertThat(context).hasNotFailed();
		});
	}

	@Configuration(proxyBeanMethods = false)
	static class Names {

		@Bean
		ClientHttpRequestFactoryBuilderCustomizer<HttpComponentsClientHttpRequestFactoryBuilder> names() {
			return (builder) -> builder.withDnsResolver(new DnsResolver() {

				@Override
				public InetAddress[] resolve(String host) throws UnknownHostException {
					return List.of(InetAddress.getByName("127.0.0.8"), InetAddress.getByName("127.0.0.9"))
						.toArray(InetAddress[]::new);
				}

				@Override
				public String resolveCanonicalHostname(String host) {
					return host;
				}

			});
		}

	}

}
