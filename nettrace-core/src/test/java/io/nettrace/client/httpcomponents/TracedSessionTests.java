package io.nettrace.client.httpcomponents;

import java.util.EnumSet;
import java.util.List;

import io.nettrace.ConnectionTarget;
import io.nettrace.Hook;
import io.nettrace.NetTrace;
import io.nettrace.instrument.NetTracing;
import org.apache.hc.client5.http.HttpRoute;
import org.apache.hc.core5.concurrent.CancellableDependency;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.message.BasicHttpRequest;
import org.apache.hc.core5.http.nio.AsyncClientExchangeHandler;
import org.apache.hc.core5.http.nio.RequestChannel;
import org.apache.hc.core5.http.nio.command.RequestExecutionCommand;
import org.apache.hc.core5.http.protocol.HttpCoreContext;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.reactor.Command;
import org.apache.hc.core5.reactor.ProtocolIOSession;
import org.junit.jupiter.api.Test;
import org.mockito.Mockito;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.BDDMockito.given;
import static org.mockito.BDDMockito.willAnswer;

class TracedSessionTests {

	private final HookRecorder recorder = new HookRecorder();

	private final AsyncConnections connections = new AsyncConnections(
			new NetTracing(List::of, () -> List.of(this.recorder), EnumSet.allOf(Hook.class)), null);

	private final TracedSession session = (TracedSession) this.connections.connected(library(),
			new HttpRoute(new HttpHost("localhost", 80)), NetTrace.NONE);

	private final CancellableDependency request = Mockito.mock(CancellableDependency.class);

	private final AsyncClientExchangeHandler library = Mockito.mock(AsyncClientExchangeHandler.class);

	TracedSessionTests() throws Exception {
		willAnswer((invocation) -> {
			RequestChannel channel = invocation.getArgument(0);
			channel.sendRequest(new BasicHttpRequest("GET", "/"), null, invocation.getArgument(1));
			return null;
		}).given(this.library).produceRequest(any(), any());
	}

	private static ProtocolIOSession library() {
		ProtocolIOSession session = Mockito.mock(ProtocolIOSession.class);
		Mockito.when(session.getId()).thenReturn("1");
		return session;
	}

	/**
	 * The library has found it open.
	 */
	@Test
	void closedBeforeAnExchangeHasIt() {
		this.session.opened();
		this.session.close(CloseMode.IMMEDIATE);
		TracedExchangeHandler handler = execute();
		handler.failed(new IllegalStateException("closed"));
		handler.releaseResources();
		assertThat(this.recorder.take()).containsExactly("opened", "closed UNKNOWN", "getConn");
	}

	@Test
	void closedBeforeItIsOpen() {
		this.session.close(CloseMode.IMMEDIATE);
		this.session.opened();
		execute();
		assertThat(this.recorder.take()).containsExactly("getConn");
	}

	@Test
	void closedWithItsExchange() {
		execute();
		this.session.close(CloseMode.IMMEDIATE);
		assertThat(this.recorder.take()).containsExactly("getConn", "opened", "acquired 1", "gotConn", "released",
				"closed UNKNOWN");
	}

	/**
	 * The library gives it a request that is cancelled, and gives up then. If another
	 * thread has sent it by then, it has had the connection.
	 */
	@Test
	void sentThoughCancelled() throws Exception {
		given(this.request.isCancelled()).willReturn(true);
		TracedExchangeHandler handler = execute();
		assertThat(this.recorder.take()).containsExactly("getConn");
		handler.produceRequest(Mockito.mock(RequestChannel.class), HttpCoreContext.create());
		handler.cancel();
		handler.releaseResources();
		this.session.close(CloseMode.IMMEDIATE);
		assertThat(this.recorder.take()).containsExactly("opened", "acquired 1", "gotConn", "wroteHeaders",
				"wroteRequest", "responseDone 0 CancellationException", "released", "closed CANCELLED");
	}

	@Test
	void neverSentBecauseCancelled() {
		given(this.request.isCancelled()).willReturn(true);
		TracedExchangeHandler handler = execute();
		handler.cancel();
		handler.releaseResources();
		this.session.close(CloseMode.IMMEDIATE);
		assertThat(this.recorder.take()).containsExactly("getConn");
	}

	private TracedExchangeHandler execute() {
		ExchangeTrace exchange = ExchangeTrace.begin(this.recorder, new ConnectionTarget("localhost", 80, false));
		TracedExchangeHandler handler = new TracedExchangeHandler(this.library, exchange, this.request);
		this.session.enqueue(new RequestExecutionCommand(handler, HttpCoreContext.create()), Command.Priority.NORMAL);
		return handler;
	}

}
