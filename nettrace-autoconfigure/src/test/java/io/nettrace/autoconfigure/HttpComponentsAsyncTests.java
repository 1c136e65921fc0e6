package io.nettrace.autoconfigure;

import java.net.InetAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

import io.nettrace.client.httpcomponents.NetTraceHttpComponentsAsync;
import io.nettrace.test.BlackHole;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.async.methods.SimpleHttpRequest;
import org.apache.hc.client5.http.async.methods.SimpleHttpResponse;
import org.apache.hc.client5.http.async.methods.SimpleRequestBuilder;
import org.apache.hc.client5.http.impl.async.CloseableHttpAsyncClient;
import org.apache.hc.client5.http.impl.async.HttpAsyncClients;
import org.apache.hc.client5.http.impl.nio.PoolingAsyncClientConnectionManager;
import org.apache.hc.client5.http.impl.nio.PoolingAsyncClientConnectionManagerBuilder;
import org.apache.hc.core5.io.CloseMode;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.http.client.autoconfigure.reactive.ClientHttpConnectorBuilderCustomizer;
import org.springframework.boot.http.client.reactive.ClientHttpConnectorBuilder;
import org.springframework.boot.http.client.reactive.HttpComponentsClientHttpConnectorBuilder;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.client.reactive.ClientHttpConnector;
import org.springframework.web.reactive.function.client.WebClient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Asynchronous HttpComponents as an application has set it up, by hand or through Boot.
 */
class HttpComponentsAsyncTests {

	private final LoopbackServer server = LoopbackServer.start("127.0.0.9");

	@AfterEach
	void stop() {
		this.server.close();
	}

	@Test
	void tracesAClientBuiltByHand() throws Exception {
		try (TracedApplication application = TracedApplication.start(Connecting.class);
				CloseableHttpAsyncClient client = client(application)) {
			client.execute(SimpleHttpRequest.create("GET", this.server.url("a.test")), null).get(20, TimeUnit.SECONDS);
			assertThat(application.tree()).startsWith("DNS lookup {").contains("\nsocket connect {");
		}
	}

	/**
	 * The client loses sight of the connect when it has leased the connection at once
	 * ({@code AsyncConnectExec}, HttpClient 5.6), so that it cannot cancel it.
	 */
	@Test
	void connectOfACancelledRequestGoesOn() throws Exception {
		try (TracedApplication application = TracedApplication.start(Connecting.class);
				CloseableHttpAsyncClient client = client(application)) {
			try (BlackHole hole = BlackHole.open()) {
				Future<SimpleHttpResponse> response = client.execute(get(hole), null);
				application.bean(Connecting.class).started.await();
				response.cancel(true);
				assertThatExceptionOfType(CancellationException.class).isThrownBy(response::get);
				assertThat(application.tree()).isEmpty();
			}
			application.awaitSpans(1);
			assertThat(application.tree()).startsWith("socket connect ! {error.type=connection_refused, ")
				.hasLineCount(1);
		}
	}

	@Test
	@SuppressWarnings("FutureReturnValueIgnored")
	void closedClientEndsItsConnects() throws Exception {
		try (BlackHole hole = BlackHole.open();
				TracedApplication application = TracedApplication.start(Connecting.class);
				CloseableHttpAsyncClient client = client(application)) {
			client.execute(get(hole), null);
			application.bean(Connecting.class).started.await();
			client.close(CloseMode.IMMEDIATE);
			application.awaitSpans(1);
			assertThat(application.tree()).startsWith("socket connect {nettrace.connect.attempt=1, ")
				.contains("nettrace.connect.outcome=cancelled")
				.hasLineCount(1);
		}
	}

	private static CloseableHttpAsyncClient client(TracedApplication application) {
		NetTraceHttpComponentsAsync netTrace = application.bean(NetTraceHttpComponentsAsync.class);
		CloseableHttpAsyncClient client = netTrace
			.instrument(netTrace.instrument(HttpAsyncClients.custom()
				.setConnectionManager(netTrace.connectionManagerBuilder().setDnsResolver(new FixedResolver()).build())))
			.build();
		client.start();
		return client;
	}

	private static SimpleHttpRequest get(BlackHole hole) {
		return SimpleRequestBuilder
			.get("http://" + hole.address().getHostString() + ":" + hole.address().getPort() + "/")
			.build();
	}

	@Test
	void tracesConnectsOfAConnectionManagerOfTheApplication() {
		try (TracedApplication application = start(OwnConnectionManager.class)) {
			get(application);
			assertThat(application.tree()).startsWith("http get\n  socket connect {").hasLineCount(2);
		}
	}

	@Test
	void tracesAllOfAConnectionManagerWithATracedResolver() {
		try (TracedApplication application = start(TracedConnectionManager.class)) {
			get(application);
			assertThat(application.tree()).startsWith("http get\n  DNS lookup {").hasLineCount(3);
		}
	}

