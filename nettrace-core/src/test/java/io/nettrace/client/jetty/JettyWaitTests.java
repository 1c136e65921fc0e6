package io.nettrace.client.jetty;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

import io.nettrace.ConnectionInfo;
import io.nettrace.Hook;
import io.nettrace.WaitInfo;
import io.nettrace.WaitInfo.Outcome;
import io.nettrace.client.RecordedHooks;
import io.nettrace.instrument.NetTracing;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.client.transport.HttpRequest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

/**
 * Exchanges that wait for the pool.
 */
class JettyWaitTests extends AbstractJettyTests {

	private final CountDownLatch answering = new CountDownLatch(1);

	private final List<RecordedHooks> requests = Collections.synchronizedList(new ArrayList<>());

	private void startWithHooksOfEachRequest() throws Exception {
		this.server.on("/first", (exchange) -> {
			awaitAnswering();
			exchange.ok();
		}).on("/last", (exchange) -> {
			awaitAnswering();
			exchange.write("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
		});
		start(new NetTracing(() -> List.of((request) -> {
			RecordedHooks hooks = new RecordedHooks();
			this.requests.add(hooks);
			return hooks.trace();
		}), () -> List.of(this.connections.listener()), EnumSet.allOf(Hook.class)));
	}

	private void awaitAnswering() {
		try {
			this.answering.await();
		}
		catch (InterruptedException ex) {
			throw new AssertionError(ex);
		}
	}

	private Request sendFirst(String path) {
		Request request = request(path);
		request.send((result) -> {
		});
		await().atMost(AT_MOST).until(() -> names(0).contains("wroteRequest"));
		return request;
	}

	private Request sendSecond() {
		Request request = request("/ok");
		request.send((result) -> {
		});
		assertThat(names(1)).containsExactly("getConn", "waitStart HOST_LIMIT");
		return request;
	}

	private List<String> names(int request) {
		return this.requests.get(request).names();
	}

	private void awaitSecond(String... names) {
		await().atMost(AT_MOST).untilAsserted(() -> assertThat(names(1)).containsExactly(names));
	}

	private WaitInfo waited() {
		return this.requests.get(1).all(WaitInfo.class).get(1);
	}

	@Test
	void doesNotBeginAWaitThatAnotherThreadHasEnded() throws Exception {
		startWithHooksOfEachRequest();
		HttpRequest request = (HttpRequest) request("/ok");
		assertThat(request.send().getStatus()).isEqualTo(200);
		List<String> names = names(0);
		JettyExchange exchange = Objects
			.requireNonNull(Objects.requireNonNull(JettyRequest.of(request), "request").exchange(request), "exchange");
		exchange.waits();
		assertThat(names(0)).isEqualTo(names);
	}

	@Test
	void untilTheConnectionIsGivenBack() throws Exception {
		startWithHooksOfEachRequest();
		sendFirst("/first");
		sendSecond();
		this.answering.countDown();
		awaitSecond("getConn", "waitStart HOST_LIMIT", "waitDone REUSED", "gotConn", "wroteHeaders", "wroteRequest",
				"gotFirstResponseByte", "responseDone 200", "putIdleConn");
		await().atMost(AT_MOST).until(() -> names(0).contains("putIdleConn"));
		assertThat(waited().target().port()).isEqualTo(this.server.port());
		ConnectionInfo got = this.requests.get(1).connections().get(0);
		assertThat(got.reused()).isTrue();
		assertThat(got.wasIdle()).isFalse();
		assertThat(got.idleTime()).isZero();
		awaitConnections("opened", "acquired", "released", "acquired", "released");
	}

	@Test
	void untilThereIsPlaceForANewConnection() throws Exception {
		startWithHooksOfEachRequest();
		sendFirst("/last");
		sendSecond();
		this.answering.countDown();
		awaitSecond("getConn", "waitStart HOST_LIMIT", "waitDone NEW", "connectStart", "connectDone", "gotConn",
				"wroteHeaders", "wroteRequest", "gotFirstResponseByte", "responseDone 200", "putIdleConn");
		assertThat(this.requests.get(1).connections().get(0).reused()).isFalse();
	}

	/**
	 * Jetty gives a connection to the first request in the queue. The one that it was
	 * opened for is not the one that uses it first.
	 */
	@Test
	void connectionOfARequestThatWasGivenUp() throws Exception {
		this.client.setSocketAddressResolver((host, port, context, promise) -> new Thread(() -> {
			awaitAnswering();
			promise.succeeded(List.of(new InetSocketAddress("127.0.0.1", port)));
		}).start());
		startWithHooksOfEachRequest();
		Request first = request("/ok");
		first.send((result) -> {
		});
		sendSecond();
		abort(first, new CancellationException());
		this.answering.countDown();
		await().atMost(AT_MOST).until(() -> names(1).contains("putIdleConn"));
		ConnectionInfo got = this.requests.get(1).connections().get(0);
		assertThat(got.reused()).isTrue();
		assertThat(got.requests()).isOne();
	}

	@Test
	void untilItTimesOut() throws Exception {
		startWithHooksOfEachRequest();
		sendFirst("/first");
		assertThatThrownBy(() -> request("/ok").timeout(200, TimeUnit.MILLISECONDS).send())
			.isInstanceOf(Exception.class);
		awaitSecond("getConn", "waitStart HOST_LIMIT", "waitDone TIMED_OUT TimeoutException");
		this.answering.countDown();
	}

	@Test
	void untilItIsCancelled() throws Exception {
		startWithHooksOfEachRequest();
		sendFirst("/first");
		abort(sendSecond(), new CancellationException());
		awaitSecond("getConn", "waitStart HOST_LIMIT", "waitDone CANCELLED CancellationException");
		this.answering.countDown();
		awaitConnections("opened", "acquired", "released");
	}

	@Test
	void untilItsThreadIsInterrupted() throws Exception {
		startWithHooksOfEachRequest();
		sendFirst("/first");
		Thread waiting = new Thread(
				() -> assertThatThrownBy(() -> request("/ok").send()).isInstanceOf(InterruptedException.class));
		waiting.start();
		await().atMost(AT_MOST).until(() -> this.requests.size() == 2 && names(1).contains("waitStart HOST_LIMIT"));
		waiting.interrupt();
		waiting.join();
		awaitSecond("getConn", "waitStart HOST_LIMIT", "waitDone CANCELLED InterruptedException");
		this.answering.countDown();
	}

	@Test
	void untilTheClientStops() throws Exception {
		startWithHooksOfEachRequest();
		sendFirst("/first");
		sendSecond();
		this.client.stop();
		awaitSecond("getConn", "waitStart HOST_LIMIT", "waitDone FAILED AsynchronousCloseException");
		assertThat(waited().outcome()).isEqualTo(Outcome.FAILED);
		this.answering.countDown();
	}

	@Test
	void queueThatIsFull() throws Exception {
		this.client.setMaxRequestsQueuedPerDestination(1);
		startWithHooksOfEachRequest();
		sendFirst("/first");
		sendSecond();
		assertThatThrownBy(() -> request("/ok").send()).isInstanceOf(ExecutionException.class);
		assertThat(names(2)).containsExactly("getConn", "waitStart HOST_LIMIT",
				"waitDone FAILED RejectedExecutionException");
		this.answering.countDown();
		awaitConnections("opened", "acquired", "released", "acquired", "released");
	}

	@Test
	void redirectWaitsToo() throws Exception {
		this.server.on("/moved", (exchange) -> {
			await().atMost(AT_MOST).until(() -> this.requests.size() == 2 && names(1).size() == 2);
			exchange.write("HTTP/1.1 302 Found\r\nLocation: /first\r\nContent-Length: 0\r\n\r\n");
		});
		startWithHooksOfEachRequest();
		sendFirst("/moved");
		Request second = request("/first");
		second.send((result) -> {
		});
		await().atMost(AT_MOST).until(() -> names(0).contains("waitStart HOST_LIMIT"));
		this.answering.countDown();
		await().atMost(AT_MOST)
			.untilAsserted(() -> assertThat(names(0)).containsExactly("getConn", "connectStart", "connectDone",
					"gotConn", "wroteHeaders", "wroteRequest", "gotFirstResponseByte", "responseDone 302",
					"putIdleConn", "getConn", "waitStart HOST_LIMIT", "waitDone REUSED", "gotConn", "wroteHeaders",
					"wroteRequest", "gotFirstResponseByte", "responseDone 200", "putIdleConn"));
	}

	@Test
	@Timeout(60)
	void fiftyCallersOnAPoolOfTwo() throws Exception {
		this.client.setMaxConnectionsPerDestination(2);
		startWithHooksOfEachRequest();
		List<Thread> callers = new ArrayList<>();
		for (int i = 0; i < 50; i++) {
			Thread caller = new Thread(() -> {
				try {
					get("/first");
				}
				catch (Exception ex) {
					throw new AssertionError(ex);
				}
			});
			callers.add(caller);
			caller.start();
		}
		await().atMost(AT_MOST).until(() -> this.requests.size() == 50);
		await().atMost(AT_MOST).until(() -> this.server.connections() == 2);
		this.answering.countDown();
		for (Thread caller : callers) {
			caller.join();
		}
		await().atMost(AT_MOST)
			.untilAsserted(() -> assertThat(this.requests)
				.allSatisfy((hooks) -> assertThat(hooks.names()).containsOnlyOnce("getConn", "gotConn", "wroteHeaders",
						"wroteRequest", "gotFirstResponseByte", "responseDone 200", "putIdleConn")));
		List<List<String>> waits = this.requests.stream()
			.map((hooks) -> hooks.names().stream().filter((name) -> name.startsWith("wait")).toList())
			.toList();
		// Jetty does not tell which request it opens a connection for: it may be one that
		// was queued before the one that made it do so, and that waits by now, or is
		// about
		// to
		assertThat(waits).filteredOn(List::isEmpty).hasSizeBetween(2, 4);
		assertThat(waits).filteredOn((wait) -> !wait.isEmpty())
			.allSatisfy((wait) -> assertThat(wait).containsExactly("waitStart HOST_LIMIT",
					wait.contains("waitDone NEW") ? "waitDone NEW" : "waitDone REUSED"));
		assertThat(waits).filteredOn((wait) -> wait.contains("waitDone NEW")).hasSizeLessThanOrEqualTo(2);
		assertThat(this.connections.names()).filteredOn("opened"::equals).hasSize(2);
		assertThat(this.connections.names()).filteredOn("acquired"::equals).hasSize(50);
		assertThat(this.connections.names()).filteredOn("released"::equals).hasSize(50);
		assertThat(this.requests)
			.allSatisfy((hooks) -> assertThat(hooks.connections().get(0).activeRequests()).isOne());
	}

}
