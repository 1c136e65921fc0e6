package io.nettrace.autoconfigure;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;

import io.micrometer.common.KeyValues;
import io.nettrace.NetTrace;
import io.nettrace.client.httpcomponents.NetTraceHttpComponents;
import io.nettrace.observation.DefaultDnsLookupObservationConvention;
import io.nettrace.observation.DnsLookupContext;
import io.nettrace.test.BlackHole;
import io.nettrace.test.SocksProxy;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.impl.DefaultHttpRequestRetryStrategy;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.BasicHttpClientConnectionManager;
import org.apache.hc.client5.http.impl.io.DefaultHttpClientConnectionOperator;
import org.apache.hc.client5.http.impl.io.ManagedHttpClientConnectionFactory;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.ssl.TlsSocketStrategy;
import org.apache.hc.core5.http.config.RegistryBuilder;
import org.apache.hc.core5.pool.ConnPoolControl;
import org.apache.hc.core5.util.TimeValue;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.http.client.ClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.HttpComponentsClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.InetAddressFilter;
import org.springframework.boot.http.client.autoconfigure.ClientHttpRequestFactoryBuilderCustomizer;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.client.RestClient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * What an application has set itself keeps working, and is traced or left alone.
 */
@Tag("one-jdk")
@ExtendWith(OutputCaptureExtension.class)
class HttpComponentsCustomizationTests {

	private final LoopbackServer server = LoopbackServer.start("127.0.0.9");

	@AfterEach
	void stop() {
		this.server.close();
	}

	@Test
	void leavesAConnectionManagerOfTheApplicationAlone(CapturedOutput output) {
		try (TracedApplication application = TracedApplication.start(OwnConnectionManager.class)) {
			get(application, this.server.url("a.test"));
			assertThat(application.tree()).isEqualTo("http get\n");
			assertThat(output).contains("INFO")
				.containsOnlyOnce("has a connection manager of the application's own")
				.contains(NetTraceHttpComponents.class.getName())
				.contains("connectionManagerBuilder()");
		}
	}

	@Test
	void tracesAConnectionManagerFromTheTracedBuilder(CapturedOutput output) {
		try (TracedApplication application = TracedApplication.start(TracedConnectionManager.class)) {
			get(application, this.server.url("a.test"));
			assertThat(application.tree()).startsWith("http get\n  DNS lookup {").contains("\n  socket connect {");
			assertThat(output).doesNotContain("connection manager of the application's own");
		}
	}

	@Test
	void tracesAClientBuiltByHandFromResolverAndSocketFactory() throws IOException {
		try (TracedApplication application = TracedApplication.start(FixedNames.class)) {
			NetTraceHttpComponents netTrace = application.bean(NetTraceHttpComponents.class);
			DnsResolver resolver = netTrace.dnsResolver(FixedResolver.of("127.0.0.9"));
			assertThat(netTrace.dnsResolver(resolver)).isSameAs(resolver);
			DefaultHttpClientConnectionOperator operator = new DefaultHttpClientConnectionOperator(
					netTrace.socketFactory(), null, resolver, RegistryBuilder.<TlsSocketStrategy>create().build());
			BasicHttpClientConnectionManager manager = new BasicHttpClientConnectionManager(operator,
					ManagedHttpClientConnectionFactory.INSTANCE);
			try (CloseableHttpClient client = HttpClients.custom().setConnectionManager(manager).build()) {
				client.execute(new HttpGet(this.server.url("a.test")), (response) -> response.getCode());
			}
			assertThat(application.tree()).startsWith("DNS lookup {").contains("\nsocket connect {");
		}
	}

	@Test
	void tracesABuilderBeanOfTheApplication() {
		try (TracedApplication application = TracedApplication.start(OwnBuilder.class)) {
			get(application, this.server.url("a.test"));
			assertThat(application.tree()).startsWith("http get\n  DNS lookup {").contains("\n  socket connect {");
		}
	}

	@Test
	void keepsTheSettingsOfTheConnectionManager() {
		try (TracedApplication application = TracedApplication.start(ConnectionManagerSettings.class)) {
			get(application, this.server.url("a.test"));
			assertThat(application.bean(ConnectionManagerSettings.class).created).isEqualTo(1);
			assertThat(application.tree()).contains("socket connect {");
		}
	}

	/**
	 * What meters, limits or evicts goes by it.
	 */
	@Test
	void customizerFindsTheConnectionManagerThatIsInUse() {
		try (TracedApplication application = TracedApplication.start(List.of(FixedNames.class, OwnLimit.class))) {
			get(application, this.server.url("a.test"));
			assertThat(application.tree()).startsWith("http get\n  DNS lookup {").contains("\n  socket connect {");
			ConnPoolControl<?> found = Objects.requireNonNull(application.bean(OwnLimit.class).found);
			assertThat(found.getMaxTotal()).isEqualTo(3);
			assertThat(found.getTotalStats().getAvailable()).isEqualTo(1);
			found.closeIdle(TimeValue.ZERO_MILLISECONDS);
			get(application, this.server.url("a.test"));
			assertThat(application.tree()).contains("\n  socket connect {");
		}
	}

