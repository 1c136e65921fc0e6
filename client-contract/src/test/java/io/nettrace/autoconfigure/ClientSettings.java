package io.nettrace.autoconfigure;

import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;

import io.nettrace.client.reactor.NetTraceReactorNetty;
import io.netty.resolver.NoopAddressResolverGroup;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.reactor.IOReactorConfig;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;
import okhttp3.ConnectionPool;
import okhttp3.Protocol;
import org.eclipse.jetty.client.DuplexConnectionPool;
import org.eclipse.jetty.client.HttpProxy;
import org.eclipse.jetty.client.ProxyConfiguration;
import org.eclipse.jetty.client.Socks5Proxy;
import org.eclipse.jetty.http2.client.HTTP2Client;
import org.eclipse.jetty.http2.client.transport.HttpClientTransportOverHTTP2;
import org.springframework.boot.http.client.HttpComponentsClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.JdkClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.JettyClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.ReactorClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.SimpleClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.autoconfigure.ClientHttpRequestFactoryBuilderCustomizer;
import org.springframework.boot.http.client.autoconfigure.reactive.ClientHttpConnectorBuilderCustomizer;
import org.springframework.boot.http.client.reactive.HttpComponentsClientHttpConnectorBuilder;
import org.springframework.boot.http.client.reactive.JdkClientHttpConnectorBuilder;
import org.springframework.boot.http.client.reactive.JettyClientHttpConnectorBuilder;
import org.springframework.boot.http.client.reactive.ReactorClientHttpConnectorBuilder;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;
import reactor.netty.http.HttpProtocol;
import reactor.netty.http.client.HttpClient;
import reactor.netty.resources.ConnectionProvider;
import reactor.netty.transport.ProxyProvider;

/**
 * How an application sets up the pool or a proxy of each library.
 */
final class ClientSettings {

	private ClientSettings() {
	}

	/**
	 * {@code pool.connections} at a time: one, or as many as it says. Reactor Netty's
	 * pool is one that tells of waits. A request waits for {@code pool.wait} at most.
	 */
	@Configuration(proxyBeanMethods = false)
	static class NarrowPool {

		private final int connections;

		private final Duration wait;

		NarrowPool(Environment environment) {
			this.connections = environment.getProperty("pool.connections", Integer.class, 1);
			this.wait = environment.getProperty("pool.wait", Duration.class, Duration.ofSeconds(30));
		}

		/**
		 * OkHttp's pool has no limit; its dispatcher has, for calls that are enqueued.
		 */
		@Bean
		OkHttpSettings.Customizer okHttp() {
			return OkHttpSettings.atOnce(this.connections);
		}

		@Bean
		ClientHttpRequestFactoryBuilderCustomizer<HttpComponentsClientHttpRequestFactoryBuilder> httpComponents() {
			return (builder) -> builder
				.withConnectionManagerCustomizer(
						(manager) -> manager.setMaxConnTotal(this.connections).setMaxConnPerRoute(this.connections))
				.withDefaultRequestConfigCustomizer(
						(config) -> config.setConnectionRequestTimeout(Timeout.of(this.wait)));
		}

		@Bean
		ClientHttpConnectorBuilderCustomizer<HttpComponentsClientHttpConnectorBuilder> httpComponentsAsync() {
			return (builder) -> builder
				.withConnectionManagerCustomizer(
						(manager) -> manager.setMaxConnTotal(this.connections).setMaxConnPerRoute(this.connections))
				.withDefaultRequestConfigCustomizer(
						(config) -> config.setConnectionRequestTimeout(Timeout.of(this.wait)));
		}

		@Bean
		ConnectionProvider reactorNettyPool(NetTraceReactorNetty netTrace) {
			return netTrace.connectionProvider(ConnectionProvider.builder("narrow")
				.maxConnections(this.connections)
				.pendingAcquireMaxCount(-1)
				.pendingAcquireTimeout(this.wait));
		}

