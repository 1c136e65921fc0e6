package io.nettrace.autoconfigure;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.util.List;

import io.nettrace.autoconfigure.Incident.Staged;
import io.nettrace.autoconfigure.TracedClient.Caller;
import io.nettrace.test.BlackHole;
import io.nettrace.test.DnsAnswer;
import io.nettrace.test.RefusingAddress;
import org.apache.hc.client5.http.impl.InMemoryDnsResolver;
import org.junit.jupiter.api.Test;
import org.springframework.boot.http.client.HttpComponentsClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.autoconfigure.ClientHttpRequestFactoryBuilderCustomizer;
import org.springframework.boot.http.client.autoconfigure.reactive.ClientHttpConnectorBuilderCustomizer;
import org.springframework.boot.http.client.reactive.ReactorClientHttpConnectorBuilder;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Addresses that do not answer, that have no port left, or that all requests go to.
 */
class AddressIncidentsTests extends IncidentTest {

	private static final String CONNECTS = "socket.connect.duration";

	private static final String IPV6 = "::1";

	@Test
	@Staged({ 63, 65 })
	void ipv6AddressThatDoesNotAnswer() {
		serve();
		closedAfterwards(BlackHole.open(IPV6, server().port()));
		Caller caller = start(TracedClient.REST_CLIENT_ON_HTTP_COMPONENTS, List.of(Ipv6First.class),
				"spring.http.clients.connect-timeout=300ms");
		get(caller, url("/"));
		assertThat(count(CONNECTS, "network.type", "ipv6", "error.type", "timed_out")).isEqualTo(1);
		assertThat(count(CONNECTS, "network.type", "ipv4", "nettrace.connect.outcome", "connected")).isEqualTo(1);
	}

	@Test
	@Staged(64)
	void hostWithIpv6Alone() {
		serve(PhaseServer.start(IPV6));
		dns().set(HOST, DnsAnswer.addresses(IPV6));
		Caller caller = start(TracedClient.WEB_CLIENT_ON_REACTOR_NETTY, List.of());
		get(caller, url("/"));
		assertThat(count(CONNECTS, "network.type", "ipv4")).isZero();
	}

	@Test
	@Staged(62)
	void noLocalPortIsLeft() throws Exception {
		serve();
		ServerSocket taken = closedAfterwards(new ServerSocket());
		taken.bind(new InetSocketAddress(SERVER, 0));
		Caller caller = start(TracedClient.WEB_CLIENT_ON_REACTOR_NETTY, List.of(OneLocalPort.class));
		OneLocalPort ports = application().bean(OneLocalPort.class);
		get(caller, url("/last"));
		get(caller, url("/last"));
		awaitCount(2, "http.client.connection.duration", "nettrace.connection.closed", "not_kept");
		ports.local = taken.getLocalSocketAddress();
		assertFails(() -> get(caller, url("/")));
		assertThat(count(CONNECTS, "error.type", "address_not_available")).isEqualTo(1);
		assertThat(count(CONNECTS, "nettrace.connect.outcome", "connected")).isEqualTo(2);
	}

	/**
	 * A new connection would go to the new pod, which refuses it.
	 */
	@Test
	@Staged({ 66, 67 })
	void allRequestsGoToTheOldPod() {
		serve();
		closedAfterwards(RefusingAddress.open("127.0.0.10", server().port()));
		Caller caller = start(TracedClient.WEB_CLIENT_ON_HTTP_COMPONENTS, List.of());
		get(caller, url("/"));
		dns().set(HOST, DnsAnswer.addresses("127.0.0.10"));
		for (int i = 0; i < 2; i++) {
			awaitIdle();
			get(caller, url("/"));
		}
		assertThat(request(2)).containsEntry("nettrace.connection.id", request(0).get("nettrace.connection.id"));
		assertThat(count(CONNECTS)).isEqualTo(1);
	}

	/**
	 * Addresses in the order of the system's, as with
	 * {@code java.net.preferIPv6Addresses=system}.
	 */
	@Configuration(proxyBeanMethods = false)
	static class Ipv6First {

		@Bean
		ClientHttpRequestFactoryBuilderCustomizer<HttpComponentsClientHttpRequestFactoryBuilder> ipv6First()
				throws UnknownHostException {
			InMemoryDnsResolver resolver = new InMemoryDnsResolver();
			resolver.add(HOST, InetAddress.getByName(IPV6), InetAddress.getByName(SERVER));
			return (builder) -> builder.withDnsResolver(resolver);
		}

	}

	/**
	 * The local address of each connection.
	 */
	@Configuration(proxyBeanMethods = false)
	static class OneLocalPort {

		private volatile SocketAddress local = new InetSocketAddress(SERVER, 0);

		@Bean
		ClientHttpConnectorBuilderCustomizer<ReactorClientHttpConnectorBuilder> bound() {
			return (builder) -> builder.withHttpClientCustomizer((client) -> client.bindAddress(() -> this.local));
		}

	}

}
