package io.nettrace.autoconfigure;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.nettrace.test.DnsAnswer;
import io.nettrace.test.DnsClient;
import io.nettrace.test.DnsServer;
import io.nettrace.test.RefusingAddress;
import org.apache.hc.client5.http.DnsResolver;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.http.client.HttpComponentsClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.autoconfigure.ClientHttpRequestFactoryBuilderCustomizer;
import org.springframework.boot.restclient.RestTemplateBuilder;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.client.ResourceAccessException;
import org.springframework.web.client.RestClient;
import org.springframework.web.client.support.RestClientAdapter;
import org.springframework.web.service.annotation.GetExchange;
import org.springframework.web.service.invoker.HttpServiceProxyFactory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * What is particular to RestClient, RestTemplate and {@code @HttpExchange} on
 * HttpComponents; the rest is in the contract of all clients.
 */
class HttpComponentsTests {

	private static final ThreadLocal<DnsServer> DNS = new ThreadLocal<>();

	private final DnsServer dns = DnsServer.start();

	private final LoopbackServer server = LoopbackServer.start("127.0.0.9");

	private TracedApplication application;

	private RestClient client;

	@BeforeEach
	void startApplication() {
		DNS.set(this.dns);
		this.application = TracedApplication.start(Names.class, "spring.http.clients.connect-timeout=400ms");
		this.client = this.application.bean(RestClient.Builder.class).build();
		this.dns.set("good.test", DnsAnswer.addresses("127.0.0.9"));
	}

	@AfterEach
	void stop() {
		this.application.close();
		this.server.close();
		this.dns.close();
		DNS.remove();
	}

	@Test
	void triesDuplicatesAsTheyCome() {
		try (RefusingAddress refusing = RefusingAddress.open("127.0.0.8", this.server.port())) {
			String address = refusing.address().getHostString();
			this.dns.set("twice.test", DnsAnswer.addresses(address, address));
			assertThatExceptionOfType(ResourceAccessException.class).isThrownBy(() -> get("twice.test"));
		}
		assertThat(this.application.tree()).contains("nettrace.connect.attempt=1", "nettrace.connect.attempt=2");
	}

	@Test
	void showsRestTemplateAndHttpExchangeClients() {
		this.application.bean(RestTemplateBuilder.class).build().getForEntity(this.server.url("good.test"), Void.class);
		assertThat(this.application.tree()).contains("http get\n  DNS lookup {", "\n  socket connect {");
		HttpServiceProxyFactory
			.builderFor(RestClientAdapter
				.create(this.application.bean(RestClient.Builder.class).baseUrl(this.server.url("good.test")).build()))
			.build()
			.createClient(Service.class)
			.get();
		assertThat(this.application.tree()).contains("http get\n  DNS lookup {", "\n  socket connect {");
	}

	@Test
	void isAChildOfTheObservationAroundADisabledRequestObservation() {
		try (TracedApplication application = TracedApplication.start(Names.class,
				"management.observations.enable.http.client.requests=false")) {
			ObservationRegistry registry = application.bean(ObservationRegistry.class);
			Observation.createNotStarted("business", registry)
				.observe(() -> application.bean(RestClient.Builder.class)
					.build()
					.get()
					.uri(this.server.url("good.test"))
					.retrieve()
					.toBodilessEntity());
			assertThat(application.tree()).startsWith("business\n  DNS lookup {").contains("\n  socket connect {");
		}
	}

	private void get(String host) {
		this.client.get().uri(this.server.url(host)).retrieve().toBodilessEntity();
	}

	interface Service {

		@GetExchange("/")
		void get();

	}

	@Configuration(proxyBeanMethods = false)
	static class Names {

		@Bean
		ClientHttpRequestFactoryBuilderCustomizer<HttpComponentsClientHttpRequestFactoryBuilder> names() {
			DnsClient client = DNS.get().client();
			return (builder) -> builder.withDnsResolver(new DnsServerResolver(client));
		}

	}

	/**
	 * A resolver as an application would write it.
	 */
	record DnsServerResolver(DnsClient client) implements DnsResolver {

		@Override
		public InetAddress[] resolve(String host) throws UnknownHostException {
			List<InetAddress> addresses = isLiteral(host) ? List.of(InetAddress.getByName(host))
					: new ArrayList<>(this.client.withTimeout(Duration.ofSeconds(30)).resolve(host));
			return addresses.toArray(InetAddress[]::new);
		}

		private static boolean isLiteral(String host) {
			return host.startsWith("127.") || host.contains(":");
		}

		@Override
		public String resolveCanonicalHostname(String host) {
			return host;
		}

	}

}
