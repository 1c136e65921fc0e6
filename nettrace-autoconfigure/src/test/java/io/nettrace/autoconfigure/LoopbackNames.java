package io.nettrace.autoconfigure;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import io.nettrace.test.DnsClient;
import io.nettrace.test.DnsServer;
import org.apache.hc.client5.http.DnsResolver;
import org.eclipse.jetty.util.Promise;
import org.eclipse.jetty.util.SocketAddressResolver;
import org.springframework.boot.http.client.HttpComponentsClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.JettyClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.autoconfigure.ClientHttpRequestFactoryBuilderCustomizer;
import org.springframework.boot.http.client.autoconfigure.reactive.ClientHttpConnectorBuilderCustomizer;
import org.springframework.boot.http.client.reactive.HttpComponentsClientHttpConnectorBuilder;
import org.springframework.boot.http.client.reactive.JettyClientHttpConnectorBuilder;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * Lets every client ask the DNS server of the test, through a resolver of the
 * application's own.
 */
@Configuration(proxyBeanMethods = false)
class LoopbackNames {

	private static final ThreadLocal<DnsClient> DNS = new ThreadLocal<>();

	private final DnsClient client = DNS.get();

	/**
	 * Set the server for the applications that this thread starts.
	 */
	static void use(DnsServer server) {
		DNS.set(server.client().withTimeout(Duration.ofSeconds(30)));
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
