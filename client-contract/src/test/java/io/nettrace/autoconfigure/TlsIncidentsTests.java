package io.nettrace.autoconfigure;

import java.time.Duration;
import java.util.List;

import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;

import io.nettrace.autoconfigure.Incident.Staged;
import io.nettrace.autoconfigure.TracedClient.Caller;
import io.nettrace.test.TestAuthority;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import org.junit.jupiter.api.Test;
import org.springframework.boot.http.client.autoconfigure.reactive.ClientHttpConnectorBuilderCustomizer;
import org.springframework.boot.http.client.reactive.ReactorClientHttpConnectorBuilder;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Handshakes that hang, are slow or fail, and certificates.
 */
class TlsIncidentsTests extends IncidentTest {

	private static final String HANDSHAKES = "tls.handshake.duration";

	@Test
	@Staged(45)
	void handshakeThatHangs() throws Exception {
		serve(PhaseServer.start(SERVER, (server, socket) -> {
			socket.getInputStream().read(new byte[4096]);
			server.hold();
		}));
		Caller caller = start(TracedClient.WEB_CLIENT_ON_REACTOR_NETTY, List.of(ShortHandshake.class),
				"nettrace.meters.active=true");
		Held held = startHeld(caller, secureUrl("/"));
		look();
		awaitFailure(held.call());
		awaitCount(1, HANDSHAKES, "error.type", "timed_out");
		assertThat(count("socket.connect.duration", "nettrace.connect.outcome", "connected")).isEqualTo(1);
	}

	@Test
	@Staged({ 47, 49 })
	void firstHandshakeIsSlow() throws Exception {
		serveSlowHandshakes();
		Caller caller = start(TracedClient.WEB_CLIENT_ON_REACTOR_NETTY, List.of());
		Held first = startHeld(caller, secureUrl("/"));
		first.awaitLong();
		server().release();
		await(first.call());
		awaitIdle();
		get(caller, secureUrl("/"));
		assertThat(request(1)).containsEntry("nettrace.connection.reused", true)
			.doesNotContainKeys("nettrace.phase.dns", "nettrace.phase.connect", "nettrace.phase.tls");
	}

	/**
	 * A server that shakes hands when it is released.
	 */
	private void serveSlowHandshakes() {
		TestAuthority.Server identity = AUTHORITY.server(HOST);
		serve(PhaseServer.start(SERVER, (server, socket) -> {
			server.hold();
			SSLSocket secured = (SSLSocket) identity.context()
				.getSocketFactory()
				.createSocket(socket, HOST, socket.getPort(), true);
			secured.setUseClientMode(false);
			server.talk(secured);
		}));
	}

	@Test
	@Staged(14)
	void firstCall() {
		firstCall(TracedClient.REST_CLIENT_ON_HTTP_COMPONENTS);
	}

	@Test
	@Staged(48)
	void firstCallOfOkHttp() {
		firstCall(TracedClient.OK_HTTP);
	}

	private void firstCall(TracedClient client) {
		serve(AUTHORITY.server(HOST));
		Caller caller = start(client, List.of());
		get(caller, secureUrl("/last"));
		get(caller, secureUrl("/"));
		get(caller, secureUrl("/"));
		assertThat(count("socket.connect.duration")).isEqualTo(2);
		assertThat(count(HANDSHAKES, "error.type", "none")).isEqualTo(2);
		assertThat(request(2)).doesNotContainKeys("nettrace.phase.connect", "nettrace.phase.tls");
	}

	@Test
	@Staged(50)
	void certificateThatExpires() {
		serve(AUTHORITY.server(HOST));
		Caller caller = start(TracedClient.REST_CLIENT_ON_HTTP_COMPONENTS, List.of());
		get(caller, secureUrl("/"));
		assertThat(gauge("tls.server.certificate.expiry")).isPositive()
			.isLessThanOrEqualTo((double) Duration.ofDays(1).toSeconds());
		look();
		serve(AUTHORITY.expiredServer(HOST));
		assertFails(() -> get(caller, secureUrl("/")));
		assertThat(count(HANDSHAKES, "error.type", "certificate_expired")).isEqualTo(1);
	}

	@Test
	@Staged(51)
	void authorityThatIsNotTrusted() {
		serve(TestAuthority.create("another").server(HOST));
		Caller caller = start(TracedClient.REST_CLIENT_ON_HTTP_COMPONENTS, List.of());
		assertFails(() -> get(caller, secureUrl("/")));
		assertThat(count(HANDSHAKES, "server.address", HOST, "error.type", "certificate_untrusted")).isEqualTo(1);
		assertThat(request(0)).doesNotContainKey("nettrace.connection.id");
	}

	@Configuration(proxyBeanMethods = false)
	static class ShortHandshake {

		@Bean
		ClientHttpConnectorBuilderCustomizer<ReactorClientHttpConnectorBuilder> shortHandshake() throws SSLException {
			SslContext context = SslContextBuilder.forClient().build();
			return (builder) -> builder.withHttpClientCustomizer((client) -> client
				.secure((tls) -> tls.sslContext(context).handshakeTimeout(Duration.ofMillis(300))));
		}

	}

}
