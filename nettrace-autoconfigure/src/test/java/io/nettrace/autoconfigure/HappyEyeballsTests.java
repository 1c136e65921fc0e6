package io.nettrace.autoconfigure;

import java.net.InetAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

import io.nettrace.NetTrace;
import io.nettrace.NetTraceContext;
import io.nettrace.Resolver;
import io.nettrace.client.httpcomponents.NetTraceHttpComponents;
import io.nettrace.test.BlackHole;
import io.nettrace.test.RefusingAddress;
import io.nettrace.test.SocksProxy;
import org.apache.hc.client5.http.HttpHostConnectException;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.impl.DefaultHttpRequestRetryStrategy;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.core5.util.TimeValue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.client.ResourceAccessException;
import org.springframework.web.client.RestClient;
import org.springframework.web.reactive.function.client.WebClient;
import org.springframework.web.reactive.function.client.WebClientRequestException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Races under both clients of HttpComponents, with real sockets.
 */
class HappyEyeballsTests {

	private static final String[] GO = { "nettrace.connect.happy-eyeballs.enabled=true",
			"spring.http.clients.reactive.connector=http-components" };

	private static final String[] RFC8305 = { "nettrace.connect.happy-eyeballs.enabled=true",
			"nettrace.connect.happy-eyeballs.strategy=rfc8305",
			"spring.http.clients.reactive.connector=http-components" };

	private final LoopbackServer server = LoopbackServer.start("127.0.0.9");

	@AfterEach
	void stop() {
		this.server.close();
	}

	@ParameterizedTest
	@EnumSource
	void connectsBesideABlackHoleAndShowsTheLoserAsCancelled(Client client) {
		try (BlackHole hole = BlackHole.open("127.0.0.5", this.server.port());
				TracedApplication application = TracedApplication.start(Plain.class, RFC8305)) {
			client.get(application, this.server.url("race.test"), hole.address().getHostString(), "127.0.0.9");
			application.awaitSpans(4);
			assertThat(application.tree()).isEqualTo(
					"""
							http get
							  DNS lookup {dns.answers=127.0.0.5,127.0.0.9, dns.question.name=race.test, nettrace.dns.coalesced=false}
							  socket connect {nettrace.connect.attempt=1, nettrace.connect.outcome=cancelled, network.peer.address=127.0.0.5, network.peer.port=PORT, network.transport=tcp, network.type=ipv4, server.address=race.test, server.port=PORT}
							  socket connect {nettrace.connect.attempt=2, nettrace.connect.outcome=connected, network.peer.address=127.0.0.9, network.peer.port=PORT, network.transport=tcp, network.type=ipv4, server.address=race.test, server.port=PORT}
							""");
		}
	}

	@ParameterizedTest
	@EnumSource
	void theOtherFamilyRacesAfterTheFirstAsInGo(Client client) {
		try (BlackHole hole = BlackHole.open("127.0.0.5", this.server.port());
				LoopbackServer ipv6 = LoopbackServer.start("::1", this.server.port());
				TracedApplication application = TracedApplication.start(Plain.class, GO)) {
			client.get(application, ipv6.url("race.test"), hole.address().getHostString(), "::1");
			application.awaitSpans(4);
			assertThat(application.tree()).contains("network.peer.address=127.0.0.5")
				.contains("outcome=cancelled")
				.containsPattern("outcome=connected, network.peer.address=::1");
		}
	}

	@ParameterizedTest
	@EnumSource
	void everyAddressRefused(Client client) {
		try (RefusingAddress first = RefusingAddress.open("127.0.0.7", this.server.port());
				RefusingAddress second = RefusingAddress.open("127.0.0.8", this.server.port());
				TracedApplication application = TracedApplication.start(Plain.class, RFC8305)) {
			assertThatExceptionOfType(client.exception)
				.isThrownBy(() -> client.get(application, this.server.url("race.test"), first.address().getHostString(),
						second.address().getHostString()))
				.withCauseInstanceOf(HttpHostConnectException.class)
				.withMessageMatching(".*Connect to " + this.server.url("race.test").replaceAll("/$", "")
						+ "( \\[race.test/127.0.0.7, race.test/127.0.0.8])? failed: Connection refused");
			application.awaitSpans(4);
			assertThat(application.tree().lines()).filteredOn((line) -> line.contains("socket connect ! {"))
				.hasSize(2)
				.allMatch((line) -> line.contains("error.type=connection_refused"));
		}
	}

	@ParameterizedTest
	@EnumSource
	void connectTimeoutHoldsForEachAttempt(Client client) {
		try (BlackHole first = BlackHole.open("127.0.0.5", this.server.port());
				TracedApplication application = TracedApplication.start(Plain.class,
						"nettrace.connect.happy-eyeballs.enabled=true",
						"spring.http.clients.reactive.connector=http-components",
						"spring.http.clients.connect-timeout=100ms")) {
			client.get(application, this.server.url("race.test"), first.address().getHostString(), "127.0.0.9");
			assertThat(application.tree()).contains("error.type=timed_out")
				.contains("nettrace.connect.attempt=2, nettrace.connect.outcome=connected");
		}
	}

