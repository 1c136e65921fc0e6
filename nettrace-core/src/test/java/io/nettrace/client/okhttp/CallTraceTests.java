package io.nettrace.client.okhttp;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.Socket;
import java.util.EnumSet;
import java.util.List;

import io.nettrace.Hook;
import io.nettrace.client.RecordedHooks;
import io.nettrace.instrument.NetTracing;
import okhttp3.Call;
import okhttp3.Connection;
import okhttp3.EventListener;
import okhttp3.HttpUrl;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.Response;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.mockito.Answers;
import org.mockito.Mockito;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Orders of events that only a busy machine produces.
 */
class CallTraceTests {

	private static final InetSocketAddress FIRST = new InetSocketAddress("127.0.0.1", 80);

	private static final InetSocketAddress LATE = new InetSocketAddress("127.0.0.2", 80);

	private final RecordedHooks hooks = new RecordedHooks();

	private final RecordedHooks connections = new RecordedHooks();

	private final NetTracing tracing = new NetTracing(() -> List.of((request) -> this.hooks.trace()),
			() -> List.of(this.connections.listener()), EnumSet.allOf(Hook.class));

	private final Request request = new Request.Builder().url("http://localhost/").build();

	private final Call call = new OkHttpClient().newCall(this.request);

	private final EventListener listener = new TracedListenerFactory((call) -> EventListener.NONE, this.tracing,
			new OkHttpConnections(this.tracing))
		.create(this.call);

	private final Connection connection = Mockito.mock(Connection.class, Answers.RETURNS_DEEP_STUBS);

	@BeforeEach
	void acquire() {
		Mockito.when(this.connection.protocol()).thenReturn(Protocol.H2_PRIOR_KNOWLEDGE);
		Mockito.when(this.connection.socket()).thenReturn(new Socket());
		Mockito.when(this.connection.route().address().url()).thenReturn(HttpUrl.get("http://localhost/"));
		Mockito.when(this.connection.route().proxy()).thenReturn(Proxy.NO_PROXY);
		this.listener.callStart(this.call);
		this.listener.connectStart(this.call, FIRST, Proxy.NO_PROXY);
		this.listener.connectEnd(this.call, FIRST, Proxy.NO_PROXY, Protocol.H2_PRIOR_KNOWLEDGE);
		this.listener.connectionAcquired(this.call, this.connection);
	}

	/**
	 * Attempts of a race tell of themselves on threads of their own: one may begin when
	 * another one has won, and its call has failed already.
	 */
	private void failWhileAnAttemptHasNotBegun() {
		send();
		this.listener.retryDecision(this.call, new IOException("the stream is refused"), true);
		this.listener.connectStart(this.call, LATE, Proxy.NO_PROXY);
	}

	private void send() {
		this.listener.requestHeadersStart(this.call);
		this.listener.requestHeadersEnd(this.call, this.request);
	}

	private void end() {
		IOException failure = new IOException("in the end");
		this.listener.responseFailed(this.call, failure);
		this.listener.connectionReleased(this.call, this.connection);
		this.listener.callFailed(this.call, failure);
	}

	@Test
	void aConnectionIsReleasedByTheExchangeThatHasIt() {
		failWhileAnAttemptHasNotBegun();
		this.listener.connectionReleased(this.call, this.connection);
		assertThat(this.connections.names()).containsExactly("opened", "acquired", "released");
		this.listener.connectionAcquired(this.call, this.connection);
		send();
		end();
		assertThat(this.connections.names()).containsExactly("opened", "acquired", "released", "acquired", "released");
		assertThat(this.hooks.names()).filteredOn((name) -> name.endsWith("Conn"))
			.containsExactly("getConn", "gotConn", "getConn", "gotConn");
	}

	@Test
	void theNextExchangeHasTheConnectionThatOkHttpHasKept() {
		failWhileAnAttemptHasNotBegun();
		send();
		end();
		assertThat(this.connections.names()).containsExactly("opened", "acquired", "released", "acquired", "released");
		assertThat(this.hooks.names()).filteredOn((name) -> !name.startsWith("connect"))
			.containsExactly("getConn", "gotConn", "wroteHeaders", "wroteRequest", "responseDone 0 IOException",
					"getConn", "gotConn", "wroteHeaders", "wroteRequest", "responseDone 0 IOException");
	}

	@Test
	void theNextExchangeHasItAlsoIfTheOneBeforeFailedInItsHead() {
		IOException failure = new IOException("the connection is shut down");
		this.listener.requestHeadersStart(this.call);
		this.listener.requestFailed(this.call, failure);
		this.listener.retryDecision(this.call, failure, true);
		this.listener.connectStart(this.call, LATE, Proxy.NO_PROXY);
		send();
		end();
		assertThat(this.connections.names()).containsExactly("opened", "acquired", "released", "acquired", "released");
		assertThat(this.hooks.names()).filteredOn((name) -> !name.startsWith("connect"))
			.containsExactly("getConn", "gotConn", "responseDone 0 IOException", "getConn", "gotConn", "wroteHeaders",
					"wroteRequest", "responseDone 0 IOException");
	}

	/**
	 * The stream is reset while it begins, and the server has answered all the same.
	 */
	@Test
	void aConnectionThatOkHttpForgetsToReleaseIsFree() {
		this.listener.requestHeadersStart(this.call);
		this.listener.requestFailed(this.call, new IOException("stream was reset: CANCEL"));
		this.listener.responseHeadersStart(this.call);
		this.listener.responseHeadersEnd(this.call,
				new Response.Builder().request(this.request)
					.protocol(Protocol.H2_PRIOR_KNOWLEDGE)
					.code(200)
					.message("")
					.build());
		this.listener.responseBodyStart(this.call);
		this.listener.responseBodyEnd(this.call, 0);
		assertThat(this.connections.names()).containsExactly("opened", "acquired", "released");
		assertThat(this.hooks.names()).filteredOn((name) -> !name.startsWith("connect"))
			.containsExactly("getConn", "gotConn", "gotFirstResponseByte", "responseDone 200");
	}

}
