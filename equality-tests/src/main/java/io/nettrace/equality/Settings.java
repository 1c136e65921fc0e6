package io.nettrace.equality;

import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

import javax.net.ssl.SSLContext;
import javax.net.ssl.X509TrustManager;

import io.netty.channel.ChannelOption;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.IdentityCipherSuiteFilter;
import io.netty.handler.ssl.JdkSslContext;
import okhttp3.Dispatcher;
import okhttp3.OkHttpClient;
import org.apache.hc.client5.http.ssl.DefaultClientTlsStrategy;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.reactor.IOReactorConfig;
import org.apache.hc.core5.util.Timeout;
import org.eclipse.jetty.client.HttpProxy;
import org.eclipse.jetty.client.Socks5Proxy;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.springframework.boot.http.client.HttpClientSettings;
import org.springframework.boot.http.client.HttpComponentsClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.HttpRedirects;
import org.springframework.boot.http.client.JdkClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.JettyClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.ReactorClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.SimpleClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.reactive.HttpComponentsClientHttpConnectorBuilder;
import org.springframework.boot.http.client.reactive.JdkClientHttpConnectorBuilder;
import org.springframework.boot.http.client.reactive.JettyClientHttpConnectorBuilder;
import org.springframework.boot.http.client.reactive.ReactorClientHttpConnectorBuilder;
import org.springframework.boot.ssl.SslBundle;
import reactor.netty.http.client.HttpClient;
import reactor.netty.resources.ConnectionProvider;
import reactor.netty.transport.ProxyProvider;

/**
 * Settings on Boot's builders, for each library, and on OkHttp's. A setting that a
 * library does not have fails.
 */
final class Settings {

	private Settings() {
	}

	/**
	 * A setting of one library, for both RestClient and WebClient.
	 */
	@FunctionalInterface
	interface Setting extends UnaryOperator<Object> {

		default Setting and(Setting other) {
			return (builder) -> other.apply(apply(builder));
		}

	}

	static Setting names(Names names) {
		return (builder) -> {
			if (builder instanceof OkHttpClient.Builder b) {
				return b.dns(names.onOkHttp());
			}
			if (builder instanceof HttpComponentsClientHttpRequestFactoryBuilder b) {
				return b.withDnsResolver(names.onHttpComponents());
			}
			if (builder instanceof HttpComponentsClientHttpConnectorBuilder b) {
				return b.withDnsResolver(names.onHttpComponents());
			}
			if (builder instanceof JettyClientHttpRequestFactoryBuilder b) {
				return b.withSocketAddressResolver(names.onJetty());
			}
			if (builder instanceof JettyClientHttpConnectorBuilder b) {
				return b.withSocketAddressResolver(names.onJetty());
			}
			return reactorNetty((client) -> client.resolver(names.onReactorNetty())).apply(builder);
		};
	}

	static Setting reactorNetty(UnaryOperator<HttpClient> customizer) {
		return (builder) -> {
			if (builder instanceof ReactorClientHttpRequestFactoryBuilder b) {
				return b.withHttpClientCustomizer(customizer);
			}
			if (builder instanceof ReactorClientHttpConnectorBuilder b) {
				return b.withHttpClientCustomizer(customizer);
			}
			throw unsupported(builder);
		};
	}

	static Setting jetty(Consumer<org.eclipse.jetty.client.HttpClient> customizer) {
		return (builder) -> {
			if (builder instanceof JettyClientHttpRequestFactoryBuilder b) {
				return b.withHttpClientCustomizer(customizer);
			}
			if (builder instanceof JettyClientHttpConnectorBuilder b) {
				return b.withHttpClientCustomizer(customizer);
			}
			throw unsupported(builder);
		};
	}

	static Setting jdk(Consumer<java.net.http.HttpClient.Builder> customizer) {
		return (builder) -> {
			if (builder instanceof JdkClientHttpRequestFactoryBuilder b) {
				return b.withHttpClientCustomizer(customizer);
			}
			if (builder instanceof JdkClientHttpConnectorBuilder b) {
				return b.withHttpClientCustomizer(customizer);
			}
			throw unsupported(builder);
		};
	}

