package io.nettrace.autoconfigure;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

import io.nettrace.test.DnsServer;
import io.netty.resolver.AddressResolverGroup;
import io.netty.resolver.dns.DnsAddressResolverGroup;
import io.netty.resolver.dns.SingletonDnsServerAddressStreamProvider;
import org.springframework.boot.http.client.ReactorClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.autoconfigure.ClientHttpRequestFactoryBuilderCustomizer;
import org.springframework.boot.http.client.autoconfigure.reactive.ClientHttpConnectorBuilderCustomizer;
import org.springframework.boot.http.client.reactive.ReactorClientHttpConnectorBuilder;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.client.RestClient;
import org.springframework.web.reactive.function.client.WebClient;
import reactor.netty.http.client.HttpClient;

/**
 * Sends requests on Reactor Netty. The resolver is Reactor Netty's own and uses the
 * test's DNS server.
 */
enum ReactorNettyCaller {

	REST_CLIENT("limited") {

		@Override
		Get client(TracedApplication application) {
			RestClient client = application.bean(RestClient.Builder.class).build();
			return (url) -> client.get().uri(url).retrieve().toBodilessEntity();
		}

	},

	WEB_CLIENT("limited"),

	WEB_CLIENT_WITH_AUTOMATIC_PROPAGATION("auto");

	private static final ThreadLocal<DnsServer> DNS = new ThreadLocal<>();

	private final String contextPropagation;

	ReactorNettyCaller(String contextPropagation) {
		this.contextPropagation = contextPropagation;
	}

	/**
	 * Sends a request and waits for the response.
	 */
	@FunctionalInterface
	interface Get {

		void get(String url);

	}

	TracedApplication start(DnsServer dns, List<Class<?>> configurations, String... properties) {
		DNS.set(dns);
		try {
			List<Class<?>> all = new ArrayList<>(configurations);
			all.add(Names.class);
			return start(all, properties);
		}
		finally {
			DNS.remove();
		}
	}

	TracedApplication start(List<Class<?>> configurations, String... properties) {
		List<String> all = new ArrayList<>(List.of(properties));
		all.add("spring.http.clients.connect-timeout=400ms");
		all.add("spring.http.clients.imperative.factory=reactor");
		all.add("spring.http.clients.reactive.connector=reactor");
		all.add("spring.reactor.context-propagation=" + this.contextPropagation);
		// Without any the pool may wait for a channel whose event loop is gone, for ever
		all.add("spring.reactor.netty.shutdown-quiet-period=50ms");
		return TracedApplication.start(configurations, all.toArray(String[]::new));
	}

	Get client(TracedApplication application) {
		WebClient client = application.bean(WebClient.Builder.class).build();
		return (url) -> client.get().uri(url).retrieve().toBodilessEntity().block();
	}

	@Configuration(proxyBeanMethods = false)
	static class Names {

		private final AddressResolverGroup<?> resolver = asking(DNS.get().address());

		static AddressResolverGroup<?> asking(InetSocketAddress server) {
			return Objects.requireNonNull(HttpClient.create()
				.resolver((spec) -> spec.searchDomains(List.of())
					.dnsAddressResolverGroupProvider((builder) -> new DnsAddressResolverGroup(
							builder.nameServerProvider(new SingletonDnsServerAddressStreamProvider(server)))))
				.configuration()
				.resolver());
		}

		@Bean
		ClientHttpRequestFactoryBuilderCustomizer<ReactorClientHttpRequestFactoryBuilder> names() {
			return (builder) -> builder.withHttpClientCustomizer((client) -> client.resolver(this.resolver));
		}

		@Bean
		ClientHttpConnectorBuilderCustomizer<ReactorClientHttpConnectorBuilder> connectorNames() {
			return (builder) -> builder.withHttpClientCustomizer((client) -> client.resolver(this.resolver));
		}

	}

}