	@Test
	void addressFilterStillDeniesSome() {
		try (TracedApplication application = TracedApplication.start(List.of(TwoAddresses.class, DenyFirst.class))) {
			get(application, this.server.url("a.test"));
			assertThat(application.tree()).contains("dns.answers=127.0.0.9,")
				.contains("nettrace.connect.attempt=1", "network.peer.address=127.0.0.9")
				.doesNotContain("127.0.0.8");
		}
	}

	@Test
	void addressFilterStillDeniesAll() {
		try (TracedApplication application = TracedApplication.start(List.of(FixedNames.class, DenyAll.class))) {
			assertThatExceptionOfType(RuntimeException.class)
				.isThrownBy(() -> get(application, this.server.url("a.test")))
				.satisfies((failure) -> assertThat(failure).hasStackTraceContaining("FilteredHostException"));
			assertThat(application.tree()).contains("DNS lookup ! {").contains("error.type=address_filtered");
		}
	}

	@Test
	void tracesAUnixDomainSocket(@TempDir Path temp) throws Exception {
		Path path = temp.resolve("s");
		ExecutorService executor = Executors.newSingleThreadExecutor();
		try (ServerSocketChannel unixServer = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
			unixServer.bind(UnixDomainSocketAddress.of(path));
			Future<?> answered = executor.submit(() -> answer(unixServer));
			UnixSocket.path = path;
			try (TracedApplication application = TracedApplication.start(UnixSocket.class)) {
				get(application, "http://a.test/");
				assertThat(application.tree().replace(path.toString(), "PATH")).isEqualTo(
						"""
								http get
								  socket connect {nettrace.connect.attempt=1, nettrace.connect.outcome=connected, network.peer.address=PATH, network.transport=unix, server.address=PATH}
								""");
			}
			answered.get();
		}
		finally {
			executor.shutdownNow();
		}
	}

	static @Nullable Void answer(ServerSocketChannel server) throws IOException {
		try (SocketChannel channel = server.accept()) {
			channel.read(ByteBuffer.allocate(8192));
			channel.write(ByteBuffer
				.wrap("HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n".getBytes(StandardCharsets.US_ASCII)));
		}
		return null;
	}

	@Test
	void tracesThroughASocksProxy() {
		try (SocksProxy proxy = SocksProxy.start()) {
			Socks.proxy = proxy.address();
			try (TracedApplication application = TracedApplication.start(List.of(FixedNames.class, Socks.class))) {
				get(application, this.server.url("a.test"));
				assertThat(application.tree().lines()).hasSize(3)
					.anyMatch((line) -> line.startsWith("  socket connect {")
							&& line.contains("network.peer.address=127.0.0.9"));
				assertThat(proxy.connects()).hasSize(1);
			}
		}
	}

	@ParameterizedTest
	@ValueSource(classes = { NullAnswer.class, EmptyAnswer.class })
	void lookupEndsWhenTheResolverReturnsNothing(Class<?> configuration) {
		try (TracedApplication application = TracedApplication.start(configuration)) {
			assertThatExceptionOfType(RuntimeException.class)
				.isThrownBy(() -> get(application, this.server.url("a.test")));
			assertThat(application.tree()).contains("\n  DNS lookup {dns.question.name=a.test, ");
		}
	}

	@Test
	void hooksAndConventionsThatThrowBreakNothing(CapturedOutput output) {
		try (TracedApplication application = TracedApplication.start(List.of(FixedNames.class, Throwing.class))) {
			get(application, this.server.url("a.test"));
			get(application, this.server.url("b.test"));
			assertThat(application.spans()).extracting((span) -> span.getName()).contains("http get");
			assertThat(output).containsOnlyOnce("A hook of " + ThrowingTrace.class.getName());
		}
	}

	@Test
	void abortedConnectIsCancelled() throws Exception {
		ExecutorService executor = Executors.newSingleThreadExecutor();
		try (BlackHole hole = BlackHole.open();
				TracedApplication application = TracedApplication.start(Connecting.class);
				CloseableHttpClient client = HttpClients.custom()
					.setConnectionManager(
							application.bean(NetTraceHttpComponents.class).connectionManagerBuilder().build())
					.setRetryStrategy(new DefaultHttpRequestRetryStrategy(0, TimeValue.ZERO_MILLISECONDS))
					.build()) {
			HttpGet get = new HttpGet("http://" + hole.address().getHostString() + ":" + hole.address().getPort());
			var execution = executor.submit(() -> client.execute(get, (response) -> response.getCode()));
			application.bean(Connecting.class).started.await();
			get.abort();
			assertThatExceptionOfType(Exception.class).isThrownBy(execution::get);
			assertThat(application.tree()).startsWith("socket connect {nettrace.connect.attempt=1, ")
				.contains("nettrace.connect.outcome=cancelled")
				.doesNotContain("error.type");
		}
		finally {
			executor.shutdownNow();
		}
	}

