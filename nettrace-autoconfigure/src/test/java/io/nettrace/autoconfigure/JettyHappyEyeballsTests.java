package io.nettrace.autoconfigure;

import java.net.InetAddress;
import java.util.List;

import io.nettrace.NetTraceContext;
import io.nettrace.test.BlackHole;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.boot.http.client.ClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.HttpClientSettings;
import org.springframework.boot.http.client.InetAddressFilter;
import org.springframework.boot.http.client.reactive.ClientHttpConnectorBuilder;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.client.RestClient;
import org.springframework.web.reactive.function.client.WebClient;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Races under Jetty, behind Boot's address filter.
 */
class JettyHappyEyeballsTests {

	private final LoopbackServer server = LoopbackServer.start("127.0.0.9");

	@AfterEach
	void stop() {
		this.server.close();
	}

	/**
	 * A client whose filter denies one address.
	 */
	enum Client {

		REST_CLIENT {

			@Override
			void get(TracedApplication application, HttpClientSettings settings, String url) {
				application.bean(RestClient.Builder.class)
					.requestFactory(application.bean(ClientHttpRequestFactoryBuilder.class).build(settings))
					.build()
					.get()
					.uri(url)
					.retrieve()
					.toBodilessEntity();
			}

		},

		WEB_CLIENT {

			@Override
			void get(TracedApplication application, HttpClientSettings settings, String url) {
				application.bean(WebClient.Builder.class)
					.clientConnector(application.bean(ClientHttpConnectorBuilder.class).build(settings))
					.build()
					.get()
					.uri(url)
					.retrieve()
					.toBodilessEntity()
					.block();
			}

		};

		abstract void get(TracedApplication application, HttpClientSettings settings, String url);

	}

	@ParameterizedTest
	@EnumSource
	void whatTheFilterDeniesTakesNoPart(Client client) throws Exception {
		HttpClientSettings settings = HttpClientSettings.defaults()
			.withInetAddressFilter(InetAddressFilter.not("127.0.0.8"));
		try (BlackHole hole = BlackHole.open("127.0.0.5", this.server.port());
				TracedApplication application = TracedApplication.start(Plain.class,
						"spring.http.clients.imperative.factory=jetty", "spring.http.clients.reactive.connector=jetty",
						"nettrace.connect.happy-eyeballs.enabled=true",
						"nettrace.connect.happy-eyeballs.strategy=rfc8305",
						"nettrace.connect.happy-eyeballs.fallback-delay=0ms")) {
			List<InetAddress> addresses = List.of(hole.address().getAddress(), InetAddress.getByName("127.0.0.8"),
					InetAddress.getByName("127.0.0.9"));
			NetTraceContext context = NetTraceContext.current().withResolver((network, host) -> addresses);
			Calls.withContext(context, () -> client.get(application, settings, this.server.url("race.test")));
			application.awaitSpans(4);
			assertThat(application.tree().lines()).filteredOn((line) -> line.contains("socket connect"))
				.hasSize(2)
				.anyMatch((line) -> line.contains("outcome=cancelled, network.peer.address=127.0.0.5"))
				.anyMatch((line) -> line.contains("outcome=connected, network.peer.address=127.0.0.9"));
		}
	}

	@Configuration(proxyBeanMethods = false)
	static class Plain {

	}

}