	static Setting okHttp(Consumer<OkHttpClient.Builder> customizer) {
		return (builder) -> {
			customizer.accept((OkHttpClient.Builder) builder);
			return builder;
		};
	}

	/**
	 * Boot's settings, as far as OkHttp has them.
	 */
	static OkHttpClient.Builder apply(HttpClientSettings settings, OkHttpClient.Builder builder) {
		Duration connectTimeout = settings.connectTimeout();
		if (connectTimeout != null) {
			builder.connectTimeout(connectTimeout);
		}
		Duration readTimeout = settings.readTimeout();
		if (readTimeout != null) {
			builder.readTimeout(readTimeout);
		}
		builder.followRedirects(settings.redirects() != HttpRedirects.DONT_FOLLOW);
		SslBundle bundle = settings.sslBundle();
		if (bundle != null) {
			builder.sslSocketFactory(bundle.createSslContext().getSocketFactory(),
					(X509TrustManager) bundle.getManagers().getTrustManagers()[0]);
		}
		return builder;
	}

	static Setting proxy(String host, int port) {
		return (builder) -> {
			if (builder instanceof OkHttpClient.Builder b) {
				return b.proxy(new Proxy(Proxy.Type.HTTP, new InetSocketAddress(host, port)));
			}
			if (builder instanceof HttpComponentsClientHttpRequestFactoryBuilder b) {
				return b.withHttpClientCustomizer((client) -> client.setProxy(new HttpHost("http", host, port)));
			}
			if (builder instanceof HttpComponentsClientHttpConnectorBuilder b) {
				return b.withHttpClientCustomizer((client) -> client.setProxy(new HttpHost("http", host, port)));
			}
			if (builder instanceof SimpleClientHttpRequestFactoryBuilder b) {
				return b.withCustomizer(
						(factory) -> factory.setProxy(new Proxy(Proxy.Type.HTTP, new InetSocketAddress(host, port))));
			}
			if (builder instanceof JdkClientHttpRequestFactoryBuilder b) {
				return b.withProxySelector(ProxySelector.of(new InetSocketAddress(host, port)));
			}
			if (builder instanceof JdkClientHttpConnectorBuilder b) {
				return b.withProxySelector(ProxySelector.of(new InetSocketAddress(host, port)));
			}
			if (isJetty(builder)) {
				return jetty((client) -> client.getProxyConfiguration().addProxy(new HttpProxy(host, port)))
					.apply(builder);
			}
			return reactorNetty(
					(client) -> client.proxy((proxy) -> proxy.type(ProxyProvider.Proxy.HTTP).host(host).port(port)))
				.apply(builder);
		};
	}

	/**
	 * A SOCKS 5 proxy; the JDK's client has none.
	 */
	static Setting socks(String host, int port) {
		return (builder) -> {
			if (builder instanceof OkHttpClient.Builder b) {
				return b.proxy(new Proxy(Proxy.Type.SOCKS, new InetSocketAddress(host, port)));
			}
			if (builder instanceof HttpComponentsClientHttpRequestFactoryBuilder b) {
				return b.withSocketConfigCustomizer(
						(config) -> config.setSocksProxyAddress(new InetSocketAddress(host, port)));
			}
			if (builder instanceof HttpComponentsClientHttpConnectorBuilder b) {
				return b.withHttpClientCustomizer((client) -> client.setIOReactorConfig(
						IOReactorConfig.custom().setSocksProxyAddress(new InetSocketAddress(host, port)).build()));
			}
			if (builder instanceof SimpleClientHttpRequestFactoryBuilder b) {
				return b.withCustomizer(
						(factory) -> factory.setProxy(new Proxy(Proxy.Type.SOCKS, new InetSocketAddress(host, port))));
			}
			if (isJetty(builder)) {
				return jetty((client) -> client.getProxyConfiguration().addProxy(new Socks5Proxy(host, port)))
					.apply(builder);
			}
			return reactorNetty(
					(client) -> client.proxy((proxy) -> proxy.type(ProxyProvider.Proxy.SOCKS5).host(host).port(port)))
				.apply(builder);
		};
	}

