package io.nettrace.autoconfigure;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.nettrace.test.BlackHole;
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
 * RestClient, RestTemplate and {@code @HttpExchange} on HttpComponents, with a resolver
 * of the application's own: whole span trees.
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
	void showsEachAttemptWithItsOwnOutcome() {
		try (RefusingAddress refusing = RefusingAddress.open("127.0.0.8", this.server.port())) {
			this.dns.set("multi.test", DnsAnswer.addresses(refusing.address().getHostString(), "127.0.0.9"));
			get("multi.test");
		}
		assertThat(this.application.tree()).isEqualTo(
				"""
						http get
						  DNS lookup {dns.answers=127.0.0.8,127.0.0.9, dns.question.name=multi.test, nettrace.dns.coalesced=false}
						  socket connect ! {error.type=connection_refused, nettrace.connect.attempt=1, nettrace.connect.outcome=failed, network.peer.address=127.0.0.8, network.peer.port=PORT, network.transport=tcp, network.type=ipv4, server.address=multi.test, server.port=PORT}
						  socket connect {nettrace.connect.attempt=2, nettrace.connect.outcome=connected, network.peer.address=127.0.0.9, network.peer.port=PORT, network.transport=tcp, network.type=ipv4, server.address=multi.test, server.port=PORT}
						""");
	}

	@Test
	void showsNothingOnAPooledConnection() {
		get("good.test");
		this.application.tree();
		get("good.test");
		assertThat(this.application.tree()).isEqualTo("http get\n");
	}

	@Test
	void showsAnUnknownHost() {
		assertThatExceptionOfType(ResourceAccessException.class).isThrownBy(() -> get("unknown.test"))
			.withCauseInstanceOf(UnknownHostException.class);
		assertThat(this.application.tree()).isEqualTo("""
				http get !
				  DNS lookup ! {dns.question.name=unknown.test, error.type=host_not_found, nettrace.dns.coalesced=false}
				""");
	}

	@Test
	void showsABlackHoleAndWhatCameAfterIt() {
		try (BlackHole hole = BlackHole.open("127.0.0.5", this.server.port())) {
			this.dns.set("hole.test", DnsAnswer.addresses(hole.address().getHostString(), "127.0.0.9"));
			get("hole.test");
		}
		assertThat(this.application.tree()).contains("socket connect ! {error.type=timed_out, ")
			.contains("socket connect {nettrace.connect.attempt=2, nettrace.connect.outcome=connected, ");
	}

	@Test
	void showsAnAddressWithoutALookup() {
		get("127.0.0.9");
		assertThat(this.application.tree()).isEqualTo(
				"""
						http get
						  socket connect {nettrace.connect.attempt=1, nettrace.connect.outcome=connected, network.peer.address=127.0.0.9, network.peer.port=PORT, network.transport=tcp, network.type=ipv4, server.address=127.0.0.9, server.port=PORT}
						""");
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
	void sharesALookupBetweenConcurrentRequests() throws Exception {
		CompletableFuture<Void> release = new CompletableFuture<>();
		this.dns.set("slow.test", DnsAnswer.addresses("127.0.0.9").after(release));
		ExecutorService executor = Executors.newFixedThreadPool(2);
		try {
			Future<?> first = executor.submit(() -> get("slow.test"));
			this.dns.awaitQueries("slow.test", "A", 1);
			Future<?> second = executor.submit(() -> get("slow.test"));
			// the second request waits for the first one's lookup: it never asks
			awaitWaiting(second);
			release.complete(null);
			first.get();
			second.get();
		}
		finally {
			executor.shutdownNow();
		}
		assertThat(this.dns.queries("slow.test", "A")).isEqualTo(1);
		assertThat(this.application.tree().split("\n")).filteredOn((line) -> line.contains("DNS lookup"))
			.hasSize(2)
			.allMatch((line) -> line.contains("nettrace.dns.coalesced=true"));
	}

	private static void awaitWaiting(Future<?> request) {
		while (!request.isDone() && Thread.getAllStackTraces()
			.values()
			.stream()
			.noneMatch((stack) -> List.of(stack)
				.stream()
				.anyMatch((frame) -> frame.getClassName().equals("io.nettrace.dns.LookupGroup")
						&& frame.getMethodName().equals("await")))) {
			Thread.onSpinWait();
		}
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
	void followsARedirectToAnotherHost() {
		this.dns.set("other.test", DnsAnswer.addresses("127.0.0.9"));
		this.client.get()
			.uri(this.server.url("good.test") + "redirect?to=" + this.server.url("other.test"))
			.retrieve()
			.toBodilessEntity();
		assertThat(this.application.tree().lines()).hasSize(5).filteredOn((line) -> line.startsWith("  ")).hasSize(4);
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
