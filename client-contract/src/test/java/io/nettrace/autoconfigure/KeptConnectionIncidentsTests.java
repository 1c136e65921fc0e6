package io.nettrace.autoconfigure;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;

import io.nettrace.autoconfigure.Incident.Staged;
import io.nettrace.autoconfigure.TracedClient.Caller;
import org.junit.jupiter.api.Test;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.HttpMethod;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Connections that were kept and are of no use any more.
 */
class KeptConnectionIncidentsTests extends IncidentTest {

	private static final String DURATION = "http.client.connection.duration";

	private static final String CLOSED = "nettrace.connection.closed";

	@Test
	@Staged({ 20, 21, 23 })
	void peerClosesBeforeTheResponse() {
		serve();
		Caller caller = start(TracedClient.WEB_CLIENT_ON_REACTOR_NETTY, List.of());
		get(caller, url("/"));
		awaitIdle();
		assertFails(() -> get(caller, url("/drop")));
		awaitCount(1, DURATION, CLOSED, "peer");
		assertThat(request(0)).doesNotContainKeys("nettrace.failures", "nettrace.connection.idle");
		assertThat(request(1).get("nettrace.verdict.detail")).asString()
			.matches("kept \\d+\\.\\d s idle, closed by the peer before the first byte");
	}

	@Test
	@Staged(22)
	void serverSaysCloseAndClosesInTheResponse() {
		AtomicBoolean whole = new AtomicBoolean(true);
		serve(PhaseServer.start(SERVER, (server, socket) -> {
			socket.getInputStream().read(new byte[4096]);
			String response = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\no"
					+ (whole.getAndSet(false) ? "k" : "");
			socket.getOutputStream().write(response.getBytes(StandardCharsets.US_ASCII));
		}));
		Caller caller = start(TracedClient.REST_CLIENT_ON_REACTOR_NETTY, List.of());
		get(caller, url("/"));
		awaitCount(1, DURATION, CLOSED, "not_kept");
		assertFails(() -> get(caller, url("/")));
		awaitCount(2, DURATION);
		assertThat(request(1)).doesNotContainKey("nettrace.verdict.detail");
	}

	@Test
	@Staged({ 24, 25 })
	void loadBalancerForgetsAnIdleConnection() {
		serve();
		Caller caller = start(TracedClient.WEB_CLIENT_ON_REACTOR_NETTY, List.of(),
				"spring.http.clients.read-timeout=300ms");
		get(caller, url("/"));
		awaitIdle();
		get(caller, url("/"));
		awaitIdle();
		assertFails(() -> get(caller, url("/held")));
		awaitCount(1, DURATION, CLOSED, "timed_out");
		assertThat(request(2)).containsEntry("nettrace.connection.requests", 3L);
	}

	@Test
	@Staged({ 26, 27 })
	void peerResetsAnIdleConnection() {
		serve();
		Caller caller = start(TracedClient.WEB_CLIENT_ON_REACTOR_NETTY, List.of());
		get(caller, url("/"));
		awaitIdle();
		assertFails(() -> get(caller, url("/reset")));
		awaitCount(1, DURATION, CLOSED, "reset");
		assertThat(request(1).get("nettrace.verdict.detail")).asString().contains("reset by the peer");
	}

	/**
	 * A POST, which the library does not send again.
	 */
	@Test
	@Staged({ 29, 30, 31, 32 })
	void peerHasClosedAKeptConnection() {
		peerHasClosedAKeptConnection(TracedClient.REST_CLIENT_ON_HTTP_COMPONENTS);
	}

	/**
	 * Of an SDK that does not let OkHttp send again: it would, whatever the method.
	 */
	@Test
	@Staged(28)
	void peerHasClosedAKeptConnectionOfOkHttp() {
		peerHasClosedAKeptConnection(TracedClient.OK_HTTP, OnlyOnce.class);
	}

	private void peerHasClosedAKeptConnection(TracedClient client, Class<?>... configurations) {
		serve();
		Caller caller = start(client, List.of(configurations));
		get(caller, url("/"));
		assertFails(() -> caller.exchange(HttpMethod.POST, url("/drop"), Map.of(), "order"));
		awaitCount(1, DURATION, CLOSED, "peer");
		assertThat(request(1)).containsEntry("nettrace.exchanges", 1L)
			.containsEntry("nettrace.connection.id", request(0).get("nettrace.connection.id"));
		assertThat((Double) request(1).get("nettrace.connection.age"))
			.isGreaterThanOrEqualTo((Double) request(1).get("nettrace.connection.idle"));
	}

	@Configuration(proxyBeanMethods = false)
	static class OnlyOnce {

		@Bean
		OkHttpSettings.Customizer onlyOnce() {
			return (builder) -> builder.retryOnConnectionFailure(false);
		}

	}

}