	/**
	 * A pool of one connection. OkHttp limits calls instead, of those that are enqueued.
	 */
	static Setting oneConnection() {
		return (builder) -> {
			if (builder instanceof OkHttpClient.Builder b) {
				Dispatcher dispatcher = new Dispatcher();
				dispatcher.setMaxRequests(1);
				return b.dispatcher(dispatcher);
			}
			if (builder instanceof HttpComponentsClientHttpRequestFactoryBuilder b) {
				return b.withConnectionManagerCustomizer((manager) -> manager.setMaxConnTotal(1).setMaxConnPerRoute(1));
			}
			if (builder instanceof HttpComponentsClientHttpConnectorBuilder b) {
				return b.withConnectionManagerCustomizer((manager) -> manager.setMaxConnTotal(1).setMaxConnPerRoute(1));
			}
			if (isJetty(builder)) {
				return jetty((client) -> client.setMaxConnectionsPerDestination(1)).apply(builder);
			}
			ConnectionProvider one = ConnectionProvider.create("one", 1);
			if (builder instanceof ReactorClientHttpRequestFactoryBuilder b) {
				return b.withHttpClientFactory(() -> HttpClient.create(one));
			}
			if (builder instanceof ReactorClientHttpConnectorBuilder b) {
				return b.withHttpClientFactory(() -> HttpClient.create(one));
			}
			throw unsupported(builder);
		};
	}

	/**
	 * An SSL context; the JDK's {@code HttpURLConnection} has a static one only.
	 */
	static Setting sslContext(SSLContext context, X509TrustManager trust) {
		return (builder) -> {
			if (builder instanceof OkHttpClient.Builder b) {
				return b.sslSocketFactory(context.getSocketFactory(), trust);
			}
			if (builder instanceof HttpComponentsClientHttpRequestFactoryBuilder b) {
				return b.withConnectionManagerCustomizer(
						(manager) -> manager.setTlsSocketStrategy(new DefaultClientTlsStrategy(context)));
			}
			if (builder instanceof HttpComponentsClientHttpConnectorBuilder b) {
				return b.withConnectionManagerCustomizer(
						(manager) -> manager.setTlsStrategy(new DefaultClientTlsStrategy(context)));
			}
			if (isJetty(builder)) {
				SslContextFactory.Client factory = new SslContextFactory.Client();
				factory.setSslContext(context);
				return jettyConnector((connector) -> connector.setSslContextFactory(factory)).apply(builder);
			}
			if (isReactorNetty(builder)) {
				JdkSslContext netty = new JdkSslContext(context, true, null, IdentityCipherSuiteFilter.INSTANCE, null,
						ClientAuth.NONE, null, false);
				return reactorNetty((client) -> client.secure((spec) -> spec.sslContext(netty))).apply(builder);
			}
			return jdk((client) -> client.sslContext(context)).apply(builder);
		};
	}

	static Setting jettyConnector(Consumer<org.eclipse.jetty.io.ClientConnector> customizer) {
		return (builder) -> {
			if (builder instanceof JettyClientHttpRequestFactoryBuilder b) {
				return b.withClientConnectorCustomizerCustomizer(customizer);
			}
			if (builder instanceof JettyClientHttpConnectorBuilder b) {
				return b.withClientConnectorCustomizerCustomizer(customizer);
			}
			throw unsupported(builder);
		};
	}

	/**
	 * A connect timeout, set on the library itself.
	 */
	static Setting connectTimeout(Duration timeout) {
		return (builder) -> {
			if (builder instanceof OkHttpClient.Builder b) {
				return b.connectTimeout(timeout);
			}
			if (builder instanceof HttpComponentsClientHttpRequestFactoryBuilder b) {
				return b.withConnectionConfigCustomizer((config) -> config.setConnectTimeout(Timeout.of(timeout)));
			}
			if (builder instanceof HttpComponentsClientHttpConnectorBuilder b) {
				return b.withConnectionConfigCustomizer((config) -> config.setConnectTimeout(Timeout.of(timeout)));
			}
			if (builder instanceof SimpleClientHttpRequestFactoryBuilder b) {
				return b.withCustomizer((factory) -> factory.setConnectTimeout(timeout));
			}
			if (isJetty(builder)) {
				return jetty((client) -> client.setConnectTimeout(timeout.toMillis())).apply(builder);
			}
			if (isReactorNetty(builder)) {
				return reactorNetty((client) -> client.option(ChannelOption.CONNECT_TIMEOUT_MILLIS,
						Math.toIntExact(timeout.toMillis())))
					.apply(builder);
			}
			return jdk((client) -> client.connectTimeout(timeout)).apply(builder);
		};
	}