		@Bean
		ClientHttpRequestFactoryBuilderCustomizer<ReactorClientHttpRequestFactoryBuilder> reactorNetty(
				ConnectionProvider reactorNettyPool) {
			return (builder) -> builder.withHttpClientFactory(() -> HttpClient.create(reactorNettyPool));
		}

		@Bean
		ClientHttpConnectorBuilderCustomizer<ReactorClientHttpConnectorBuilder> reactiveReactorNetty(
				ConnectionProvider reactorNettyPool) {
			return (builder) -> builder.withHttpClientFactory(() -> HttpClient.create(reactorNettyPool));
		}

		@Bean
		ClientHttpRequestFactoryBuilderCustomizer<JettyClientHttpRequestFactoryBuilder> jetty() {
			return (builder) -> builder
				.withHttpClientCustomizer((client) -> client.setMaxConnectionsPerDestination(this.connections));
		}

		@Bean
		ClientHttpConnectorBuilderCustomizer<JettyClientHttpConnectorBuilder> reactiveJetty() {
			return (builder) -> builder
				.withHttpClientCustomizer((client) -> client.setMaxConnectionsPerDestination(this.connections));
		}

	}

	/**
	 * Connections that are too old for a second request. OkHttp has no such limit, but
	 * one for idle ones.
	 */
	@Configuration(proxyBeanMethods = false)
	static class ShortLife {

		static final Duration LIFE = Duration.ofMillis(250);

		private static final ConnectionConfig SHORT = ConnectionConfig.custom()
			.setTimeToLive(TimeValue.of(LIFE))
			.build();

		@Bean
		OkHttpSettings.Customizer okHttp() {
			return (builder) -> builder
				.connectionPool(new ConnectionPool(5, LIFE.dividedBy(5).toMillis(), TimeUnit.MILLISECONDS));
		}

		@Bean
		ClientHttpRequestFactoryBuilderCustomizer<HttpComponentsClientHttpRequestFactoryBuilder> httpComponents() {
			return (builder) -> builder
				.withConnectionManagerCustomizer((manager) -> manager.setDefaultConnectionConfig(SHORT));
		}

		@Bean
		ClientHttpConnectorBuilderCustomizer<HttpComponentsClientHttpConnectorBuilder> httpComponentsAsync() {
			return (builder) -> builder
				.withConnectionManagerCustomizer((manager) -> manager.setDefaultConnectionConfig(SHORT));
		}

		@Bean
		ConnectionProvider reactorNettyPool() {
			return ConnectionProvider.builder("short").maxConnections(1).maxLifeTime(LIFE).build();
		}

		@Bean
		ClientHttpRequestFactoryBuilderCustomizer<ReactorClientHttpRequestFactoryBuilder> reactorNetty(
				ConnectionProvider reactorNettyPool) {
			return (builder) -> builder.withHttpClientFactory(() -> HttpClient.create(reactorNettyPool));
		}

		@Bean
		ClientHttpConnectorBuilderCustomizer<ReactorClientHttpConnectorBuilder> reactiveReactorNetty(
				ConnectionProvider reactorNettyPool) {
			return (builder) -> builder.withHttpClientFactory(() -> HttpClient.create(reactorNettyPool));
		}

		@Bean
		ClientHttpRequestFactoryBuilderCustomizer<JettyClientHttpRequestFactoryBuilder> jetty() {
			return (builder) -> builder.withHttpClientCustomizer(ShortLife::shorten);
		}

		@Bean
		ClientHttpConnectorBuilderCustomizer<JettyClientHttpConnectorBuilder> reactiveJetty() {
			return (builder) -> builder.withHttpClientCustomizer(ShortLife::shorten);
		}

		private static void shorten(org.eclipse.jetty.client.HttpClient client) {
			client.getHttpClientTransport().setConnectionPoolFactory((destination) -> {
				DuplexConnectionPool pool = new DuplexConnectionPool(destination, 1);
				pool.setMaxDuration(LIFE.toMillis());
				return pool;
			});
		}

	}

	/**
	 * A connection for each of 50 requests; only HttpComponents has fewer by default.
	 */
	@Configuration(proxyBeanMethods = false)
	static class ManyConnections {