	private static void get(TracedApplication application, String url) {
		application.bean(RestClient.Builder.class).build().get().uri(url).retrieve().toBodilessEntity();
	}

	static class FixedResolver implements DnsResolver {

		private final InetAddress @Nullable [] addresses;

		FixedResolver(InetAddress @Nullable ... addresses) {
			this.addresses = addresses;
		}

		@Override
		public InetAddress @Nullable [] resolve(String host) {
			return this.addresses;
		}

		@Override
		public String resolveCanonicalHostname(String host) {
			return host;
		}

		static FixedResolver of(String... literals) {
			return new FixedResolver(Stream.of(literals).map(FixedResolver::address).toArray(InetAddress[]::new));
		}

		private static InetAddress address(String literal) {
			try {
				return InetAddress.getByName(literal);
			}
			catch (UnknownHostException ex) {
				throw new IllegalArgumentException(literal, ex);
			}
		}

	}

	interface BuilderCustomizer
			extends ClientHttpRequestFactoryBuilderCustomizer<HttpComponentsClientHttpRequestFactoryBuilder> {

	}

	@Configuration(proxyBeanMethods = false)
	static class FixedNames {

		@Bean
		BuilderCustomizer names() {
			return (builder) -> builder.withDnsResolver(FixedResolver.of("127.0.0.9"));
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class TwoAddresses {

		@Bean
		BuilderCustomizer names() {
			return (builder) -> builder.withDnsResolver(FixedResolver.of("127.0.0.8", "127.0.0.9"));
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class NullAnswer {

		@Bean
		BuilderCustomizer names() {
			return (builder) -> builder.withDnsResolver(new FixedResolver((InetAddress[]) null));
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class EmptyAnswer {

		@Bean
		BuilderCustomizer names() {
			return (builder) -> builder.withDnsResolver(FixedResolver.of());
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OwnConnectionManager {

		@Bean
		BuilderCustomizer connectionManager() {
			return (builder) -> builder.withHttpClientCustomizer(
					(client) -> client.setConnectionManager(PoolingHttpClientConnectionManagerBuilder.create()
						.setDnsResolver(FixedResolver.of("127.0.0.9"))
						.build()));
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class TracedConnectionManager {

		@Bean
		BuilderCustomizer connectionManager(NetTraceHttpComponents netTrace) {
			return (builder) -> builder.withHttpClientCustomizer((client) -> client.setConnectionManager(
					netTrace.connectionManagerBuilder().setDnsResolver(FixedResolver.of("127.0.0.9")).build()));
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OwnBuilder {

		@Bean
		HttpComponentsClientHttpRequestFactoryBuilder ownBuilder() {
			return ClientHttpRequestFactoryBuilder.httpComponents().withDnsResolver(FixedResolver.of("127.0.0.9"));
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class ConnectionManagerSettings {

		int created;

		@Bean
		BuilderCustomizer connectionFactory() {
			return (builder) -> builder.withDnsResolver(FixedResolver.of("127.0.0.9"))
				.withConnectionManagerCustomizer((manager) -> manager.setConnectionFactory((socket) -> {
					this.created++;
					return ManagedHttpClientConnectionFactory.INSTANCE.createConnection(socket);
				}));
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OwnLimit {

		@Nullable ConnPoolControl<?> found;

		@Bean
		BuilderCustomizer limit() {
			return (builder) -> builder.withHttpClientCustomizer((client) -> {
				ConnPoolControl<?> pool = (ConnPoolControl<?>) client.getConnManager();
				pool.setMaxTotal(3);
				this.found = pool;
			});
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class DenyFirst {

		@Bean
		InetAddressFilter addressFilter() {
			return InetAddressFilter.not("127.0.0.8");
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class DenyAll {

		@Bean
		InetAddressFilter addressFilter() {
			return InetAddressFilter.externalAddresses();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class UnixSocket {

		static @Nullable Path path;

		@Bean
		BuilderCustomizer unixSocket() {
			return (builder) -> builder
				.withDefaultRequestConfigCustomizer((request) -> request.setUnixDomainSocket(path));
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Socks {

		static @Nullable InetSocketAddress proxy;

		@Bean
		BuilderCustomizer socks() {
			return (builder) -> builder.withSocketConfigCustomizer((socket) -> socket.setSocksProxyAddress(proxy));
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Throwing {

		@Bean
		NetTrace throwingTrace() {
			return new ThrowingTrace();
		}

		@Bean
		DefaultDnsLookupObservationConvention throwingConvention() {
			return new DefaultDnsLookupObservationConvention() {

				@Override
				public KeyValues getLowCardinalityKeyValues(DnsLookupContext context) {
					throw new IllegalStateException("convention");
				}

			};
		}

	}

	static class ThrowingTrace implements NetTrace {

		@Override
		public void dnsStart(String host) {
			throw new IllegalStateException("hook");
		}

		@Override
		public void connectStart(String network, SocketAddress address) {
			throw new IllegalStateException("hook");
		}

	}

}