	/**
	 * A response timeout, set on the library itself.
	 */
	static Setting responseTimeout(Duration timeout) {
		return (builder) -> {
			if (builder instanceof OkHttpClient.Builder b) {
				return b.readTimeout(timeout);
			}
			if (builder instanceof HttpComponentsClientHttpRequestFactoryBuilder b) {
				return b.withDefaultRequestConfigCustomizer((config) -> config.setResponseTimeout(Timeout.of(timeout)));
			}
			if (builder instanceof HttpComponentsClientHttpConnectorBuilder b) {
				return b.withDefaultRequestConfigCustomizer((config) -> config.setResponseTimeout(Timeout.of(timeout)));
			}
			if (builder instanceof SimpleClientHttpRequestFactoryBuilder b) {
				return b.withCustomizer((factory) -> factory.setReadTimeout(timeout));
			}
			if (isJetty(builder)) {
				return jetty((client) -> client.setIdleTimeout(timeout.toMillis())).apply(builder);
			}
			if (isReactorNetty(builder)) {
				return reactorNetty((client) -> client.responseTimeout(timeout)).apply(builder);
			}
			if (builder instanceof JdkClientHttpRequestFactoryBuilder b) {
				return b.withCustomizer((factory) -> factory.setReadTimeout(timeout));
			}
			if (builder instanceof JdkClientHttpConnectorBuilder b) {
				return b.withCustomizer((connector) -> connector.setReadTimeout(timeout));
			}
			throw unsupported(builder);
		};
	}

	/**
	 * A local address; the JDK's clients have none before Java 19.
	 */
	static Setting localAddress(String literal) {
		InetSocketAddress address = new InetSocketAddress(literal, 0);
		return (builder) -> {
			if (builder instanceof OkHttpClient.Builder b) {
				return b.socketFactory(new BoundSockets(address));
			}
			if (builder instanceof HttpComponentsClientHttpRequestFactoryBuilder b) {
				return b.withHttpClientCustomizer(
						(client) -> client.setRoutePlanner(new LocalAddressRoutePlanner(address.getAddress())));
			}
			if (builder instanceof HttpComponentsClientHttpConnectorBuilder b) {
				return b.withHttpClientCustomizer(
						(client) -> client.setRoutePlanner(new LocalAddressRoutePlanner(address.getAddress())));
			}
			if (isJetty(builder)) {
				return jetty((client) -> client.setBindAddress(address)).apply(builder);
			}
			return reactorNetty((client) -> client.bindAddress(() -> address)).apply(builder);
		};
	}

	/**
	 * Idle connections that are soon closed.
	 */
	static Setting shortKeepAlive() {
		return (builder) -> {
			if (builder instanceof HttpComponentsClientHttpRequestFactoryBuilder b) {
				return b.withConnectionConfigCustomizer((config) -> config.setTimeToLive(1, TimeUnit.MILLISECONDS));
			}
			if (builder instanceof HttpComponentsClientHttpConnectorBuilder b) {
				return b.withConnectionConfigCustomizer((config) -> config.setTimeToLive(1, TimeUnit.MILLISECONDS));
			}
			throw unsupported(builder);
		};
	}

	static boolean isJetty(Object builder) {
		return builder instanceof JettyClientHttpRequestFactoryBuilder
				|| builder instanceof JettyClientHttpConnectorBuilder;
	}

	static boolean isReactorNetty(Object builder) {
		return builder instanceof ReactorClientHttpRequestFactoryBuilder
				|| builder instanceof ReactorClientHttpConnectorBuilder;
	}

	static IllegalArgumentException unsupported(Object builder) {
		return new IllegalArgumentException("No such setting on " + builder.getClass().getSimpleName());
	}

}
