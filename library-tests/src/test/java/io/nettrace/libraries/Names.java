package io.nettrace.libraries;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;

import io.nettrace.test.DnsClient;
import io.nettrace.test.DnsServer;
import io.netty.resolver.AddressResolverGroup;
import io.netty.channel.socket.DatagramChannel;
import io.netty.resolver.dns.DnsAddressResolverGroup;
import io.netty.resolver.dns.DnsNameResolverBuilder;
import io.netty.resolver.dns.SingletonDnsServerAddressStreamProvider;
import org.apache.hc.client5.http.DnsResolver;
import reactor.netty.http.client.HttpClient;

/**
 * Resolvers that ask the test's DNS server, as an application of the user's could have
 * one. A bean of each {@link LibraryApplication}.
 */
final class Names {

	private static final Duration TIMEOUT = Duration.ofSeconds(30);

	private final InetSocketAddress server;

	private final DnsClient client;

	Names(DnsServer server) {
		this.server = server.address();
		this.client = new DnsClient(this.server).withTimeout(TIMEOUT);
	}

	/**
	 * For what has an interface of its own.
	 */
	List<InetAddress> resolve(String host) throws UnknownHostException {
		return this.client.resolve(host);
	}

	/**
	 * For Netty: Reactor Netty's own resolver, asking another server.
	 */
	AddressResolverGroup<?> netty() {
		return Objects.requireNonNull(HttpClient.create()
			.resolver((spec) -> spec.searchDomains(List.of())
				.queryTimeout(TIMEOUT)
				.dnsAddressResolverGroupProvider((builder) -> new DnsAddressResolverGroup(
						builder.nameServerProvider(new SingletonDnsServerAddressStreamProvider(this.server)))))
			.configuration()
			.resolver());
	}

	/**
	 * For Netty without Reactor Netty: on the event loops of the client, which nothing
	 * else ends.
	 * @param channelType what goes with them
	 */
	AddressResolverGroup<?> plainNetty(Class<? extends DatagramChannel> channelType) {
		return new DnsAddressResolverGroup(new DnsNameResolverBuilder().datagramChannelType(channelType)
			.searchDomains(List.of())
			.queryTimeoutMillis(TIMEOUT.toMillis())
			.nameServerProvider(new SingletonDnsServerAddressStreamProvider(this.server)));
	}

	/**
	 * For HttpComponents.
	 */
	DnsResolver httpComponents() {
		return new DnsResolver() {

			@Override
			public InetAddress[] resolve(String host) throws UnknownHostException {
				return Names.this.client.resolve(host).toArray(InetAddress[]::new);
			}

			@Override
			public String resolveCanonicalHostname(String host) {
				return host;
			}

		};
	}

}
