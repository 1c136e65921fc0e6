package io.nettrace.client.httpcomponents;

import java.io.IOException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;

import io.nettrace.ConnectionInfo;
import io.nettrace.WaitInfo;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.SchemePortResolver;
import org.apache.hc.client5.http.async.methods.SimpleHttpRequest;
import org.apache.hc.client5.http.async.methods.SimpleHttpResponse;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.nio.PoolingAsyncClientConnectionManager;
import org.apache.hc.client5.http.impl.nio.PoolingAsyncClientConnectionManagerBuilder;
import org.apache.hc.client5.http.nio.AsyncClientConnectionOperator;
import org.apache.hc.client5.http.nio.AsyncConnectionEndpoint;
import org.apache.hc.core5.concurrent.CallbackContribution;
import org.apache.hc.core5.concurrent.FutureCallback;
import org.apache.hc.core5.http.nio.ssl.TlsStrategy;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.pool.ConnPoolControl;
import org.apache.hc.core5.pool.PoolConcurrencyPolicy;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.mockito.Mockito;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.mockito.ArgumentMatchers.any;

/**
 * Waits for the pool of the asynchronous client, and what its connections tell.
 */
class AsyncPoolTests {

	private final AsyncCalls calls = new AsyncCalls();

	@AfterEach
	void stop() throws IOException {
		this.calls.close();
	}

	/**
	 * Occupies the only connection.
	 */
	private Future<SimpleHttpResponse> occupy() {
		Future<SimpleHttpResponse> holding = this.calls.start(this.calls.get("/mute"));
		this.calls.eventsUntil("wroteRequest");
		return holding;
	}

	@ParameterizedTest
	@EnumSource(PoolConcurrencyPolicy.class)
	void connectionIsHandedOver(PoolConcurrencyPolicy policy) throws IOException {
		this.calls.manager.setPoolConcurrencyPolicy(policy).setMaxConnPerRoute(1);
		Future<SimpleHttpResponse> first = this.calls.start(this.calls.get("/later"));
		this.calls.eventsUntil("wroteRequest");
		Future<SimpleHttpResponse> second = this.calls.start(this.calls.get("/ok"));
		assertThat(this.calls.eventsUntil("waitStart HOST_LIMIT")).containsExactly("getConn", "waitStart HOST_LIMIT");
		this.calls.server.answerLater();
		AsyncCalls.status(first);
		AsyncCalls.status(second);
		this.calls.await("acquired 2");
		assertThat(this.calls.eventsUntil("putIdleConn")).containsSubsequence("responseDone 200", "released",
				"putIdleConn", "waitDone REUSED", "acquired 2", "gotConn");
		ConnectionInfo handedOver = this.calls.recorder.connections().get(1);
		assertThat(handedOver.reused()).isTrue();
		assertThat(handedOver.wasIdle()).isFalse();
		assertThat(handedOver.idleTime()).isZero();
	}

	@Test
	void placeForANewOne() throws IOException {
		this.calls.manager.setMaxConnTotal(1);
		Future<SimpleHttpResponse> holding = occupy();
		try (ScriptedServer other = ScriptedServer.start()) {
			SimpleHttpRequest request = SimpleHttpRequest.create("GET", other.url("/ok"));
			Future<SimpleHttpResponse> waiting = this.calls.start(request);
			assertThat(this.calls.eventsUntil("waitStart POOL_LIMIT")).containsExactly("getConn",
					"waitStart POOL_LIMIT");
			holding.cancel(true);
			AsyncCalls.status(waiting);
			assertThat(this.calls.eventsUntil("putIdleConn")).containsSubsequence(
					"responseDone 0 CancellationException", "released", "closed CANCELLED", "waitDone NEW", "dnsStart",
					"opened", "gotConn", "responseDone 200", "putIdleConn");
		}
		assertThat(this.calls.recorder.connections().get(1).pool().maxConnections()).isOne();
	}