	@Test
	void reusesAConnection() {
		try (TracedApplication application = TracedApplication.start(Plain.class, RFC8305)) {
			Client.REST_CLIENT.get(application, this.server.url("race.test"), "127.0.0.9", "127.0.0.8");
			Client.REST_CLIENT.get(application, this.server.url("race.test"), "127.0.0.9", "127.0.0.8");
			assertThat(application.tree()).endsWith("http get\n");
		}
	}

	@ParameterizedTest
	@EnumSource
	void securesTheWinner(Client client, @TempDir Path temp) throws Exception {
		List<String> properties = new ArrayList<>(List.of(Keystores.properties(temp, "race.test")));
		properties.add("spring.http.clients.ssl.bundle=trusting");
		properties.addAll(List.of(GO));
		try (TracedApplication application = TracedApplication.start(Plain.class, properties.toArray(String[]::new));
				LoopbackServer tlsServer = LoopbackServer.startTls("127.0.0.9",
						application.bean(SslBundles.class).getBundle("server").createSslContext())) {
			client.get(application, "https://race.test:" + tlsServer.port() + "/", "127.0.0.9");
			assertThat(application.tree()).contains("outcome=connected");
		}
	}

	@Test
	void doesNotRaceThroughASocksProxy() {
		try (SocksProxy proxy = SocksProxy.start()) {
			HttpComponentsCustomizationTests.Socks.proxy = proxy.address();
			try (TracedApplication application = TracedApplication
				.start(List.of(Plain.class, HttpComponentsCustomizationTests.Socks.class), RFC8305)) {
				Client.REST_CLIENT.get(application, this.server.url("race.test"), "127.0.0.9", "127.0.0.8");
				assertThat(application.tree().lines()).filteredOn((line) -> line.contains("socket connect")).hasSize(1);
				assertThat(proxy.connects()).hasSize(1);
			}
		}
	}

	@Test
	void abortEndsEveryAttempt() throws Exception {
		ExecutorService executor = Executors.newSingleThreadExecutor();
		try (BlackHole first = BlackHole.open();
				BlackHole second = BlackHole.open("127.0.0.6", first.address().getPort());
				TracedApplication application = TracedApplication.start(Attempts.class, RFC8305);
				CloseableHttpClient client = HttpClients.custom()
					.setConnectionManager(
							application.bean(NetTraceHttpComponents.class).connectionManagerBuilder().build())
					.setRetryStrategy(new DefaultHttpRequestRetryStrategy(0, TimeValue.ZERO_MILLISECONDS))
					.build()) {
			HttpGet get = new HttpGet("http://race.test:" + first.address().getPort());
			Future<?> execution = executor.submit(() -> {
				NetTraceContext.Scope scope = NetTraceContext.current()
					.withResolver(addresses(first.address().getHostString(), second.address().getHostString()))
					.open();
				try {
					return client.execute(get, (response) -> response.getCode());
				}
				finally {
					scope.close();
				}
			});
			application.bean(Attempts.class).bothStarted.await();
			get.abort();
			assertThatExceptionOfType(Exception.class).isThrownBy(execution::get);
			application.awaitSpans(3);
			assertThat(application.tree().lines()).filteredOn((line) -> line.startsWith("socket connect {"))
				.hasSize(2)
				.allMatch((line) -> line.contains("outcome=cancelled"));
		}
		finally {
			executor.shutdownNow();
		}
	}

	/**
	 * Each has a pool of its own, made once.
	 */
	enum Client {

		REST_CLIENT(ResourceAccessException.class) {

			@Override
			void get(TracedApplication application, String url) {
				application.bean(RestClient.class).get().uri(url).retrieve().toBodilessEntity();
			}

		},

		WEB_CLIENT(WebClientRequestException.class) {

			@Override
			void get(TracedApplication application, String url) {
				application.bean(WebClient.class).get().uri(url).retrieve().toBodilessEntity().block();
			}

		};

		private final Class<? extends RuntimeException> exception;

		Client(Class<? extends RuntimeException> exception) {
			this.exception = exception;
		}

		void get(TracedApplication application, String url, String... answers) {
			NetTraceContext.Scope scope = NetTraceContext.current().withResolver(addresses(answers)).open();
			try {
				get(application, url);
			}
			finally {
				scope.close();
			}
		}

		abstract void get(TracedApplication application, String url);

	}

	private static Resolver addresses(String... literals) {
		return (network, host) -> {
			InetAddress[] addresses = new InetAddress[literals.length];
			for (int i = 0; i < literals.length; i++) {
				addresses[i] = address(host, literals[i]);
			}
			return List.of(addresses);
		};
	}

	private static InetAddress address(String host, String literal) throws UnknownHostException {
		return InetAddress.getByAddress(host, InetAddress.getByName(literal).getAddress());
	}

	@Configuration(proxyBeanMethods = false)
	static class Plain {

		@Bean
		RestClient restClient(RestClient.Builder builder) {
			return builder.build();
		}

		@Bean
		WebClient webClient(WebClient.Builder builder) {
			return builder.build();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Attempts {

		private final CountDownLatch bothStarted = new CountDownLatch(2);

		@Bean
		NetTrace attempts() {
			return new NetTrace() {

				@Override
				public void connectStart(String network, SocketAddress address) {
					Attempts.this.bothStarted.countDown();
				}

			};
		}

	}

}
