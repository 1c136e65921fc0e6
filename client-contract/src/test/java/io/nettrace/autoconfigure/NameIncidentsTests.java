package io.nettrace.autoconfigure;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Objects;

import io.nettrace.autoconfigure.Incident.Staged;
import io.nettrace.autoconfigure.TracedClient.Caller;
import io.nettrace.test.DnsAnswer;
import io.nettrace.test.DnsServer;
import io.netty.resolver.ResolvedAddressTypes;
import io.netty.resolver.dns.DnsAddressResolverGroup;
import io.netty.resolver.dns.DnsNameResolverBuilder;
import io.netty.resolver.dns.SequentialDnsServerAddressStreamProvider;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.SystemDefaultDnsResolver;
import org.junit.jupiter.api.Test;
import org.springframework.boot.http.client.HttpComponentsClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.autoconfigure.ClientHttpRequestFactoryBuilderCustomizer;
import org.springframework.boot.http.client.autoconfigure.reactive.ClientHttpConnectorBuilderCustomizer;
import org.springframework.boot.http.client.reactive.ReactorClientHttpConnectorBuilder;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/**
 * Names that are not found.
 */
class NameIncidentsTests extends IncidentTest {

	private static final String LOOKUPS = "dns.lookup.duration";

	@Test
	@Staged(35)
	void nameThatDoesNotExistIsNotANameServerThatFails() {
		dns().set("missing.test", DnsAnswer.unknown()).set("failing.test", DnsAnswer.failure());
		Caller caller = start(TracedClient.REST_CLIENT_ON_HTTP_COMPONENTS, List.of());
		assertFails(() -> get(caller, "http://missing.test/"));
		assertFails(() -> get(caller, "http://failing.test/"));
		assertThat(count(LOOKUPS, "dns.question.name", "missing.test", "error.type", "host_not_found")).isEqualTo(1);
		assertThat(count(LOOKUPS, "dns.question.name", "failing.test", "error.type", "try_again")).isEqualTo(1);
	}

	@Test
	@Staged({ 36, 37 })
	void wordsOfMusl() {
		Caller caller = start(TracedClient.REST_CLIENT_ON_HTTP_COMPONENTS, List.of(Musl.class));
		assertThatThrownBy(() -> get(caller, "http://unusable.test/"))
			.hasRootCauseMessage("unusable.test: Name has no usable address");
		assertThatThrownBy(() -> get(caller, "http://wrong.test/"))
			.hasRootCauseMessage("wrong.test: Name does not resolve");
		assertThat(count(LOOKUPS, "error.type", "host_not_found")).isEqualTo(2);
		assertThat(requests()).hasSize(2)
			.allSatisfy((request) -> assertThat(request).containsEntry("nettrace.failures",
					List.of("dns: host_not_found")));
	}

	@Test
	@Staged(44)
	void nameOfAPodThatIsNoName() {
		Caller caller = start(TracedClient.WEB_CLIENT_ON_REACTOR_NETTY, List.of());
		assertFails(() -> get(caller, "http://chat-7d4b9c6f5-x2x7p/"));
		assertThat(count(LOOKUPS, "dns.question.name", "chat-7d4b9c6f5-x2x7p", "error.type", "host_not_found"))
			.isEqualTo(1);
	}

	@Test
	@Staged(33)
	void packetIsLost() {
		dns().set(HOST, DnsAnswer.silence());
		serve();
		try (DnsServer second = DnsServer.start()) {
			second.set(HOST, DnsAnswer.addresses(SERVER));
			SecondServer.address = second.address();
			Caller caller = start(TracedClient.WEB_CLIENT_ON_REACTOR_NETTY, List.of(SecondServer.class));
			get(caller, url("/"));
			awaitSignals();
		}
	}

	@Test
	@Staged(34)
	void nameServerDoesNotAnswer() {
		dns().set("silent.test", DnsAnswer.silence());
		Caller caller = start(TracedClient.WEB_CLIENT_ON_REACTOR_NETTY, List.of(Impatient.class));
		assertFails(() -> get(caller, "http://silent.test/"));
	}

