package io.nettrace.autoconfigure;

import java.io.IOException;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

import io.micrometer.observation.ObservationRegistry;
import io.nettrace.test.BlackHole;
import io.opentelemetry.api.common.AttributeKey;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.config.TlsConfig;
import org.apache.hc.client5.http.impl.io.ManagedHttpClientConnectionFactory;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManager;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.impl.nio.PoolingAsyncClientConnectionManager;
import org.apache.hc.client5.http.impl.nio.PoolingAsyncClientConnectionManagerBuilder;
import org.apache.hc.core5.concurrent.FutureCallback;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.nio.ssl.TlsStrategy;
import org.apache.hc.core5.net.NamedEndpoint;
import org.apache.hc.core5.pool.ConnPoolControl;
import org.apache.hc.core5.reactor.ssl.TransportSecurityLayer;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.http.client.HttpComponentsClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.reactive.HttpComponentsClientHttpConnectorBuilder;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.web.client.RestClient;
import org.springframework.web.reactive.function.client.WebClient;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What an application sets on the builder that it gets from Boot acts as without
 * nettrace: it is set after nettrace has seen the builder.
 */
@org.junit.jupiter.api.Timeout(value = 30, threadMode = ThreadMode.SEPARATE_THREAD) // a
																					// time-out
																					// may
																					// be
																					// what
																					// is
																					// lost
@Tag("one-jdk")
class HttpComponentsInjectedBuilderTests {

	private static final String TRACED = "http get DNS lookup socket connect";

	private final LoopbackServer server = LoopbackServer.start("127.0.0.9");

	private final ExecutorService executor = Executors.newSingleThreadExecutor();

	private @Nullable TracedApplication application;

	@AfterEach
	void stop() {
		this.server.release();
		this.executor.shutdownNow();
		if (this.application != null) {
			this.application.close();
		}
		this.server.close();
	}

