package io.nettrace.autoconfigure;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

import io.nettrace.test.DnsClient;
import io.nettrace.test.DnsServer;
import io.netty.resolver.AddressResolverGroup;
import io.netty.resolver.dns.DnsAddressResolverGroup;
import io.netty.resolver.dns.SingletonDnsServerAddressStreamProvider;
import org.apache.hc.client5.http.DnsResolver;
import org.eclipse.jetty.util.Promise;
import org.eclipse.jetty.util.SocketAddressResolver;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.http.client.HttpComponentsClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.JettyClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.ReactorClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.autoconfigure.ClientHttpRequestFactoryBuilderCustomizer;
import org.springframework.boot.http.client.autoconfigure.reactive.ClientHttpConnectorBuilderCustomizer;
import org.springframework.boot.http.client.reactive.HttpComponentsClientHttpConnectorBuilder;
import org.springframework.boot.http.client.reactive.JettyClientHttpConnectorBuilder;
import org.springframework.boot.http.client.reactive.ReactorClientHttpConnectorBuilder;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import reactor.netty.http.client.HttpClient;

/**
 * Lets every client ask the test's DNS server, through the application's own resolver.
 * The JDK's clients ask it through the JVM's resolver.
 */
@Configuration(proxyBeanMethods = false)
public class LoopbackNames {

	/**
	 * How long a lookup may take.
	 */
	public static final Duration TIMEOUT = Duration.ofSeconds(30);

	private static volatile @Nullable InetSocketAddress server;

	private final DnsClient client = new DnsClient(Objects.requireNonNull(server)).withTimeout(TIMEOUT);

	private final AddressResolverGroup<?> nettyResolver = nettyResolver(Objects.requireNonNull(server));

	/**
	 * Set the server of one test, for the applications that it starts and for the JVM's
	 * resolver.
	 */
	static void use(DnsServer dns) {
		server = dns.address();
	}

	/**
	 * Return the server of the running test.
	 * @return address and port
	 */
	public static @Nullable InetSocketAddress server() {
		return server;
	}

	/**
	 * Reactor Netty's own resolver, asking another server.
	 */
	private static AddressResolverGroup<?> nettyResolver(InetSocketAddress server) {
		return Objects.requireNonNull(HttpClient.create()
			.resolver((spec) -> spec.searchDomains(List.of())
				.queryTimeout(TIMEOUT)
				.dnsAddressResolverGroupProvider((builder) -> new DnsAddressResolverGroup(
						builder.nameServerProvider(new SingletonDnsServerAddressStreamProvider(server)))))
			.configuration()
			.resolver());
	}

	@Bean
	ClientHttpRequestFactoryBuilderCustomizer<ReactorClientHttpRequestFactoryBuilder> reactorNettyNames() {
		return (builder) -> builder.withHttpClientCustomizer((client) -> client.resolver(this.nettyResolver));
	}

	@Bean
	ClientHttpConnectorBuilderCustomizer<ReactorClientHttpConnectorBuilder> reactorNettyReactiveNames() {
		return (builder) -> builder.withHttpClientCustomizer((client) -> client.resolver(this.nettyResolver));
	}

	@Bean
	ClientHttpRequestFactoryBuilderCustomizer<HttpComponentsClientHttpRequestFactoryBuilder> httpComponentsNames() {
		return (builder) -> builder.withDnsResolver(new HttpComponentsResolver(this.client));
	}

	@Bean
	ClientHttpConnectorBuilderCustomizer<HttpComponentsClientHttpConnectorBuilder> httpComponentsAsyncNames() {
		return (builder) -> builder.withDnsResolver(new HttpComponentsResolver(this.client));
	}

	@Bean
	ClientHttpRequestFactoryBuilderCustomizer<JettyClientHttpRequestFactoryBuilder> jettyNames() {
		return (builder) -> builder.withSocketAddressResolver(new JettyResolver(this.client));
	}

	@Bean
	ClientHttpConnectorBuilderCustomizer<JettyClientHttpConnectorBuilder> jettyReactiveNames() {
		return (builder) -> builder.withSocketAddressResolver(new JettyResolver(this.client));
	}

	@Bean
	OkHttpSettings.Customizer okHttpNames() {
		return (builder) -> builder.dns(this.client::resolve);
	}

	private static String withoutBrackets(String host) {
		return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
	}

	private record HttpComponentsResolver(DnsClient client) implements DnsResolver {

		@Override
		public InetAddress[] resolve(String host) throws UnknownHostException {
			return this.client.resolve(withoutBrackets(host)).toArray(InetAddress[]::new);
		}

		@Override
		public String resolveCanonicalHostname(String host) {
			return host;
		}

	}

	/**
	 * Asynchronous, as Jetty's default one is.
	 */
	private record JettyResolver(DnsClient client) implements SocketAddressResolver {

		@Override
		public void resolve(String host, int port, Map<String, Object> context,
				Promise<List<InetSocketAddress>> promise) {
			new Thread(() -> resolve(host, port, promise), "jetty-test-resolver").start();
		}

		private void resolve(String host, int port, Promise<List<InetSocketAddress>> promise) {
			try {
				List<InetSocketAddress> addresses = new ArrayList<>();
				for (InetAddress address : this.client.resolve(withoutBrackets(host))) {
					addresses.add(new InetSocketAddress(address, port));
				}
				promise.succeeded(addresses);
			}
			catch (Throwable ex) {
				promise.failed(ex);
			}
		}

	}

}
