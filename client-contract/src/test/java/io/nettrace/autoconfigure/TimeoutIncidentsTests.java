package io.nettrace.autoconfigure;

import java.util.List;

import io.nettrace.autoconfigure.Incident.Staged;
import io.nettrace.autoconfigure.TracedClient.Call;
import io.nettrace.autoconfigure.TracedClient.Caller;
import io.nettrace.test.BlackHole;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Which timeout was it, and of which library?
 */
class TimeoutIncidentsTests extends IncidentTest {

	private static final String CONNECTS = "socket.connect.duration";

	@Test
	@Staged(52)
	void readTimeoutOnAKeptTlsConnection() {
		serve(AUTHORITY.server(HOST));
		Caller caller = start(TracedClient.REST_CLIENT_ON_HTTP_COMPONENTS, List.of(),
				"spring.http.clients.read-timeout=500ms");
		get(caller, secureUrl("/"));
		assertFails(() -> get(caller, secureUrl("/held")));
		assertThat(request(1)).doesNotContainKeys("nettrace.phase.connect", "nettrace.phase.tls");
	}

	/**
	 * All libraries are on the class path.
	 */
	@Test
	@Staged(53)
	void libraryThatRuns() {
		serve();
		Caller caller = start(TracedClient.REST_CLIENT_ON_JETTY, List.of());
		get(caller, url("/"));
		assertThat(count(CONNECTS, "nettrace.client", "jetty")).isEqualTo(count(CONNECTS)).isEqualTo(1);
	}

	@Test
	@Staged(54)
	void serverThatAnswersTooLate() {
		serve();
		Caller caller = start(TracedClient.REST_CLIENT_ON_HTTP_COMPONENTS, List.of(),
				"spring.http.clients.read-timeout=300ms");
		assertFails(() -> get(caller, url("/held")));
		assertThat(request(0)).containsEntry("nettrace.connection.reused", false);
	}

	@Test
	@Staged({ 55, 56, 61 })
	void connectThatIsNotAnswered() throws Exception {
		serve();
		Caller caller = start(TracedClient.REST_CLIENT_ON_HTTP_COMPONENTS, List.of(),
				"spring.http.clients.connect-timeout=500ms", "nettrace.meters.active=true");
		Held answered = startHeld(caller, url("/held"));
		BlackHole hole = closedAfterwards(BlackHole.open(SERVER, 0));
		Call call = caller.start("http://" + HOST + ":" + hole.address().getPort() + "/");
		awaitLong();
		look();
		awaitFailure(call);
		assertThat(count(CONNECTS, "server.address", HOST, "error.type", "timed_out")).isEqualTo(1);
		assertThat(count(CONNECTS, "server.address", HOST, "nettrace.connect.outcome", "connected")).isEqualTo(1);
		assertThat(gauge("http.client.open_connections")).isEqualTo(1);
		server().release();
		await(answered.call());
	}

}
