package io.nettrace.client;

import java.io.IOException;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;

import io.nettrace.CloseReason;
import io.nettrace.Hook;
import io.nettrace.instrument.NetTracing;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * Requests on a client that does not block which end in the middle of a phase: each start
 * has one done, with the error, and nothing comes after it that has not happened.
 */
public abstract class AbstractEndedPhaseTests {

	/**
	 * How long a phase may take that is to time out.
	 */
	protected static final Duration SHORT = Duration.ofMillis(300);

	/**
	 * More than fits into the buffers of two sockets.
	 */
	protected static final int LARGE = 50_000_000;

	private static final Duration AT_MOST = Duration.ofSeconds(20);

	private static final String DIAL = "getConn, connectStart, connectDone, ";

	private static final String CONNECTED = "HTTP/1.1 200 Connected\r\n\r\n";

	private static final String HALF_A_BODY = "HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nhi";

	private final RecordedHooks hooks = RecordedHooks.withErrorTypes();

	private final RecordedHooks connections = RecordedHooks.withErrorTypes();

	private final SilentServer server = SilentServer.start();

	/**
	 * Writes down what a client tells.
	 */
	protected final NetTracing tracing = new NetTracing(() -> List.of((request) -> this.hooks.trace()),
			() -> List.of(this.connections.listener()), EnumSet.allOf(Hook.class));

	/**
	 * How a request ends.
	 */
	protected enum End {

		CANCELLED("cancelled"), TIMED_OUT("timed_out"), RESET("connection_reset"), CLOSED("connection_closed");

		private final String error;

		End(String error) {
			this.error = error;
		}

	}

	/**
	 * What a request is doing when it ends.
	 */
	protected enum Phase {

		PROXY("proxyStart"), HANDSHAKE("tlsHandshakeStart"), SENDING("wroteHeaders"), CONTINUE("wait100Continue"),
		FIRST_BYTE("wroteRequest"), RECEIVING("gotFirstResponseByte");

		private final String start;

		Phase(String start) {
			this.start = start;
		}

	}

	/**
	 * A request.
	 *
	 * @param port the port of the server, or of the proxy, on 127.0.0.1
	 * @param secure whether it is over TLS
	 * @param proxied whether by a proxy
	 * @param body the size of its body, 0 for none
	 * @param expectsContinue whether the body waits for {@code 100 Continue}
	 * @param timesOut whether each phase may take {@link #SHORT}
	 */
	protected record Sent(int port, boolean secure, boolean proxied, int body, boolean expectsContinue,
			boolean timesOut) {

		public String url() {
			return (this.secure ? "https" : "http") + "://127.0.0." + (this.proxied ? "2:" : "1:") + this.port + "/";
		}

	}

	/**
	 * Send a request with a client that trusts anything, does not try again and calls the
	 * hooks.
	 * @param sent what to send
	 * @return gives the request up
	 * @throws Exception if it cannot be sent
	 */
	protected abstract Runnable send(Sent sent) throws Exception;

	/**
	 * Whether the library ends a phase in this way.
	 * @param phase the phase
	 * @param end how the request ends
	 * @return whether it does
	 */
	protected abstract boolean ends(Phase phase, End end);

	/**
	 * Whether the library tells a reset from the end of a connection.
	 * @return whether it does
	 */
	protected abstract boolean tellsResets();

	@AfterEach
	void stopServer() throws IOException {
		this.server.close();
	}

	private void end(Phase phase, End end, boolean secure, boolean proxied, int body) throws Exception {
		assumeTrue(ends(phase, end), "the library goes on");
		assumeTrue(phase != Phase.SENDING || end != End.CLOSED, "what was not read makes it a reset");
		Runnable cancel = send(
				new Sent(this.server.port(), secure, proxied, body, phase == Phase.CONTINUE, end == End.TIMED_OUT));
		await().atMost(AT_MOST).until(() -> this.hooks.names().contains(phase.start));
		if (end == End.CANCELLED) {
			cancel.run();
		}
		else if (end != End.TIMED_OUT) {
			this.server.end(end == End.RESET);
		}
	}

	private void showsHooks(String hooks, End end) {
		List<String> expected = List.of(hooks.replace("!", end.error).split(", "));
		await().atMost(AT_MOST)
			.untilAsserted(() -> assertThat(told(this.hooks, "connection_closed", "connection_reset", end))
				.isEqualTo(expected));
	}

	private void showsConnection(End end) {
		await().atMost(AT_MOST)
			.untilAsserted(() -> assertThat(told(this.connections, "PEER", "RESET", end)).containsExactly("opened",
					"acquired", "released", "closed " + ((end == End.CLOSED) ? CloseReason.PEER : end)));
	}

	private List<String> told(RecordedHooks recorded, String closed, String reset, End end) {
		boolean mayBeClosed = end == End.RESET && !tellsResets();
		return recorded.names().stream().map((name) -> mayBeClosed ? name.replace(closed, reset) : name).toList();
	}

	@ParameterizedTest
	@EnumSource
	void handshake(End end) throws Exception {
		end(Phase.HANDSHAKE, end, true, false, 0);
		showsHooks(DIAL + "tlsHandshakeStart, tlsHandshakeDone !", end);
		assertThat(this.connections.names()).isEmpty();
	}

	@ParameterizedTest
	@EnumSource
	void proxy(End end) throws Exception {
		end(Phase.PROXY, end, true, true, 0);
		showsHooks(DIAL + "proxyStart, proxyDone !", end);
		assertThat(this.connections.names()).isEmpty();
	}

	@ParameterizedTest
	@EnumSource
	void handshakeBehindAProxy(End end) throws Exception {
		this.server.answer(CONNECTED);
		end(Phase.HANDSHAKE, end, true, true, 0);
		showsHooks(DIAL + "proxyStart, proxyDone, tlsHandshakeStart, tlsHandshakeDone !", end);
		assertThat(this.connections.names()).isEmpty();
	}

	@ParameterizedTest
	@EnumSource
	void sending(End end) throws Exception {
		end(Phase.SENDING, end, false, false, LARGE);
		showsHooks(DIAL + "gotConn, wroteHeaders, wroteRequest !, responseDone 0 !", end);
		showsConnection(end);
	}

	@ParameterizedTest
	@EnumSource
	void waitingToContinue(End end) throws Exception {
		end(Phase.CONTINUE, end, false, false, 2);
		showsHooks(DIAL + "gotConn, wroteHeaders, wait100Continue, wroteRequest !, responseDone 0 !", end);
		showsConnection(end);
	}

	@ParameterizedTest
	@EnumSource
	void waitingForTheFirstByte(End end) throws Exception {
		end(Phase.FIRST_BYTE, end, false, false, 0);
		showsHooks(DIAL + "gotConn, wroteHeaders, wroteRequest, responseDone 0 !", end);
		showsConnection(end);
	}

	@ParameterizedTest
	@EnumSource
	void receiving(End end) throws Exception {
		this.server.answer(HALF_A_BODY);
		end(Phase.RECEIVING, end, false, false, 0);
		showsHooks(DIAL + "gotConn, wroteHeaders, wroteRequest, gotFirstResponseByte, responseDone 200 !", end);
		showsConnection(end);
	}

}