	@Test
	void tracesABuilderBeanOfTheApplication() {
		try (TracedApplication application = start(OwnBuilder.class)) {
			get(application);
			assertThat(application.tree()).startsWith("http get\n  DNS lookup {").hasLineCount(3);
		}
	}

	/**
	 * What meters, limits or evicts goes by it.
	 */
	@Test
	void customizerFindsTheConnectionManagerThatIsInUse() {
		try (TracedApplication application = start(OwnLimit.class)) {
			get(application);
			PoolingAsyncClientConnectionManager found = Objects.requireNonNull(application.bean(OwnLimit.class).found);
			assertThat(application.tree()).startsWith("http get\n  DNS lookup {").hasLineCount(3);
			Awaitility.await().until(() -> found.getTotalStats().getAvailable() == 1);
		}
	}

	@Test
	void tracesAUnixDomainSocket(@TempDir Path temp) throws Exception {
		Path path = temp.resolve("s");
		ExecutorService executor = Executors.newSingleThreadExecutor();
		try (ServerSocketChannel unixServer = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
				TracedApplication application = start(OwnLimit.class)) {
			unixServer.bind(UnixDomainSocketAddress.of(path));
			Future<?> answered = executor.submit(() -> HttpComponentsCustomizationTests.answer(unixServer));
			ClientHttpConnector connector = application.bean(HttpComponentsClientHttpConnectorBuilder.class)
				.withDefaultRequestConfigCustomizer((request) -> request.setUnixDomainSocket(path))
				.build();
			application.bean(WebClient.Builder.class)
				.clientConnector(connector)
				.build()
				.get()
				.uri("http://a.test/")
				.retrieve()
				.toBodilessEntity()
				.block();
			answered.get();
			application.awaitSpans(2);
			assertThat(application.tree().replace(path.toString(), "PATH")).isEqualTo(
					"""
							http get
							  socket connect {nettrace.connect.attempt=1, nettrace.connect.outcome=connected, network.peer.address=PATH, network.transport=unix, server.address=PATH}
							""");
		}
		finally {
			executor.shutdownNow();
		}
	}

	@Test
	void staysOutWhenSwitchedOff() {
		try (TracedApplication application = TracedApplication.start(OwnBuilder.class,
				"nettrace.clients.http-components.enabled=false")) {
			get(application);
			assertThat(application.tree()).isEqualTo("http get\n");
		}
	}

	private static TracedApplication start(Class<?> configuration) {
		return TracedApplication.start(configuration, "spring.http.clients.reactive.connector=http-components");
	}

	private void get(TracedApplication application) {
		application.bean(WebClient.Builder.class)
			.build()
			.get()
			.uri(this.server.url("a.test"))
			.retrieve()
			.toBodilessEntity()
			.block();
		application.awaitSpans(1);
	}

	static final class FixedResolver implements DnsResolver {

		@Override
		public InetAddress[] resolve(String host) throws UnknownHostException {
			return new InetAddress[] { InetAddress.getByName(host.startsWith("127.") ? host : "127.0.0.9") };
		}

		@Override
		public String resolveCanonicalHostname(String host) {
			return host;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OwnConnectionManager {

		@Bean
		ClientHttpConnectorBuilderCustomizer<HttpComponentsClientHttpConnectorBuilder> connectionManager() {
			return (builder) -> builder.withHttpClientCustomizer((client) -> client.setConnectionManager(
					PoolingAsyncClientConnectionManagerBuilder.create().setDnsResolver(new FixedResolver()).build()));
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class TracedConnectionManager {

		@Bean
		ClientHttpConnectorBuilderCustomizer<HttpComponentsClientHttpConnectorBuilder> connectionManager(
				NetTraceHttpComponentsAsync netTrace) {
			return (builder) -> builder.withHttpClientCustomizer(
					(client) -> client.setConnectionManager(PoolingAsyncClientConnectionManagerBuilder.create()
						.setDnsResolver(netTrace.dnsResolver(new FixedResolver()))
						.build()));
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OwnLimit {

		@Nullable PoolingAsyncClientConnectionManager found;

		@Bean
		ClientHttpConnectorBuilderCustomizer<HttpComponentsClientHttpConnectorBuilder> limit() {
			return (builder) -> builder.withDnsResolver(new FixedResolver()).withHttpClientCustomizer((client) -> {
				this.found = (PoolingAsyncClientConnectionManager) client.getConnManager();
			});
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OwnBuilder {

		@Bean
		HttpComponentsClientHttpConnectorBuilder ownBuilder() {
			return ClientHttpConnectorBuilder.httpComponents().withDnsResolver(new FixedResolver());
		}

	}

}
