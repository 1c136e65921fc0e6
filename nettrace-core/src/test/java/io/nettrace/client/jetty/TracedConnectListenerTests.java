package io.nettrace.client.jetty;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.util.concurrent.CancellationException;

import io.nettrace.TraceRecorder;
import io.nettrace.instrument.NetTraceAddress;
import io.nettrace.instrument.NetTracing;
import io.nettrace.instrument.RequestTrace;
import org.eclipse.jetty.io.ClientConnector;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * One done for each start, in whatever order Jetty tells of it.
 */
class TracedConnectListenerTests {

	private static final String START = "connectStart tcp 127.0.0.9 80";

	private static final String DONE = "connectDone tcp 127.0.0.9 80";

	private final TraceRecorder recorder = new TraceRecorder();

	private final SocketAddress address = NetTraceAddress.carrying(new InetSocketAddress("127.0.0.9", 80),
			new DialTrace(this.recorder, null, new JettyRequest(RequestTrace.NONE, true, false)));

	private final ClientConnector connector = new ClientConnector();

	private final TracedConnectListener listener = listener(this.connector);

	private final SocketChannel channel;

	TracedConnectListenerTests() throws IOException {
		this.channel = SocketChannel.open();
	}

	private static TracedConnectListener listener(ClientConnector connector) {
		TracedConnectListener.addTo(connector, new NetTracing());
		TracedConnectListener.addTo(connector, new NetTracing());
		return connector.getEventListeners()
			.stream()
			.filter(TracedConnectListener.class::isInstance)
			.map(TracedConnectListener.class::cast)
			.reduce((one, other) -> {
				throw new AssertionError("added twice");
			})
			.orElseThrow();
	}

	@BeforeEach
	void start() throws Exception {
		this.connector.start();
	}

	@AfterEach
	void stop() throws Exception {
		this.connector.stop();
		this.channel.close();
	}

	@Test
	void ignoresWhatFailsOnceItIsConnected() {
		this.listener.onConnectBegin(this.channel, this.address);
		this.listener.onConnectSuccess(this.channel);
		this.listener.onConnectFailure(this.channel, this.address, new IOException());
		assertThat(this.recorder.events()).containsExactly(START, DONE);
	}

	@Test
	void ignoresAFailureAfterTheEndOfTheConnector() throws Exception {
		this.listener.onConnectBegin(this.channel, this.address);
		this.connector.stop();
		this.listener.onConnectFailure(this.channel, this.address, new IOException());
		assertCancelled();
	}

	@Test
	void takesAClosedChannelForACancellation() {
		this.listener.onConnectBegin(this.channel, this.address);
		ClosedChannelException failure = new ClosedChannelException();
		this.listener.onConnectFailure(this.channel, this.address, failure);
		assertCancelled();
		assertThat(this.recorder.errors().get(0)).hasCause(failure);
	}

	@Test
	void cancelsAtOnceIfTheConnectorHasStopped() throws Exception {
		this.connector.stop();
		this.listener.onConnectBegin(this.channel, this.address);
		assertCancelled();
	}

	@Test
	void passesOnAFailure() {
		this.listener.onConnectBegin(this.channel, this.address);
		IOException failure = new IOException();
		this.listener.onConnectFailure(this.channel, this.address, failure);
		assertThat(this.recorder.events()).containsExactly(START, DONE + " IOException");
		assertThat(this.recorder.errors()).containsExactly(failure);
	}

	@Test
	void leavesAddressesWithoutATraceAlone() {
		InetSocketAddress plain = new InetSocketAddress("127.0.0.9", 80);
		this.listener.onConnectBegin(this.channel, plain);
		this.listener.onConnectFailure(this.channel, plain, new IOException());
		assertThat(this.recorder.events()).isEmpty();
	}

	private void assertCancelled() {
		assertThat(this.recorder.events()).containsExactly(START, DONE + " CancellationException");
		assertThat(this.recorder.errors()).singleElement().isInstanceOf(CancellationException.class);
	}

}