		@Bean
		OkHttpSettings.Customizer okHttp() {
			return OkHttpSettings.atOnce(50);
		}

		@Bean
		ClientHttpRequestFactoryBuilderCustomizer<HttpComponentsClientHttpRequestFactoryBuilder> httpComponents() {
			return (builder) -> builder
				.withConnectionManagerCustomizer((manager) -> manager.setMaxConnTotal(50).setMaxConnPerRoute(50));
		}

		@Bean
		ClientHttpConnectorBuilderCustomizer<HttpComponentsClientHttpConnectorBuilder> httpComponentsAsync() {
			return (builder) -> builder
				.withConnectionManagerCustomizer((manager) -> manager.setMaxConnTotal(50).setMaxConnPerRoute(50));
		}

	}

	/**
	 * HTTP/2 in clear text, for the libraries whose pools can share a connection.
	 */
	@Configuration(proxyBeanMethods = false)
	static class Http2 {

		private final ConnectionProvider reactorNettyPool = ConnectionProvider.create("one", 1);

		@Bean
		OkHttpSettings.Customizer okHttpProtocol() {
			return (builder) -> builder.protocols(List.of(Protocol.H2_PRIOR_KNOWLEDGE));
		}

		@Bean
		OkHttpSettings.Customizer okHttpStreams() {
			return OkHttpSettings.atOnce(50);
		}

		@Bean
		ClientHttpRequestFactoryBuilderCustomizer<ReactorClientHttpRequestFactoryBuilder> reactorNetty() {
			return (builder) -> builder.withHttpClientFactory(this::reactorNettyClient);
		}

		@Bean
		ClientHttpConnectorBuilderCustomizer<ReactorClientHttpConnectorBuilder> reactiveReactorNetty() {
			return (builder) -> builder.withHttpClientFactory(this::reactorNettyClient);
		}

		/**
		 * With a larger pool it may open a second connection before it knows how many
		 * streams the first one takes.
		 */
		private HttpClient reactorNettyClient() {
			return HttpClient.create(this.reactorNettyPool).protocol(HttpProtocol.H2C);
		}

		@Bean
		ClientHttpRequestFactoryBuilderCustomizer<JettyClientHttpRequestFactoryBuilder> jetty() {
			return (builder) -> builder.withHttpClientTransportFactory(
					(connector) -> new HttpClientTransportOverHTTP2(new HTTP2Client(connector)));
		}

		@Bean
		ClientHttpConnectorBuilderCustomizer<JettyClientHttpConnectorBuilder> reactiveJetty() {
			return (builder) -> builder.withHttpClientTransportFactory(
					(connector) -> new HttpClientTransportOverHTTP2(new HTTP2Client(connector)));
		}

	}

	/**
	 * A proxy: {@code proxy.host} and {@code proxy.port}. The proxy looks up names; with
	 * the resolver of {@link LoopbackNames} Reactor Netty would do it as well.
	 */
	private abstract static class AnyProxied {

		private final InetSocketAddress proxy;

		private final ProxyProvider.Proxy type;

		private final ProxyConfiguration.Proxy ofJetty;

		AnyProxied(Environment environment, ProxyProvider.Proxy type,
				BiFunction<String, Integer, ProxyConfiguration.Proxy> ofJetty) {
			String host = environment.getRequiredProperty("proxy.host");
			int port = environment.getRequiredProperty("proxy.port", Integer.class);
			this.proxy = InetSocketAddress.createUnresolved(host, port);
			this.type = type;
			this.ofJetty = ofJetty.apply(host, port);
		}

		InetSocketAddress proxy() {
			return this.proxy;
		}

		@Bean
		ClientHttpRequestFactoryBuilderCustomizer<ReactorClientHttpRequestFactoryBuilder> reactorNetty() {
			return (builder) -> builder.withHttpClientCustomizer(this::proxied);
		}

		@Bean
		ClientHttpConnectorBuilderCustomizer<ReactorClientHttpConnectorBuilder> reactiveReactorNetty() {
			return (builder) -> builder.withHttpClientCustomizer(this::proxied);
		}