	/**
	 * The library notices it when it gets a connection back.
	 */
	@Test
	void waitTimesOut() {
		this.calls.manager.setMaxConnTotal(1);
		Future<SimpleHttpResponse> holding = occupy();
		SimpleHttpRequest impatient = this.calls.get("/ok");
		impatient.setConfig(RequestConfig.custom().setConnectionRequestTimeout(Timeout.ofMilliseconds(1)).build());
		Future<SimpleHttpResponse> waiting = this.calls.start(impatient);
		this.calls.await("waitStart POOL_LIMIT");
		this.calls.recorder.take();
		ConnPoolControl<?> pool = (ConnPoolControl<?>) this.calls.builder.getConnManager();
		Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> pool.getTotalStats().getPending() == 0);
		holding.cancel(true);
		assertThatExceptionOfType(IOException.class).isThrownBy(() -> AsyncCalls.status(waiting));
		assertThat(this.calls.eventsUntil("waitDone TIMED_OUT DeadlineTimeoutException")).doesNotContain("dnsStart");
	}

	@Test
	void waitIsCancelled() {
		this.calls.manager.setMaxConnTotal(1);
		assertThat(occupy()).isNotDone();
		Future<SimpleHttpResponse> waiting = this.calls.start(this.calls.get("/ok"));
		this.calls.await("waitStart POOL_LIMIT");
		waiting.cancel(true);
		assertThat(this.calls.eventsUntil("waitDone CANCELLED CancellationException")).containsExactly("getConn",
				"waitStart POOL_LIMIT", "waitDone CANCELLED CancellationException");
	}

	@Test
	void poolIsClosed() {
		this.calls.manager.setMaxConnTotal(1);
		assertThat(occupy()).isNotDone();
		assertThat(this.calls.start(this.calls.get("/ok"))).isNotDone();
		this.calls.await("waitStart POOL_LIMIT");
		// Not the client, which closes its connections first: that makes place
		this.calls.builder.getConnManager().close(CloseMode.IMMEDIATE);
		assertThat(this.calls.recorder.waits()).singleElement()
			.extracting(WaitInfo::outcome)
			.isEqualTo(WaitInfo.Outcome.FAILED);
	}

	/**
	 * The pool gives the connection of a dial that was cancelled at its end to the next
	 * request.
	 */
	@Test
	void connectionOfACancelledDial() throws Exception {
		Semaphore connects = new Semaphore(1);
		PoolingAsyncClientConnectionManager library = Mockito
			.spy(new BuilderWithAction(connects::acquireUninterruptibly).setMaxConnTotal(1).build());
		Mockito.doCallRealMethod().doAnswer((release) -> {
			AsyncConnectionEndpoint endpoint = release.getArgument(0);
			connects.release();
			Awaitility.await().atMost(Duration.ofSeconds(20)).until(endpoint::isConnected);
			return release.callRealMethod();
		}).doCallRealMethod().when(library).release(any(), any(), any());
		this.calls.instrument(library);
		Future<SimpleHttpResponse> holding = occupy();
		Future<SimpleHttpResponse> dialing = this.calls.start(this.calls.get("/ok"));
		Future<SimpleHttpResponse> next = this.calls.start(this.calls.get("/ok"));
		this.calls.recorder.when("waitDone NEW", () -> dialing.cancel(true));
		holding.cancel(true);
		assertThat(AsyncCalls.status(next)).isEqualTo(200);
		assertThat(this.calls.eventsUntil("putIdleConn")).containsSubsequence("waitDone NEW", "connectStart",
				"connectDone", "waitDone REUSED", "opened", "acquired 1", "gotConn", "wroteHeaders", "wroteRequest",
				"gotFirstResponseByte", "responseDone 200", "released", "putIdleConn");
	}

	/**
	 * Its managers do something before they are told of a new connection.
	 */
	private static final class BuilderWithAction extends PoolingAsyncClientConnectionManagerBuilder {

		private final Runnable action;

		BuilderWithAction(Runnable action) {
			this.action = action;
		}

		@Override
		protected AsyncClientConnectionOperator createConnectionOperator(TlsStrategy tlsStrategy,
				@Nullable SchemePortResolver schemePortResolver, @Nullable DnsResolver dnsResolver) {
			AsyncClientConnectionOperator operator = super.createConnectionOperator(tlsStrategy, schemePortResolver,
					dnsResolver);
			return (AsyncClientConnectionOperator) Proxy.newProxyInstance(getClass().getClassLoader(),
					new Class<?>[] { AsyncClientConnectionOperator.class }, (proxy, method, arguments) -> {
						if (method.getName().equals("connect")) {
							int last = arguments.length - 1;
							arguments[last] = withAction((FutureCallback<?>) arguments[last]);
						}
						return method.invoke(operator, arguments);
					});
		}

		private <T> FutureCallback<T> withAction(FutureCallback<T> callback) {
			return new CallbackContribution<>(callback) {

				@Override
				public void completed(T connection) {
					BuilderWithAction.this.action.run();
					callback.completed(connection);
				}

			};
		}

	}

	@Test
	void fiftyCallersOnTwoConnections() throws IOException {
		this.calls.manager.setMaxConnPerRoute(2);
		List<Future<SimpleHttpResponse>> responses = new ArrayList<>();
		for (int i = 0; i < 50; i++) {
			responses.add(this.calls.start(this.calls.get("/ok")));
		}
		for (Future<SimpleHttpResponse> each : responses) {
			assertThat(AsyncCalls.status(each)).isEqualTo(200);
		}
		this.calls.client().close();
		List<String> events = this.calls.recorder.take();
		assertThat(events).filteredOn("gotConn"::equals).hasSize(50);
		assertThat(events).filteredOn("responseDone 200"::equals).hasSize(50);
		assertThat(events).filteredOn("released"::equals).hasSize(50);
		assertThat(events).filteredOn("opened"::equals).hasSize(2);
		assertThat(events).filteredOn("closed CLIENT_CLOSED"::equals).hasSize(2);
		long waits = events.stream().filter((event) -> event.startsWith("waitStart")).count();
		assertThat(waits).isBetween(1L, 48L);
		assertThat(events).filteredOn((event) -> event.startsWith("waitDone REUSED")).hasSize((int) waits);
	}

	@Test
	void closedByThePeerWhileIdle() throws IOException {
		this.calls.send(this.calls.get("/ok"));
		this.calls.eventsUntil("putIdleConn");
		this.calls.server.closeConnections();
		assertThat(this.calls.eventsUntil("closed PEER")).containsExactly("closed PEER");
	}

	@Test
	void closedBecauseItIsIdle() throws IOException {
		this.calls.send(this.calls.get("/ok"));
		this.calls.eventsUntil("putIdleConn");
		((ConnPoolControl<?>) this.calls.builder.getConnManager()).closeIdle(TimeValue.ZERO_MILLISECONDS);
		assertThat(this.calls.eventsUntil("closed IDLE")).containsExactly("closed IDLE");
	}

	@Test
	void staleConnectionIsReplaced() throws IOException {
		this.calls.manager.setDefaultConnectionConfig(
				ConnectionConfig.custom().setValidateAfterInactivity(TimeValue.ZERO_MILLISECONDS).build());
		this.calls.send(this.calls.get("/ok"));
		this.calls.eventsUntil("putIdleConn");
		this.calls.send(this.calls.get("/ok"));
		assertThat(this.calls.eventsUntil("putIdleConn")).startsWith("getConn", "acquired 2", "gotConn");
	}

	@Test
	void closedWithTheClient() throws IOException {
		this.calls.send(this.calls.get("/ok"));
		this.calls.eventsUntil("putIdleConn");
		this.calls.client().close();
		assertThat(this.calls.recorder.take()).containsExactly("closed CLIENT_CLOSED");
	}

}