	@Test
	@Staged(38)
	void searchDomains() {
		serve();
		Caller caller = start(TracedClient.WEB_CLIENT_ON_REACTOR_NETTY, List.of(InKubernetes.class));
		get(caller, url("/"));
		assertThat(dns().received()).hasSize(8);
	}

	@Test
	@Staged(39)
	void nameServerDeniesTheNameForOneType() {
		dns().set(HOST, "AAAA", DnsAnswer.unknown());
		serve();
		Caller caller = start(TracedClient.WEB_CLIENT_ON_REACTOR_NETTY, List.of(BothTypes.class));
		get(caller, url("/"));
	}

	/**
	 * The name has a label that is too long, so that no name server is asked.
	 */
	@Test
	@Staged(41)
	void jvmHasTheFailureInItsCache() {
		String url = "http://" + "x".repeat(64) + ".jvm.test/";
		Caller caller = start(TracedClient.REST_CLIENT_ON_HTTP_COMPONENTS, List.of(OfTheJvm.class));
		assertFails(() -> get(caller, url));
		assertFails(() -> get(caller, url));
	}

	/**
	 * Netty's resolver with settings of its own.
	 */
	abstract static class NettyResolver {

		abstract DnsNameResolverBuilder set(DnsNameResolverBuilder builder);

		@Bean
		ClientHttpConnectorBuilderCustomizer<ReactorClientHttpConnectorBuilder> resolver() {
			return (connector) -> connector.withHttpClientCustomizer((client) -> client
				.resolver((spec) -> spec.searchDomains(List.of()).dnsAddressResolverGroupProvider(this::group)));
		}

		private DnsAddressResolverGroup group(DnsNameResolverBuilder builder) {
			return new DnsAddressResolverGroup(set(builder
				.nameServerProvider(
						new SequentialDnsServerAddressStreamProvider(Objects.requireNonNull(LoopbackNames.server())))
				.completeOncePreferredResolved(false)
				.resolvedAddressTypes(ResolvedAddressTypes.IPV4_PREFERRED)));
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class BothTypes extends NettyResolver {

		@Override
		DnsNameResolverBuilder set(DnsNameResolverBuilder builder) {
			return builder;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Impatient extends NettyResolver {

		@Override
		DnsNameResolverBuilder set(DnsNameResolverBuilder builder) {
			return builder.queryTimeoutMillis(50);
		}

	}

	@Configuration(proxyBeanMethods = false)
	@SuppressWarnings("NullAway.Init") // the test's
	static class SecondServer extends NettyResolver {

		private static volatile InetSocketAddress address;

		@Override
		DnsNameResolverBuilder set(DnsNameResolverBuilder builder) {
			return builder.queryTimeoutMillis(300)
				.resolvedAddressTypes(ResolvedAddressTypes.IPV4_ONLY)
				.nameServerProvider(new SequentialDnsServerAddressStreamProvider(
						Objects.requireNonNull(LoopbackNames.server()), address));
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class InKubernetes extends NettyResolver {

		@Override
		DnsNameResolverBuilder set(DnsNameResolverBuilder builder) {
			return builder.ndots(5)
				.searchDomains(List.of("default.svc.cluster.local", "svc.cluster.local", "cluster.local"));
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OfTheJvm {

		@Bean
		ClientHttpRequestFactoryBuilderCustomizer<HttpComponentsClientHttpRequestFactoryBuilder> jvm() {
			return (builder) -> builder.withDnsResolver(SystemDefaultDnsResolver.INSTANCE);
		}

	}

	/**
	 * The JVM's resolver on Alpine.
	 */
	@Configuration(proxyBeanMethods = false)
	static class Musl {

		@Bean
		ClientHttpRequestFactoryBuilderCustomizer<HttpComponentsClientHttpRequestFactoryBuilder> musl() {
			return (builder) -> builder.withDnsResolver(new DnsResolver() {

				@Override
				public InetAddress[] resolve(String host) throws UnknownHostException {
					throw new UnknownHostException(host + ": "
							+ (host.startsWith("unusable") ? "Name has no usable address" : "Name does not resolve"));
				}

				@Override
				public String resolveCanonicalHostname(String host) {
					return host;
				}

			});
		}

	}

}
