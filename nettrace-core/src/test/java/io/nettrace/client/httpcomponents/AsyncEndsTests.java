package io.nettrace.client.httpcomponents;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;

import io.nettrace.ConnectionInfo;
import io.nettrace.ConnectionTarget;
import io.nettrace.InterimResponse;
import io.nettrace.NetTrace;
import io.nettrace.PutIdleInfo;
import io.nettrace.ResponseInfo;
import io.nettrace.WaitInfo;
import io.nettrace.WroteRequestInfo;
import org.apache.hc.client5.http.async.methods.SimpleHttpRequest;
import org.apache.hc.client5.http.async.methods.SimpleHttpResponse;
import org.apache.hc.client5.http.async.methods.SimpleRequestBuilder;
import org.apache.hc.client5.http.impl.DefaultHttpRequestRetryStrategy;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.reactor.IOSession;
import org.apache.hc.core5.reactor.IOSessionListener;
import org.apache.hc.core5.util.TimeValue;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Requests of the asynchronous client that fail, time out or are cancelled, in each
 * phase.
 */
class AsyncEndsTests {

	private static final List<String> SENT = List.of("getConn", "dnsStart", "dnsDone", "connectStart", "connectDone",
			"opened", "acquired 1", "gotConn", "wroteHeaders", "wroteRequest");

	private AsyncCalls calls = new AsyncCalls();

	AsyncEndsTests() {
		this.calls.builder.disableAutomaticRetries();
	}

	@AfterEach
	void stop() throws IOException {
		this.calls.close();
	}

	private void fails(String path) {
		assertThatExceptionOfType(IOException.class).isThrownBy(() -> this.calls.send(this.calls.get(path)));
	}

	private static List<String> sentThen(String... events) {
		return Stream.concat(SENT.stream(), Stream.of(events)).toList();
	}

	@Test
	void timesOutBeforeTheHead() {
		assertThatExceptionOfType(IOException.class)
			.isThrownBy(() -> this.calls.send(this.calls.impatientGet(this.calls.server.url("/mute"))));
		assertThat(this.calls.eventsUntil("closed TIMED_OUT")).containsExactlyElementsOf(
				sentThen("responseDone 0 SocketTimeoutException", "released", "closed TIMED_OUT"));
	}

	@Test
	void timesOutInTheBody() {
		assertThatExceptionOfType(IOException.class)
			.isThrownBy(() -> this.calls.send(this.calls.impatientGet(this.calls.server.url("/stuck"))));
		assertThat(this.calls.eventsUntil("closed TIMED_OUT")).containsExactlyElementsOf(sentThen(
				"gotFirstResponseByte", "responseDone 200 SocketTimeoutException", "released", "closed TIMED_OUT"));
	}

	@Test
	void isResetBeforeTheHead() {
		fails("/reset");
		assertThat(this.calls.eventsUntil("closed RESET"))
			.containsExactlyElementsOf(sentThen("responseDone 0 SocketException", "released", "closed RESET"));
	}

	@Test
	void isClosedBeforeTheHead() {
		fails("/nothing");
		assertThat(this.calls.eventsUntil("closed PEER"))
			.containsExactlyElementsOf(sentThen("responseDone 0 ConnectionClosedException", "released", "closed PEER"));
	}

	@Test
	void isCutInTheBody() {
		fails("/cut");
		assertThat(this.calls.eventsUntil("closed PEER")).containsExactlyElementsOf(sentThen("gotFirstResponseByte",
				"responseDone 200 ConnectionClosedException", "released", "closed PEER"));
	}

	@Test
	void isCancelledBeforeTheHead() {
		Future<SimpleHttpResponse> response = this.calls.start(this.calls.get("/mute"));
		this.calls.await("wroteRequest");
		response.cancel(true);
		assertThat(this.calls.eventsUntil("closed CANCELLED")).containsExactlyElementsOf(
				sentThen("responseDone 0 CancellationException", "released", "closed CANCELLED"));
	}

	@Test
	void isCancelledInTheBody() {
		Future<SimpleHttpResponse> response = this.calls.start(this.calls.get("/stuck"));
		this.calls.await("gotFirstResponseByte");
		response.cancel(true);
		assertThat(this.calls.eventsUntil("closed CANCELLED")).containsExactlyElementsOf(sentThen(
				"gotFirstResponseByte", "responseDone 200 CancellationException", "released", "closed CANCELLED"));
	}

	/**
	 * The body of the request is still being written, and never ends.
	 */
	@Test
	void isAnsweredBeforeTheBody() {
		SimpleHttpRequest request = SimpleRequestBuilder.post(this.calls.server.url("/early"))
			.setBody(new byte[8 << 20], ContentType.APPLICATION_OCTET_STREAM)
			.build();
		Future<SimpleHttpResponse> response = this.calls.start(request);
		this.calls.await("responseDone 200");
		this.calls.server.answerLater();
		List<String> events = this.calls.eventsUntil("closed RESET");
		assertThat(events.subList(events.indexOf("wroteHeaders"), events.size())).containsExactly("wroteHeaders",
				"gotFirstResponseByte", "responseDone 200", "wroteRequest IOException", "released", "closed RESET");
		assertThat(response).isDone();
	}

