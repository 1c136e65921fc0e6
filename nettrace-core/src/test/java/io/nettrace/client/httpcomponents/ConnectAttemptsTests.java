package io.nettrace.client.httpcomponents;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;

import io.nettrace.NetTrace;
import io.nettrace.instrument.NetTraceAddress;
import org.apache.hc.core5.concurrent.FutureCallback;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.reactor.ConnectionInitiator;
import org.apache.hc.core5.reactor.IOSession;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.mockito.Mockito;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

class ConnectAttemptsTests {

	private static final InetSocketAddress ADDRESS = new InetSocketAddress("127.0.0.1", 80);

	private final List<String> events = new ArrayList<>();

	private final ConnectAttempts attempts = new ConnectAttempts();

	private @Nullable FutureCallback<IOSession> attempt;

	private @Nullable SocketAddress connectedTo;

	@BeforeEach
	void connect() {
		connect(ADDRESS);
	}

	private void connect(SocketAddress address) {
		ConnectionInitiator reactor = (endpoint, remoteAddress, localAddress, timeout, attachment, callback) -> {
			this.attempt = callback;
			this.connectedTo = remoteAddress;
			return new CompletableFuture<>();
		};
		connect(reactor, address);
	}

	@SuppressWarnings("FutureReturnValueIgnored")
	private void connect(ConnectionInitiator reactor, SocketAddress address) {
		this.attempts.traced(reactor, new Recorder("operation"))
			.connect(new HttpHost("a.test", 80), address, null, null, null, new Caller());
	}

	private FutureCallback<IOSession> attempt() {
		return Objects.requireNonNull(this.attempt);
	}

	@Test
	void connects() {
		attempt().completed(Mockito.mock(IOSession.class));
		assertThat(this.events).containsExactly("operation start tcp", "operation done tcp null", "completed");
	}

	@Test
	void fails() {
		attempt().failed(new IOException("refused"));
		assertThat(this.events).containsExactly("operation start tcp", "operation done tcp IOException", "failed");
	}

	@Test
	void isCancelled() {
		attempt().cancelled();
		assertThat(this.events).containsExactly("operation start tcp", "operation done tcp CancellationException",
				"cancelled");
	}

	@Test
	void endsOnceWhenTheManagerIsClosed() {
		this.attempts.cancelAll();
		assertThat(this.events).containsExactly("operation start tcp", "operation done tcp CancellationException");
		this.attempts.cancelAll();
		attempt().failed(new IOException("closed"));
		assertThat(this.events).containsExactly("operation start tcp", "operation done tcp CancellationException",
				"failed");
	}

	@Test
	void endsWhenTheReactorDoesNotTakeIt() {
		this.events.clear();
		assertThatIllegalStateException()
			.isThrownBy(() -> connect((endpoint, remoteAddress, localAddress, timeout, attachment, callback) -> {
				throw new IllegalStateException("shut down");
			}, ADDRESS));
		assertThat(this.events).containsExactly("operation start tcp", "operation done tcp IllegalStateException");
	}

	@Test
	void belongsToTheTraceThatTheAddressCarries() {
		this.events.clear();
		connect(NetTraceAddress.carrying(ADDRESS, new Recorder("carried")));
		attempt().completed(Mockito.mock(IOSession.class));
		assertThat(this.events).containsExactly("carried start tcp", "carried done tcp null", "completed");
	}

	/**
	 * A channel keeps the very address that it connects to.
	 */
	@Test
	void reactorGetsAnAddressThatCarriesNothing() {
		InetSocketAddress carrying = NetTraceAddress.carrying(ADDRESS, new Recorder("carried"));
		connect(carrying);
		assertThat(this.connectedTo).isEqualTo(carrying).hasToString(carrying.toString());
		assertThat(NetTraceAddress.traceOf(this.connectedTo)).isNull();
	}

	@Test
	void tellsUnixDomainSockets() {
		this.events.clear();
		connect(UnixDomainSocketAddress.of("s"));
		attempt().completed(Mockito.mock(IOSession.class));
		assertThat(this.events).containsExactly("operation start unix", "operation done unix null", "completed");
	}

	private final class Recorder implements NetTrace {

		private final String name;

		Recorder(String name) {
			this.name = name;
		}

		@Override
		public void connectStart(String network, SocketAddress address) {
			ConnectAttemptsTests.this.events.add(this.name + " start " + network);
		}

		@Override
		public void connectDone(String network, SocketAddress address, @Nullable Throwable error) {
			ConnectAttemptsTests.this.events.add(this.name + " done " + network + " "
					+ ((error != null) ? error.getClass().getSimpleName() : "null"));
		}

	}

	private final class Caller implements FutureCallback<IOSession> {

		@Override
		public void completed(IOSession session) {
			ConnectAttemptsTests.this.events.add("completed");
		}

		@Override
		public void failed(Exception failure) {
			ConnectAttemptsTests.this.events.add("failed");
		}

		@Override
		public void cancelled() {
			ConnectAttemptsTests.this.events.add("cancelled");
		}

	}

}