	private TracedApplication start(boolean enabled) {
		this.application = TracedApplication.start(Nothing.class, "nettrace.enabled=" + enabled,
				"spring.http.clients.reactive.connector=http-components");
		return this.application;
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void resolver(boolean enabled) {
		RestClient blocking = blocking(start(enabled), (builder) -> builder
			.withConnectionManagerCustomizer((manager) -> manager.setDnsResolver(resolverOfTheApplication())));
		assertThat(get(blocking, this.server.url("a.test"))).isEqualTo("204");
		assertThat(spans()).isEqualTo(enabled ? TRACED : "http get");
		WebClient reactive = reactive(application(), (builder) -> builder
			.withConnectionManagerCustomizer((manager) -> manager.setDnsResolver(resolverOfTheApplication())));
		assertThat(get(reactive, this.server.url("a.test"))).isEqualTo("204");
		assertThat(spans()).isEqualTo(enabled ? TRACED : "http get");
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void tlsStrategy(boolean enabled) {
		String url = this.server.url("127.0.0.9").replace("http:", "https:");
		RestClient blocking = blocking(start(enabled), (builder) -> builder.withConnectionManagerCustomizer(
				(manager) -> manager.setTlsSocketStrategy((socket, target, port, attachment, context) -> {
					throw new IOException("not the pinned certificate");
				})));
		assertThat(get(blocking, url)).isEqualTo("IOException: not the pinned certificate");
		WebClient reactive = reactive(application(), (builder) -> builder
			.withConnectionManagerCustomizer((manager) -> manager.setTlsStrategy(new Pinning())));
		assertThat(get(reactive, url)).isEqualTo("IOException: not the pinned certificate");
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void limits(boolean enabled) throws Exception {
		RequestConfig.Builder impatient = RequestConfig.custom()
			.setConnectionRequestTimeout(Timeout.ofMilliseconds(50));
		RestClient blocking = blocking(start(enabled),
				(builder) -> builder.withConnectionManagerCustomizer((manager) -> manager.setMaxConnPerRoute(1))
					.withHttpClientCustomizer((client) -> client.setDefaultRequestConfig(impatient.build())));
		Future<String> held = this.executor.submit(() -> get(blocking, this.server.url("127.0.0.9") + "held"));
		this.server.awaitHeld();
		assertThat(get(blocking, this.server.url("127.0.0.9"))).startsWith("ConnectionRequestTimeoutException");
		this.server.release();
		assertThat(held.get(20, TimeUnit.SECONDS)).isEqualTo("204");
		assertThat(spans())
			.isEqualTo(enabled ? "http get socket connect http get ! wait for connection !" : "http get http get !");
	}

	/**
	 * Metrics and eviction of the application's go by what the client's builder has.
	 */
	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void controlOfThePool(boolean enabled) {
		List<ConnPoolControl<?>> pools = new ArrayList<>();
		RestClient blocking = blocking(start(enabled),
				(builder) -> builder.withConnectionManagerCustomizer((manager) -> manager.setMaxConnTotal(3))
					.withHttpClientCustomizer((client) -> pools.add((ConnPoolControl<?>) client.getConnManager())));
		WebClient reactive = reactive(application(),
				(builder) -> builder.withConnectionManagerCustomizer((manager) -> manager.setMaxConnTotal(3))
					.withHttpClientCustomizer((client) -> pools.add((ConnPoolControl<?>) client.getConnManager())));
		assertThat(get(blocking, this.server.url("127.0.0.9"))).isEqualTo("204");
		assertThat(get(reactive, this.server.url("127.0.0.9"))).isEqualTo("204");
		assertThat(pools).hasSize(2).allSatisfy((pool) -> {
			assertThat(pool.getMaxTotal()).isEqualTo(3);
			awaitOneConnection(pool);
			pool.closeIdle(TimeValue.ZERO_MILLISECONDS);
			assertThat(pool.getTotalStats().getAvailable()).isZero();
		});
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void readTimeout(boolean enabled) {
		ConnectionConfig config = ConnectionConfig.custom().setSocketTimeout(Timeout.ofMilliseconds(100)).build();
		RestClient blocking = blocking(start(enabled), (builder) -> builder
			.withConnectionManagerCustomizer((manager) -> manager.setConnectionConfigResolver((route) -> config)));
		assertThat(get(blocking, this.server.url("127.0.0.9") + "held"))
			.isEqualTo("SocketTimeoutException: Read timed out");
		WebClient reactive = reactive(application(), (builder) -> builder
			.withConnectionManagerCustomizer((manager) -> manager.setConnectionConfigResolver((route) -> config)));
		assertThat(get(reactive, this.server.url("127.0.0.9") + "held"))
			.isEqualTo("SocketTimeoutException: 100 MILLISECONDS");
	}

	/**
	 * Without one the kernel gives up after minutes, and with other words.
	 */
	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void connectTimeout(boolean enabled) throws IOException {
		ConnectionConfig config = ConnectionConfig.custom().setConnectTimeout(Timeout.ofMilliseconds(100)).build();
		try (BlackHole hole = BlackHole.open()) {
			String url = "http://" + hole.address().getHostString() + ":" + hole.address().getPort() + "/";
			RestClient blocking = blocking(start(enabled), (builder) -> builder
				.withConnectionManagerCustomizer((manager) -> manager.setDefaultConnectionConfig(config)));
			assertThat(get(blocking, url)).startsWith("ConnectTimeoutException:");
			WebClient reactive = reactive(application(), (builder) -> builder
				.withConnectionManagerCustomizer((manager) -> manager.setDefaultConnectionConfig(config)));
			assertThat(get(reactive, url)).startsWith("ConnectTimeoutException:");
		}
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void connectionFactory(boolean enabled) {
		List<String> made = new ArrayList<>();
		RestClient blocking = blocking(start(enabled), (builder) -> builder.withConnectionManagerCustomizer(
				(manager) -> manager.setDnsResolver(resolverOfTheApplication()).setConnectionFactory((socket) -> {
					made.add("connection");
					return ManagedHttpClientConnectionFactory.INSTANCE.createConnection(socket);
				})));
		assertThat(get(blocking, this.server.url("a.test"))).isEqualTo("204");
		assertThat(made).hasSize(1);
		assertThat(spans()).isEqualTo(enabled ? TRACED : "http get");
	}

	/**
	 * Then nothing tells the manager from one of the application's own.
	 */
	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void everyResolverOfSettings(boolean enabled) {
		RestClient blocking = blocking(start(enabled),
				(builder) -> builder
					.withConnectionManagerCustomizer((manager) -> manager.setDnsResolver(resolverOfTheApplication())
						.setSocketConfigResolver((route) -> null)
						.setConnectionConfigResolver((route) -> null)
						.setTlsConfigResolver((host) -> null)));
		assertThat(get(blocking, this.server.url("a.test"))).isEqualTo("204");
		assertThat(spans()).isEqualTo("http get");
		WebClient reactive = reactive(application(),
				(builder) -> builder
					.withConnectionManagerCustomizer((manager) -> manager.setDnsResolver(resolverOfTheApplication())
						.setConnectionConfigResolver((route) -> null)
						.setTlsConfigResolver((host) -> TlsConfig.DEFAULT)));
		assertThat(get(reactive, this.server.url("a.test"))).isEqualTo("204");
		assertThat(spans()).isEqualTo(enabled ? "http get socket connect" : "http get");
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void connectionManagerSharedByTwoClients(boolean enabled) {
		try (PoolingHttpClientConnectionManager own = PoolingHttpClientConnectionManagerBuilder.create()
			.setDnsResolver(resolverOfTheApplication())
			.build();
				PoolingAsyncClientConnectionManager ownToo = PoolingAsyncClientConnectionManagerBuilder.create()
					.setDnsResolver(resolverOfTheApplication())
					.build()) {
			start(enabled);
			for (int client = 1; client <= 2; client++) {
				RestClient blocking = blocking(application(), (builder) -> builder
					.withHttpClientCustomizer((it) -> it.setConnectionManager(own).setConnectionManagerShared(true)));
				assertThat(get(blocking, this.server.url("a.test"))).isEqualTo("204");
				WebClient reactive = reactive(application(), (builder) -> builder.withHttpClientCustomizer(
						(it) -> it.setConnectionManager(ownToo).setConnectionManagerShared(true)));
				assertThat(get(reactive, this.server.url("a.test"))).isEqualTo("204");
			}
			awaitOneConnection(own);
			awaitOneConnection(ownToo);
			assertThat(application().spans()).as("nothing is known of these connections")
				.hasSize(4)
				.allSatisfy((span) -> assertThat(span.getAttributes().asMap().keySet()).extracting(AttributeKey::getKey)
					.noneMatch((key) -> key.startsWith("nettrace.")));
		}
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void proxy(boolean enabled) {
		HttpHost proxy = new HttpHost("127.0.0.9", this.server.port());
		RestClient blocking = blocking(start(enabled),
				(builder) -> builder.withHttpClientCustomizer((client) -> client.setProxy(proxy)));
		assertThat(get(blocking, "http://only-the-proxy-knows.test/")).isEqualTo("204");
		WebClient reactive = reactive(application(),
				(builder) -> builder.withHttpClientCustomizer((client) -> client.setProxy(proxy)));
		assertThat(get(reactive, "http://only-the-proxy-knows.test/")).isEqualTo("204");
	}

	/**
	 * It is given back at about the time at which the response is whole.
	 */
	private static void awaitOneConnection(ConnPoolControl<?> pool) {
		Awaitility.await().until(() -> pool.getTotalStats().getAvailable() == 1);
		assertThat(pool.getTotalStats().getLeased()).isZero();
	}

	private HttpComponentsCustomizationTests.FixedResolver resolverOfTheApplication() {
		return HttpComponentsCustomizationTests.FixedResolver.of("127.0.0.9");
	}

	private TracedApplication application() {
		return Objects.requireNonNull(this.application);
	}

	/**
	 * The names of the spans since the last call.
	 */
	private String spans() {
		return application().tree()
			.lines()
			.map((line) -> line.replaceFirst(" \\{.*", "").trim())
			.reduce((a, b) -> a + " " + b)
			.orElse("");
	}

	private static RestClient blocking(TracedApplication application,
			UnaryOperator<HttpComponentsClientHttpRequestFactoryBuilder> customizer) {
		return RestClient.builder()
			.requestFactory(
					customizer.apply(application.bean(HttpComponentsClientHttpRequestFactoryBuilder.class)).build())
			.observationRegistry(application.bean(ObservationRegistry.class))
			.build();
	}

	private static WebClient reactive(TracedApplication application,
			UnaryOperator<HttpComponentsClientHttpConnectorBuilder> customizer) {
		return WebClient.builder()
			.clientConnector(customizer.apply(application.bean(HttpComponentsClientHttpConnectorBuilder.class)).build())
			.observationRegistry(application.bean(ObservationRegistry.class))
			.build();
	}

	private static String get(RestClient client, String url) {
		try {
			return "" + client.get().uri(url).retrieve().toBodilessEntity().getStatusCode().value();
		}
		catch (RuntimeException ex) {
			return describe(ex);
		}
	}

	private static String get(WebClient client, String url) {
		try {
			return client.get()
				.uri(url)
				.exchangeToMono((response) -> response.releaseBody().thenReturn("" + response.statusCode().value()))
				.blockOptional(Duration.ofSeconds(20))
				.orElse("nothing");
		}
		catch (RuntimeException ex) {
			return describe(ex);
		}
	}

	private static String describe(RuntimeException failure) {
		Throwable cause = NestedExceptionUtils.getMostSpecificCause(failure);
		return cause.getClass().getSimpleName() + ": " + cause.getMessage();
	}

	private static final class Pinning implements TlsStrategy {

		@Override
		@SuppressWarnings("deprecation")
		public boolean upgrade(TransportSecurityLayer session, HttpHost host, SocketAddress local, SocketAddress remote,
				Object attachment, Timeout timeout) {
			throw new UnsupportedOperationException();
		}

		@Override
		public void upgrade(TransportSecurityLayer session, NamedEndpoint endpoint, Object attachment, Timeout timeout,
				FutureCallback<TransportSecurityLayer> callback) {
			callback.failed(new IOException("not the pinned certificate"));
		}

	}

	@TestConfiguration(proxyBeanMethods = false)
	static class Nothing {

	}

}
