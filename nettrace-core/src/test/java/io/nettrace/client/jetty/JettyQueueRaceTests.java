package io.nettrace.client.jetty;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;

import io.nettrace.ConnectionInfo;
import io.nettrace.Hook;
import io.nettrace.NetTrace;
import io.nettrace.NetTraceContext;
import io.nettrace.client.RecordedHooks;
import io.nettrace.instrument.ForwardingNetTrace;
import io.nettrace.instrument.NetTracing;
import org.eclipse.jetty.client.Connection;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.client.transport.HttpRequest;
import org.eclipse.jetty.util.Promise;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Exchanges that another thread takes from the queue before the one that has queued them
 * says so. The application's listeners, which are told before nettrace's, keep that one
 * for as long as the test wants.
 */
@Timeout(60)
class JettyQueueRaceTests extends AbstractJettyTests {

	private final CountDownLatch answering = new CountDownLatch(1);

	private final CountDownLatch goingOn = new CountDownLatch(1);

	private final CountDownLatch done = new CountDownLatch(1);

	private final List<RecordedHooks> requests = Collections.synchronizedList(new ArrayList<>());

	private void startWithHooksOfEachRequest() throws Exception {
		this.server.on("/first", (exchange) -> {
			awaitLatch(this.answering);
			exchange.ok();
		}).on("/last", (exchange) -> {
			awaitLatch(this.answering);
			exchange.write("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
		}).on("/slow", (exchange) -> {
			awaitLatch(this.goingOn);
			exchange.ok();
		});
		start(new NetTracing(() -> List.of((request) -> {
			RecordedHooks hooks = new RecordedHooks();
			this.requests.add(hooks);
			return hooks.trace();
		}), () -> List.of(this.connections.listener()), EnumSet.allOf(Hook.class)));
	}

	private static void awaitLatch(CountDownLatch latch) {
		try {
			latch.await();
		}
		catch (InterruptedException ex) {
			throw new AssertionError(ex);
		}
	}

	/**
	 * Send a request whose answer lets another thread take the next one.
	 */
	private void sendFirst(String path) {
		request(path).send((result) -> {
		});
		await().atMost(AT_MOST).until(() -> names(0).contains("wroteRequest"));
	}

	/**
	 * Send a request whose thread goes on only once something has happened to it.
	 */
	private void sendSecond(Request request, CountDownLatch happened) {
		request.onRequestQueued((queued) -> {
			this.answering.countDown();
			awaitLatch(happened);
		}).send((result) -> this.done.countDown());
	}

	private List<String> names(int request) {
		return this.requests.get(request).names();
	}

	private void awaitSecond(Object... names) {
		List<String> expected = flat(names);
		await().atMost(AT_MOST).untilAsserted(() -> assertThat(names(1)).containsExactlyElementsOf(expected));
	}

	@Test
	void answered() throws Exception {
		startWithHooksOfEachRequest();
		sendFirst("/first");
		sendSecond(request("/ok"), this.done);
		awaitSecond("getConn", EXCHANGE);
		ConnectionInfo got = this.requests.get(1).connections().get(0);
		assertThat(got.reused()).isTrue();
		assertThat(got.requests()).isEqualTo(2);
		awaitConnections("opened", "acquired", "released", "acquired", "released");
	}

	@Test
	void answeredOnANewConnection() throws Exception {
		startWithHooksOfEachRequest();
		sendFirst("/last");
		sendSecond(request("/ok"), this.done);
		awaitSecond("getConn", "connectStart", "connectDone", EXCHANGE);
		assertThat(this.requests.get(1).connections().get(0).reused()).isFalse();
		assertThat(this.requests).hasSize(2);
	}

	@Test
	void sent() throws Exception {
		startWithHooksOfEachRequest();
		sendFirst("/first");
		CountDownLatch sent = new CountDownLatch(1);
		sendSecond(request("/slow").onRequestSuccess((request) -> sent.countDown()), sent);
		awaitSecond("getConn", SENT);
		this.goingOn.countDown();
		awaitSecond("getConn", EXCHANGE);
	}

	@Test
	void begun() throws Exception {
		startWithHooksOfEachRequest();
		sendFirst("/first");
		CountDownLatch begun = new CountDownLatch(1);
		sendSecond(request("/ok").onRequestBegin((request) -> {
			begun.countDown();
			await().atMost(AT_MOST).until(() -> this.requests.size() == 2);
		}), begun);
		awaitSecond("getConn", EXCHANGE);
	}

	@Test
	void cancelled() throws Exception {
		startWithHooksOfEachRequest();
		sendFirst("/first");
		Request second = request("/ok");
		second.onRequestQueued((queued) -> {
			Thread cancelling = new Thread(() -> abort(second, new CancellationException()));
			cancelling.start();
			awaitLatch(this.done);
		}).send((result) -> this.done.countDown());
		awaitSecond("getConn");
		this.answering.countDown();
		awaitConnections("opened", "acquired", "released");
	}

	@Test
	void cancelledOnceItIsSent() throws Exception {
		startWithHooksOfEachRequest();
		sendFirst("/first");
		Request second = request("/slow");
		sendSecond(second.onRequestSuccess((sent) -> abort(second, new CancellationException())), this.done);
		awaitSecond("getConn", SENT, "responseDone 0 CancellationException");
		awaitConnections("opened", "acquired", "released", "acquired", "released", "closed CANCELLED");
		this.goingOn.countDown();
	}

	/**
	 * A hook that cancels while what has happened is told.
	 */
	@Test
	void cancelledByItsHook() throws Exception {
		AtomicReference<@Nullable Request> second = new AtomicReference<>();
		RecordedHooks hooks = new RecordedHooks();
		this.server.on("/first", (exchange) -> {
			awaitLatch(this.answering);
			exchange.ok();
		}).on("/slow", (exchange) -> awaitLatch(this.goingOn));
		start(new NetTracing(() -> List.of((request) -> new CancellingTrace(hooks.trace(), second)),
				() -> List.of(this.connections.listener()), EnumSet.allOf(Hook.class)));
		request("/first").send((result) -> {
		});
		await().atMost(AT_MOST).until(() -> hooks.names().contains("wroteRequest"));
		int before = hooks.names().size();
		Request cancelled = request("/slow");
		second.set(cancelled);
		CountDownLatch sent = new CountDownLatch(1);
		sendSecond(cancelled.onRequestSuccess((request) -> sent.countDown()), sent);
		awaitLatch(this.done);
		await().atMost(AT_MOST)
			.untilAsserted(() -> assertThat(hooks.names().subList(before, hooks.names().size()))
				.filteredOn((name) -> !name.endsWith(" 200") && !name.equals("putIdleConn"))
				.contains("getConn", "gotConn", "wroteHeaders", "wroteRequest",
						"responseDone 0 CancellationException"));
		awaitConnections("opened", "acquired", "released", "acquired", "released", "closed CANCELLED");
		this.goingOn.countDown();
	}

	@Test
	void redirected() throws Exception {
		this.client.setMaxConnectionsPerDestination(2);
		this.client.getRequestListeners().addQueuedListener((request) -> {
			if (request.getPath().equals("/ok")) {
				this.answering.countDown();
				awaitLatch(this.done);
			}
		});
		this.server.on("/moved", "HTTP/1.1 302 Found\r\nLocation: /ok\r\nContent-Length: 0\r\n\r\n");
		startWithHooksOfEachRequest();
		sendFirst("/first");
		request("/moved").send((result) -> this.done.countDown());
		awaitSecond("getConn", "connectStart", "connectDone", SENT, "gotFirstResponseByte", "responseDone 302",
				"putIdleConn", "getConn", EXCHANGE);
		assertThat(this.requests).hasSize(2);
	}

	/**
	 * Whose resolver and hooks are bound to the thread is known late, but to that request
	 * alone.
	 */
	@Test
	void onlyTheTraceThatIsBoundToTheThread() throws Exception {
		RecordedHooks first = new RecordedHooks();
		RecordedHooks second = new RecordedHooks();
		this.server.on("/first", (exchange) -> {
			awaitLatch(this.answering);
			exchange.ok();
		});
		start(new NetTracing());
		bound(first, () -> request("/first").send((result) -> {
		}));
		await().atMost(AT_MOST).until(() -> first.names().contains("wroteRequest"));
		bound(second, () -> sendSecond(request("/ok"), this.done));
		List<String> expected = flat("getConn", EXCHANGE);
		await().atMost(AT_MOST).untilAsserted(() -> assertThat(second.names()).containsExactlyElementsOf(expected));
		HttpRequest unwatched = (HttpRequest) request("/ok");
		assertThat(unwatched.send().getStatus()).isEqualTo(200);
		assertThat(JettyRequest.of(unwatched)).isNull();
		assertThat(second.names()).hasSameSizeAs(expected);
		assertThat(first.names()).doesNotHaveDuplicates();
	}

	private static void bound(RecordedHooks hooks, Runnable task) {
		NetTraceContext.Scope scope = NetTraceContext.current().withTrace(hooks.trace()).open();
		try {
			task.run();
		}
		finally {
			scope.close();
		}
	}

	/**
	 * An application may send on a connection of its own. Jetty queues no such request.
	 */
	@Test
	void requestThatIsNotQueued() throws Exception {
		startWithHooksOfEachRequest();
		get("/ok");
		List<String> before = names(0);
		Promise.Completable<Connection> connected = new Promise.Completable<>();
		new Thread(() -> this.client.resolveDestination(request("/ok")).newConnection(connected)).start();
		try (Connection own = connected.get()) {
			own.send(request("/ok"), (result) -> this.done.countDown());
			awaitLatch(this.done);
		}
		await().atMost(AT_MOST)
			.untilAsserted(() -> assertThat(this.connections.names()).hasSize(7)
				.startsWith("opened", "acquired", "released")
				.containsSubsequence("acquired", "released", "acquired", "released", "closed PEER"));
		assertThat(names(0)).isEqualTo(before);
	}

	/**
	 * Cancels the request as soon as it is said to have a connection.
	 */
	private static final class CancellingTrace extends ForwardingNetTrace {

		private final NetTrace delegate;

		private final AtomicReference<@Nullable Request> request;

		CancellingTrace(NetTrace delegate, AtomicReference<@Nullable Request> request) {
			this.delegate = delegate;
			this.request = request;
		}

		@Override
		protected NetTrace delegate() {
			return this.delegate;
		}

		@Override
		public void gotConn(ConnectionInfo connection) {
			super.gotConn(connection);
			Request request = this.request.get();
			if (request != null) {
				abort(request, new CancellationException());
			}
		}

	}

}
