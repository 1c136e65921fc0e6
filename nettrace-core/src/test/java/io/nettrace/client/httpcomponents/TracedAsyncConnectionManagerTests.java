package io.nettrace.client.httpcomponents;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

import io.nettrace.NetTrace;
import io.nettrace.NetTraceContext;
import io.nettrace.Resolver;
import io.nettrace.instrument.NetTracing;
import org.apache.hc.client5.http.async.AsyncExecRuntime;
import org.apache.hc.client5.http.nio.AsyncClientConnectionManager;
import org.apache.hc.client5.http.nio.AsyncConnectionEndpoint;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.reactor.ConnectionInitiator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.mockito.Mockito;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.BDDMockito.given;

class TracedAsyncConnectionManagerTests {

	private final List<String> events = new ArrayList<>();

	private final NetTracing tracing = new NetTracing((client) -> new NetTrace() {

		@Override
		public void connectStart(String network, SocketAddress address) {
			TracedAsyncConnectionManagerTests.this.events.add("connectStart");
		}

		@Override
		public void connectDone(String network, SocketAddress address, @Nullable Throwable error) {
			TracedAsyncConnectionManagerTests.this.events
				.add("connectDone " + Objects.requireNonNull(error).getClass().getSimpleName());
		}

	});

	private final AsyncClientConnectionManager library = Mockito.mock(AsyncClientConnectionManager.class);

	private final TracedAsyncConnectionManager manager = TracedAsyncConnectionManager.wrap(this.library, this.tracing);

	private final Resolver resolver = (network, host) -> List.of();

	@Test
	void threadHasTheDialWhileTheLibraryConnectsAndNotLonger() {
		List<@Nullable NetTrace> dials = new ArrayList<>();
		whenConnecting(() -> {
			dials.add(CarriedByThread.DIAL.get());
			assertThat(NetTraceContext.current().resolver()).isSameAs(this.resolver);
			if (dials.size() == 1) {
				connect();
				dials.add(CarriedByThread.DIAL.get());
			}
		});
		connect();
		assertThat(dials).hasSize(3).doesNotContainNull();
		assertThat(dials.get(2)).isSameAs(dials.get(0)).isNotSameAs(dials.get(1));
		assertThat(CarriedByThread.DIAL.get()).isNull();
		assertThat(NetTraceContext.current()).isSameAs(NetTraceContext.empty());
	}

	@Test
	void threadHasNothingAfterAFailure() {
		whenConnecting(() -> {
			throw new IllegalStateException("shut down");
		});
		assertThatIllegalStateException().isThrownBy(this::connect);
		assertThat(CarriedByThread.DIAL.get()).isNull();
		assertThat(NetTraceContext.current()).isSameAs(NetTraceContext.empty());
	}

	/**
	 * The I/O reactor drops what is under way when it is closed (httpcore 5.4).
	 */
	@Test
	void closingEndsAttemptsOfWhichTheLibrarySaysNothing() throws Exception {
		ConnectionInitiator reactor = Mockito.mock(ConnectionInitiator.class);
		given(this.library.connect(any(), any(), any(), any(), any(), any())).willAnswer((invocation) -> {
			ConnectionInitiator initiator = invocation.getArgument(1);
			return initiator.connect(new HttpHost("a.test", 80), new InetSocketAddress("127.0.0.1", 80), null, null,
					null, null);
		});
		connect(reactor);
		this.manager.close(CloseMode.IMMEDIATE);
		assertThat(this.events).containsExactly("connectStart", "connectDone CancellationException");
		this.events.clear();
		connect(reactor);
		assertThat(this.events).containsExactly("connectStart", "connectDone CancellationException");
	}

	private void whenConnecting(Runnable work) {
		given(this.library.connect(any(), any(), any(), any(), any(), any())).willAnswer((invocation) -> {
			work.run();
			return null;
		});
	}

	private void connect() {
		connect(Mockito.mock(ConnectionInitiator.class));
	}

	@SuppressWarnings("FutureReturnValueIgnored")
	private void connect(ConnectionInitiator reactor) {
		NetTraceContext.Scope scope = NetTraceContext.empty().withResolver(this.resolver).open();
		TracedAsyncExecRuntime runtime = new TracedAsyncExecRuntime(Mockito.mock(AsyncExecRuntime.class),
				this.tracing.request("test", null, -1));
		scope.close();
		TracedAsyncExecRuntime outer = CarriedByThread.CONNECTING.begin(runtime);
		try {
			this.manager.connect(Mockito.mock(AsyncConnectionEndpoint.class), reactor, null, null, null, null);
		}
		finally {
			CarriedByThread.CONNECTING.end(outer);
		}
	}

}
