package io.nettrace.autoconfigure;

import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;

import io.nettrace.client.reactor.NetTraceReactorNetty;
import io.netty.resolver.NoopAddressResolverGroup;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.reactor.IOReactorConfig;
import org.eclipse.jetty.client.HttpProxy;
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
	 * One connection at a time. Reactor Netty's pool is one that tells of waits.
	 */
	@Configuration(proxyBeanMethods = false)
	static class OneConnection {

		@Bean
		ClientHttpRequestFactoryBuilderCustomizer<HttpComponentsClientHttpRequestFactoryBuilder> httpComponents() {
			return (builder) -> builder
				.withConnectionManagerCustomizer((manager) -> manager.setMaxConnTotal(1).setMaxConnPerRoute(1));
		}

		@Bean
		ClientHttpConnectorBuilderCustomizer<HttpComponentsClientHttpConnectorBuilder> httpComponentsAsync() {
			return (builder) -> builder
				.withConnectionManagerCustomizer((manager) -> manager.setMaxConnTotal(1).setMaxConnPerRoute(1));
		}

		@Bean
		ConnectionProvider reactorNettyPool(NetTraceReactorNetty netTrace) {
			return netTrace.connectionProvider(ConnectionProvider.builder("one").maxConnections(1));
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
			return (builder) -> builder.withHttpClientCustomizer((client) -> client.setMaxConnectionsPerDestination(1));
		}

		@Bean
		ClientHttpConnectorBuilderCustomizer<JettyClientHttpConnectorBuilder> reactiveJetty() {
			return (builder) -> builder.withHttpClientCustomizer((client) -> client.setMaxConnectionsPerDestination(1));
		}

	}

	/**
	 * A connection for each of 50 requests; only HttpComponents has fewer by default.
	 */
	@Configuration(proxyBeanMethods = false)
	static class ManyConnections {

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
	 * HTTP/2 in clear text, for whose pools can share a connection.
	 */
	@Configuration(proxyBeanMethods = false)
	static class Http2 {

		private final ConnectionProvider reactorNettyPool = ConnectionProvider.create("one", 1);

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
	 * An HTTP proxy: {@code proxy.host} and {@code proxy.port}.
	 */
	@Configuration(proxyBeanMethods = false)
	static class Proxied {

		private final String host;

		private final int port;

		Proxied(Environment environment) {
			this.host = environment.getRequiredProperty("proxy.host");
			this.port = environment.getRequiredProperty("proxy.port", Integer.class);
		}

		@Bean
		ClientHttpRequestFactoryBuilderCustomizer<HttpComponentsClientHttpRequestFactoryBuilder> httpComponents() {
			return (builder) -> builder
				.withHttpClientCustomizer((client) -> client.setProxy(new HttpHost("http", this.host, this.port)));
		}

		@Bean
		ClientHttpConnectorBuilderCustomizer<HttpComponentsClientHttpConnectorBuilder> httpComponentsAsync() {
			return (builder) -> builder
				.withHttpClientCustomizer((client) -> client.setProxy(new HttpHost("http", this.host, this.port)));
		}

		@Bean
		ClientHttpRequestFactoryBuilderCustomizer<ReactorClientHttpRequestFactoryBuilder> reactorNetty() {
			return (builder) -> builder.withHttpClientCustomizer(this::proxied);
		}

		@Bean
		ClientHttpConnectorBuilderCustomizer<ReactorClientHttpConnectorBuilder> reactiveReactorNetty() {
			return (builder) -> builder.withHttpClientCustomizer(this::proxied);
		}

		/**
		 * The proxy looks up names; with the resolver of {@link LoopbackNames} the client
		 * would do it as well.
		 */
		private HttpClient proxied(HttpClient client) {
			return client.proxy((proxy) -> proxy.type(ProxyProvider.Proxy.HTTP).host(this.host).port(this.port))
				.resolver(NoopAddressResolverGroup.INSTANCE);
		}

		@Bean
		ClientHttpRequestFactoryBuilderCustomizer<JettyClientHttpRequestFactoryBuilder> jetty() {
			return (builder) -> builder.withHttpClientCustomizer(
					(client) -> client.getProxyConfiguration().addProxy(new HttpProxy(this.host, this.port)));
		}

		@Bean
		ClientHttpConnectorBuilderCustomizer<JettyClientHttpConnectorBuilder> reactiveJetty() {
			return (builder) -> builder.withHttpClientCustomizer(
					(client) -> client.getProxyConfiguration().addProxy(new HttpProxy(this.host, this.port)));
		}

		@Bean
		ClientHttpRequestFactoryBuilderCustomizer<JdkClientHttpRequestFactoryBuilder> jdk() {
			return (builder) -> builder.withProxySelector(ProxySelector.of(address()));
		}

		@Bean
		ClientHttpConnectorBuilderCustomizer<JdkClientHttpConnectorBuilder> reactiveJdk() {
			return (builder) -> builder.withProxySelector(ProxySelector.of(address()));
		}

		@Bean
		ClientHttpRequestFactoryBuilderCustomizer<SimpleClientHttpRequestFactoryBuilder> httpUrlConnection() {
			return (builder) -> builder
				.withCustomizer((factory) -> factory.setProxy(new Proxy(Proxy.Type.HTTP, address())));
		}

		private InetSocketAddress address() {
			return InetSocketAddress.createUnresolved(this.host, this.port);
		}

	}

	/**
	 * A SOCKS 5 proxy: {@code proxy.host} and {@code proxy.port}. The JDK's clients have
	 * no setting for it.
	 */
	@Configuration(proxyBeanMethods = false)
	static class SocksProxied {

		private final String host;

		private final int port;

		SocksProxied(Environment environment) {
			this.host = environment.getRequiredProperty("proxy.host");
			this.port = environment.getRequiredProperty("proxy.port", Integer.class);
		}

		@Bean
		ClientHttpRequestFactoryBuilderCustomizer<HttpComponentsClientHttpRequestFactoryBuilder> httpComponents() {
			return (builder) -> builder.withSocketConfigCustomizer(
					(sockets) -> sockets.setSocksProxyAddress(new InetSocketAddress(this.host, this.port)));
		}

		@Bean
		ClientHttpConnectorBuilderCustomizer<HttpComponentsClientHttpConnectorBuilder> httpComponentsAsync() {
			return (builder) -> builder
				.withHttpClientCustomizer((client) -> client.setIOReactorConfig(IOReactorConfig.custom()
					.setSocksProxyAddress(new InetSocketAddress(this.host, this.port))
					.build()));
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
			return client.proxy((proxy) -> proxy.type(ProxyProvider.Proxy.SOCKS5).host(this.host).port(this.port))
				.resolver(NoopAddressResolverGroup.INSTANCE);
		}

		@Bean
		ClientHttpRequestFactoryBuilderCustomizer<JettyClientHttpRequestFactoryBuilder> jetty() {
			return (builder) -> builder.withHttpClientCustomizer(
					(client) -> client.getProxyConfiguration().addProxy(new Socks5Proxy(this.host, this.port)));
		}

		@Bean
		ClientHttpConnectorBuilderCustomizer<JettyClientHttpConnectorBuilder> reactiveJetty() {
			return (builder) -> builder.withHttpClientCustomizer(
					(client) -> client.getProxyConfiguration().addProxy(new Socks5Proxy(this.host, this.port)));
		}

	}

}