	/**
	 * The library connects all the same, and gives up then.
	 */
	@Test
	void isCancelledDuringTheConnect() throws IOException {
		this.calls.close();
		AtomicReference<Future<SimpleHttpResponse>> response = new AtomicReference<>();
		CountDownLatch started = new CountDownLatch(1);
		this.calls = new AsyncCalls(new NetTrace() {

			@Override
			public void connectDone(String network, SocketAddress address, @Nullable Throwable error) {
				try {
					started.await();
				}
				catch (InterruptedException ex) {
					throw new IllegalStateException(ex);
				}
				Objects.requireNonNull(response.get()).cancel(true);
			}

		});
		this.calls.builder.disableAutomaticRetries();
		response.set(this.calls.start(this.calls.get("/ok")));
		started.countDown();
		this.calls.await("connectDone");
		Awaitility.await()
			.atMost(Duration.ofSeconds(20))
			.until(() -> Objects.requireNonNull(response.get()).isCancelled());
		this.calls.client().close();
		assertThat(this.calls.recorder.take())
			.startsWith("getConn", "dnsStart", "dnsDone", "connectStart", "connectDone")
			.doesNotContain("gotConn", "acquired 1", "responseDone 0 CancellationException");
	}

	@Test
	void cannotConnect() throws IOException {
		int closed;
		try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
			closed = socket.getLocalPort();
		}
		assertThatExceptionOfType(IOException.class)
			.isThrownBy(() -> this.calls.send(SimpleRequestBuilder.get("http://localhost:" + closed + "/").build()));
		assertThat(this.calls.recorder.take()).startsWith("getConn", "dnsStart", "dnsDone", "connectStart")
			.doesNotContain("gotConn", "opened")
			.last()
			.asString()
			.startsWith("connectDone ");
	}

	@Test
	void isTriedAgain() throws IOException {
		try (AsyncCalls retrying = new AsyncCalls()) {
			retrying.builder.setRetryStrategy(new DefaultHttpRequestRetryStrategy(1, TimeValue.ofMilliseconds(1)));
			assertThatExceptionOfType(IOException.class).isThrownBy(() -> retrying.send(retrying.get("/reset")));
			List<String> attempt = sentThen("responseDone 0 SocketException", "released", "closed RESET");
			retrying.await("closed RESET");
			assertThat(retrying.recorder.take())
				.containsExactlyElementsOf(Stream.concat(attempt.stream(), attempt.stream()).toList());
		}
	}

	@Test
	void hooksThatThrowChangeNothing() throws IOException {
		this.calls.close();
		this.calls = new AsyncCalls(new Throwing());
		this.calls.builder.disableAutomaticRetries();
		this.calls.send(this.calls.get("/redirect"));
		this.calls.send(this.calls.post("/continue", true));
		this.calls.send(this.calls.get("/hints"));
		fails("/cut");
		assertThat(this.calls.eventsUntil("closed PEER")).filteredOn((event) -> event.matches("gotConn|responseDone.*"))
			.containsExactly("gotConn", "responseDone 302", "gotConn", "responseDone 200", "gotConn",
					"responseDone 200", "gotConn", "responseDone 200", "gotConn",
					"responseDone 200 ConnectionClosedException");
	}

	@Test
	void applicationsSessionListenerIsTold() throws IOException {
		List<String> told = new CopyOnWriteArrayList<>();
		this.calls.builder.setIOSessionListener(new SessionLog(told));
		this.calls.send(this.calls.get("/close"));
		this.calls.await("closed NOT_KEPT");
		Awaitility.await()
			.atMost(Duration.ofSeconds(20))
			.untilAsserted(() -> assertThat(told).containsExactly("connected", "disconnected"));
	}

	/**
	 * The pool tells the end of a connection then.
	 */
	@Test
	void applicationReplacesTheListenerOfSessions() throws IOException {
		this.calls.instrument();
		this.calls.builder.setIOSessionListener(new SessionLog(new CopyOnWriteArrayList<>()));
		this.calls.send(this.calls.get("/ok"));
		this.calls.eventsUntil("putIdleConn");
		this.calls.client().close();
		assertThat(this.calls.recorder.take()).containsExactly("closed CLIENT_CLOSED");
	}

	private record SessionLog(List<String> told) implements IOSessionListener {

		@Override
		public void connected(IOSession session) {
			this.told.add("connected");
		}

		@Override
		public void startTls(IOSession session) {
		}

		@Override
		public void inputReady(IOSession session) {
		}

		@Override
		public void outputReady(IOSession session) {
		}

		@Override
		public void timeout(IOSession session) {
		}

		@Override
		public void exception(IOSession session, Exception ex) {
		}

		@Override
		public void disconnected(IOSession session) {
			this.told.add("disconnected");
		}

	}

	private static final class Throwing implements NetTrace {

		@Override
		public void getConn(ConnectionTarget target) {
			throw new IllegalStateException("getConn");
		}

		@Override
		public void waitStart(WaitInfo wait) {
			throw new IllegalStateException("waitStart");
		}

		@Override
		public void gotConn(ConnectionInfo connection) {
			throw new IllegalStateException("gotConn");
		}

		@Override
		public void wroteHeaders(ConnectionInfo connection) {
			throw new IllegalStateException("wroteHeaders");
		}

		@Override
		public void wait100Continue(ConnectionInfo connection) {
			throw new IllegalStateException("wait100Continue");
		}

		@Override
		public void got1xxResponse(InterimResponse response) {
			throw new IllegalStateException("got1xxResponse");
		}

		@Override
		public void wroteRequest(WroteRequestInfo request) {
			throw new StackOverflowError("wroteRequest");
		}

		@Override
		public void gotFirstResponseByte(ConnectionInfo connection) {
			throw new AssertionError("gotFirstResponseByte");
		}

		@Override
		public void responseDone(ResponseInfo response) {
			throw new IllegalStateException("responseDone");
		}

		@Override
		public void putIdleConn(PutIdleInfo connection) {
			throw new IllegalStateException("putIdleConn");
		}

	}

}
