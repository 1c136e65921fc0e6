package io.nettrace.demo;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;

import io.nettrace.test.DnsClient;
import io.nettrace.test.DnsServer;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.resolver.AddressResolverGroup;
import io.netty.resolver.ResolvedAddressTypes;
import io.netty.resolver.dns.DnsAddressResolverGroup;
import io.netty.resolver.dns.DnsNameResolverBuilder;
import io.netty.resolver.dns.SingletonDnsServerAddressStreamProvider;
import org.apache.hc.client5.http.DnsResolver;
import reactor.netty.http.HttpResources;

import org.springframework.boot.http.client.HttpComponentsClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.autoconfigure.ClientHttpRequestFactoryBuilderCustomizer;
import org.springframework.boot.http.client.autoconfigure.reactive.ClientHttpConnectorBuilderCustomizer;
import org.springframework.boot.http.client.reactive.ReactorClientHttpConnectorBuilder;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * Names without the internet: a DNS server inside this process, and resolvers that ask
 * it, configured as any application would configure its own.
 */
@Configuration(proxyBeanMethods = false)
class NamesConfiguration {

	/**
	 * The resolver's channel has to be of the event loop's kind.
	 */
	static final boolean PREFER_NATIVE = false;

	@Bean
	DnsServer dnsServer() {
		DnsServer server = DnsServer.start();
		Scenario.ALL.forEach((scenario) -> server.set(scenario.host(), scenario.answer()));
		return server;
	}

	@Bean
	DnsResolver demoResolver(DnsServer server) {
		return new DemoResolver(server.client().withIpv6First());
	}

	@Bean
	ClientHttpRequestFactoryBuilderCustomizer<HttpComponentsClientHttpRequestFactoryBuilder> demoNames(
			DnsResolver demoResolver) {
		return (builder) -> builder.withDnsResolver(demoResolver);
	}

	@Bean
	ClientHttpConnectorBuilderCustomizer<ReactorClientHttpConnectorBuilder> demoNettyNames(
			AddressResolverGroup<InetSocketAddress> demoNettyResolver) {
		return (builder) -> builder.withHttpClientCustomizer(
				(client) -> client.runOn(HttpResources.get(), PREFER_NATIVE).resolver(demoNettyResolver));
	}

	@Bean
	AddressResolverGroup<InetSocketAddress> demoNettyResolver(DnsServer server) {
		return new DnsAddressResolverGroup(netty(server).searchDomains(List.of()));
	}

	/**
	 * As a pod of Kubernetes looks up.
	 */
	@Bean
	AddressResolverGroup<InetSocketAddress> demoSearchingResolver(DnsServer server) {
		return new DnsAddressResolverGroup(
				netty(server).searchDomains(List.of("default.svc.cluster.local", "svc.cluster.local", "cluster.local"))
					.ndots(5));
	}

	private static DnsNameResolverBuilder netty(DnsServer server) {
		return new DnsNameResolverBuilder().datagramChannelType(NioDatagramChannel.class)
			.nameServerProvider(new SingletonDnsServerAddressStreamProvider(server.address()))
			.resolvedAddressTypes(ResolvedAddressTypes.IPV6_PREFERRED)
			.hostsFileEntriesResolver((name, types) -> null);
	}

	private record DemoResolver(DnsClient client) implements DnsResolver {

		@Override
		public InetAddress[] resolve(String host) throws UnknownHostException {
			return this.client.resolve(host).toArray(InetAddress[]::new);
		}

		@Override
		public String resolveCanonicalHostname(String host) {
			return host;
		}

	}

}