		private HttpClient proxied(HttpClient client) {
			return client.proxy(
					(settings) -> settings.type(this.type).host(this.proxy.getHostString()).port(this.proxy.getPort()))
				.resolver(NoopAddressResolverGroup.INSTANCE);
		}

		@Bean
		ClientHttpRequestFactoryBuilderCustomizer<JettyClientHttpRequestFactoryBuilder> jetty() {
			return (builder) -> builder
				.withHttpClientCustomizer((client) -> client.getProxyConfiguration().addProxy(this.ofJetty));
		}

		@Bean
		ClientHttpConnectorBuilderCustomizer<JettyClientHttpConnectorBuilder> reactiveJetty() {
			return (builder) -> builder
				.withHttpClientCustomizer((client) -> client.getProxyConfiguration().addProxy(this.ofJetty));
		}

	}

	/**
	 * An HTTP proxy.
	 */
	@Configuration(proxyBeanMethods = false)
	static class Proxied extends AnyProxied {

		Proxied(Environment environment) {
			super(environment, ProxyProvider.Proxy.HTTP, HttpProxy::new);
		}

		@Bean
		OkHttpSettings.Customizer okHttp() {
			return (builder) -> builder.proxy(new Proxy(Proxy.Type.HTTP, proxy()));
		}

		@Bean
		ClientHttpRequestFactoryBuilderCustomizer<HttpComponentsClientHttpRequestFactoryBuilder> httpComponents() {
			return (builder) -> builder.withHttpClientCustomizer((client) -> client.setProxy(host()));
		}

		@Bean
		ClientHttpConnectorBuilderCustomizer<HttpComponentsClientHttpConnectorBuilder> httpComponentsAsync() {
			return (builder) -> builder.withHttpClientCustomizer((client) -> client.setProxy(host()));
		}

		private HttpHost host() {
			return new HttpHost("http", proxy().getHostString(), proxy().getPort());
		}

		@Bean
		ClientHttpRequestFactoryBuilderCustomizer<JdkClientHttpRequestFactoryBuilder> jdk() {
			return (builder) -> builder.withProxySelector(ProxySelector.of(proxy()));
		}

		@Bean
		ClientHttpConnectorBuilderCustomizer<JdkClientHttpConnectorBuilder> reactiveJdk() {
			return (builder) -> builder.withProxySelector(ProxySelector.of(proxy()));
		}

		@Bean
		ClientHttpRequestFactoryBuilderCustomizer<SimpleClientHttpRequestFactoryBuilder> httpUrlConnection() {
			return (builder) -> builder
				.withCustomizer((factory) -> factory.setProxy(new Proxy(Proxy.Type.HTTP, proxy())));
		}

	}

	/**
	 * A SOCKS 5 proxy. The JDK's clients have no setting for it.
	 */
	@Configuration(proxyBeanMethods = false)
	static class SocksProxied extends AnyProxied {

		SocksProxied(Environment environment) {
			super(environment, ProxyProvider.Proxy.SOCKS5, Socks5Proxy::new);
		}

		@Bean
		OkHttpSettings.Customizer okHttp() {
			return (builder) -> builder.proxy(new Proxy(Proxy.Type.SOCKS, resolved()));
		}

		@Bean
		ClientHttpRequestFactoryBuilderCustomizer<HttpComponentsClientHttpRequestFactoryBuilder> httpComponents() {
			return (builder) -> builder
				.withSocketConfigCustomizer((sockets) -> sockets.setSocksProxyAddress(resolved()));
		}

		@Bean
		ClientHttpConnectorBuilderCustomizer<HttpComponentsClientHttpConnectorBuilder> httpComponentsAsync() {
			return (builder) -> builder.withHttpClientCustomizer((client) -> client
				.setIOReactorConfig(IOReactorConfig.custom().setSocksProxyAddress(resolved()).build()));
		}

		private InetSocketAddress resolved() {
			return new InetSocketAddress(proxy().getHostString(), proxy().getPort());
		}

	}

}
