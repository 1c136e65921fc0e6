package io.nettrace.client.httpcomponents;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import io.nettrace.test.BlackHole;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.classic.methods.HttpPost;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.config.TlsConfig;
import org.apache.hc.client5.http.impl.io.ManagedHttpClientConnectionFactory;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.impl.io.DefaultHttpResponseParserFactory;
import org.apache.hc.core5.http.impl.io.HttpRequestExecutor;
import org.apache.hc.core5.http.io.HttpClientConnection;
import org.apache.hc.core5.http.io.HttpResponseInformationCallback;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.apache.hc.core5.http.io.entity.StringEntity;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.util.Timeout;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Requests on the classic client that end in the middle of a phase: each start has one
 * done, with the error, and nothing comes after it that has not happened.
 */
class EndedPhaseTests extends AbstractClassicTests {

	private static final int LARGE = 32 * 1024 * 1024;

	EndedPhaseTests() throws IOException {
		this.builder.disableAutomaticRetries();
	}

	/**
	 * How a request ends.
	 */
	enum End {

		CANCELLED("CancellationException"), TIMED_OUT("SocketTimeoutException"), RESET("SocketException");

		private final String error;

		End(String error) {
			this.error = error;
		}

	}

	/**
	 * Send a request that ends.
	 * @param during what is called when the phase begins
	 * @return the hooks; another thread may have closed the connection at the same time
	 */
	private List<String> send(HttpUriRequestBase request, String during, End end) {
		this.recorder.when(during, () -> new Thread(() -> act(request, end)).start());
		timeOut(end);
		build();
		assertThatExceptionOfType(IOException.class).isThrownBy(() -> send(request));
		return hooks(this.recorder.take());
	}

	private static List<String> hooks(List<String> events) {
		return events.stream().filter((event) -> !event.matches("(opened|acquired|released|closed).*")).toList();
	}

	private void assertClosed(End end) {
		Awaitility.await()
			.atMost(Duration.ofSeconds(10))
			.untilAsserted(() -> assertThat(this.recorder.closes()).extracting((close) -> close.reason().name())
				.containsExactly(end.name()));
	}

	private void timeOut(End end) {
		if (end == End.TIMED_OUT) {
			Timeout timeout = Timeout.ofMilliseconds(100);
			this.manager
				.setDefaultConnectionConfig(
						ConnectionConfig.custom().setConnectTimeout(timeout).setSocketTimeout(timeout).build())
				.setDefaultTlsConfig(TlsConfig.custom().setHandshakeTimeout(timeout).build());
			this.builder.setDefaultRequestConfig(RequestConfig.custom().setResponseTimeout(timeout).build());
		}
	}

	private void act(HttpUriRequestBase request, End end) {
		if (end == End.CANCELLED) {
			request.cancel();
		}
		else if (end == End.RESET) {
			Awaitility.await().atMost(Duration.ofSeconds(10)).until(this.server::isConnected);
			try {
				this.server.resetConnections();
			}
			catch (IOException ex) {
				throw new UncheckedIOException(ex);
			}
		}
	}

	@ParameterizedTest
	@EnumSource(names = { "CANCELLED", "TIMED_OUT" })
	void connect(End end) {
		try (BlackHole silent = BlackHole.open()) {
			assertThat(send(new HttpGet("http://localhost:" + silent.address().getPort() + "/"), "connectStart", end))
				.containsExactly("getConn", "dnsStart", "dnsDone", "connectStart", "connectDone " + end.error);
		}
	}

	@ParameterizedTest
	@EnumSource
	void handshake(End end) {
		assertThat(send(new HttpGet("https://localhost:" + this.server.port() + "/"), "tlsHandshakeStart", end))
			.containsExactly("getConn", "dnsStart", "dnsDone", "connectStart", "connectDone", "tlsHandshakeStart",
					"tlsHandshakeDone " + end.error);
	}

	@ParameterizedTest
	@EnumSource
	void handshakeWithTheWinnerOfARace(End end) {
		race();
		assertThat(send(new HttpGet("https://localhost:" + this.server.port() + "/"), "tlsHandshakeStart", end))
			.containsExactly("getConn", "dnsStart", "dnsDone", "connectStart", "connectDone", "tlsHandshakeStart",
					"tlsHandshakeDone " + end.error);
	}

	@ParameterizedTest
	@EnumSource
	void proxy(End end) {
		this.builder.setProxy(new HttpHost("localhost", this.server.port()));
		assertThat(send(new HttpGet("https://mute.test/"), "proxyStart", end)).containsExactly("getConn", "dnsStart",
				"dnsDone", "connectStart", "connectDone", "proxyStart", "proxyDone " + end.error);
	}

	@Test
	void cancelledBeforeTheProxyIsAsked() {
		this.builder.setProxy(new HttpHost("localhost", this.server.port()));
		HttpGet request = new HttpGet("https://mute.test/");
		this.recorder.when("proxyStart", () -> {
			Thread other = new Thread(request::cancel);
			other.start();
			try {
				other.join();
			}
			catch (InterruptedException ex) {
				throw new IllegalStateException(ex);
			}
		});
		build();
		assertThatExceptionOfType(IOException.class).isThrownBy(() -> send(request));
		assertThat(this.recorder.take()).containsExactly("getConn", "dnsStart", "dnsDone", "connectStart",
				"connectDone", "proxyStart", "proxyDone CancellationException");
	}

	@ParameterizedTest
	@EnumSource
	void handshakeBehindAProxy(End end) throws IOException {
		this.builder.setProxy(new HttpHost("localhost", this.server.port()));
		try (ScriptedServer silent = ScriptedServer.start()) {
			assertThat(send(new HttpGet("https://localhost:" + silent.port() + "/"), "tlsHandshakeStart", end))
				.containsExactly("getConn", "dnsStart", "dnsDone", "connectStart", "connectDone", "proxyStart",
						"proxyDone", "tlsHandshakeStart", "tlsHandshakeDone " + end.error);
		}
	}

	@ParameterizedTest
	@EnumSource(names = { "CANCELLED", "RESET" })
	void sending(End end) {
		HttpPost request = new HttpPost(this.server.url("/unread"));
		request.setEntity(new ByteArrayEntity(new byte[LARGE], null));
		assertThat(send(request, "wroteHeaders", end)).containsExactly("getConn", "dnsStart", "dnsDone", "connectStart",
				"connectDone", "gotConn", "wroteHeaders", "wroteRequest " + end.error, "responseDone 0 " + end.error);
		assertClosed(end);
	}

	@ParameterizedTest
	@EnumSource(names = { "CANCELLED", "RESET" })
	void waitingToContinue(End end) {
		HttpPost request = new HttpPost(this.server.url("/mute"));
		request.setConfig(RequestConfig.custom().setExpectContinueEnabled(true).build());
		request.setEntity(new StringEntity("body"));
		assertThat(send(request, "wait100Continue", end)).containsExactly("getConn", "dnsStart", "dnsDone",
				"connectStart", "connectDone", "gotConn", "wroteHeaders", "wait100Continue",
				"wroteRequest " + end.error, "responseDone 0 " + end.error);
		assertClosed(end);
	}

	@ParameterizedTest
	@EnumSource
	void waitingForTheFirstByte(End end) {
		assertThat(send(new HttpGet(this.server.url("/mute")), "wroteRequest", end)).containsExactly("getConn",
				"dnsStart", "dnsDone", "connectStart", "connectDone", "gotConn", "wroteHeaders", "wroteRequest",
				"responseDone 0 " + end.error);
		assertClosed(end);
	}

	@ParameterizedTest
	@EnumSource
	void receiving(End end) {
		receive("/stuck", end);
	}

	@ParameterizedTest
	@EnumSource
	void receivingChunks(End end) {
		receive("/stuck-chunks", end);
	}

	private void receive(String path, End end) {
		timeOut(end);
		build();
		HttpGet request = new HttpGet(this.server.url(path));
		assertThatExceptionOfType(IOException.class).isThrownBy(() -> this.client.execute(request, (response) -> {
			InputStream body = response.getEntity().getContent();
			assertThat(body.read()).isEqualTo('h');
			assertThat(body.read()).isEqualTo('i');
			act(request, end);
			return body.read();
		}));
		assertThat(hooks(this.recorder.take())).containsExactly("getConn", "dnsStart", "dnsDone", "connectStart",
				"connectDone", "gotConn", "wroteHeaders", "wroteRequest", "gotFirstResponseByte",
				"responseDone 200 " + end.error);
		assertClosed(end);
	}

	/**
	 * By another thread, while this one tells that it has its connection.
	 */
	@Test
	void cancelledAsItGetsItsConnection() {
		HttpGet request = new HttpGet(this.server.url("/ok"));
		this.recorder.when("acquired 1", () -> onAnotherThread(request::cancel));
		build();
		assertThatExceptionOfType(IOException.class).isThrownBy(() -> send(request));
		assertThat(this.recorder.take()).containsExactly("getConn", "dnsStart", "dnsDone", "connectStart",
				"connectDone", "opened", "acquired 1", "released", "closed CANCELLED", "gotConn",
				"responseDone 0 CancellationException");
	}

	/**
	 * By another thread, before this one can tell that it has its connection.
	 */
	@Test
	void cancelledBeforeItHasItsConnection() {
		HttpGet request = new HttpGet(this.server.url("/ok"));
		this.builder.setRequestExecutor(new HttpRequestExecutor() {

			@Override
			public ClassicHttpResponse execute(ClassicHttpRequest sent, HttpClientConnection connection,
					HttpResponseInformationCallback informationCallback, HttpContext context)
					throws IOException, HttpException {
				onAnotherThread(request::cancel);
				return super.execute(sent, connection, informationCallback, context);
			}

		});
		build();
		assertThatExceptionOfType(IOException.class).isThrownBy(() -> send(request));
		assertThat(this.recorder.take()).containsExactly("getConn", "dnsStart", "dnsDone", "connectStart",
				"connectDone", "opened", "closed CANCELLED");
	}

	/**
	 * By another thread, which has closed the connection and not yet told so when this
	 * one finds it closed.
	 */
	@Test
	void cancelledBeforeItWritesItsBody() {
		Thread caller = Thread.currentThread();
		CountDownLatch closed = new CountDownLatch(1);
		CountDownLatch failed = new CountDownLatch(1);
		this.manager.setConnectionFactory((socket) -> new ForwardingConnection(
				ManagedHttpClientConnectionFactory.INSTANCE.createConnection(socket)) {

			@Override
			public void close(CloseMode closeMode) {
				super.close(closeMode);
				if (Thread.currentThread() != caller) {
					closed.countDown();
					await(failed);
				}
			}

		});
		HttpPost request = new HttpPost(this.server.url("/unread"));
		request.setEntity(new StringEntity("body"));
		this.recorder.when("wroteHeaders", () -> {
			new Thread(request::cancel).start();
			await(closed);
		});
		build();
		try {
			assertThatExceptionOfType(IOException.class).isThrownBy(() -> send(request));
			assertThat(this.recorder.take()).containsExactly("getConn", "dnsStart", "dnsDone", "connectStart",
					"connectDone", "opened", "acquired 1", "gotConn", "wroteHeaders", "released", "closed CANCELLED",
					"wroteRequest CancellationException", "responseDone 0 CancellationException");
		}
		finally {
			failed.countDown();
		}
	}

	private static void await(CountDownLatch latch) {
		try {
			assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue();
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	/**
	 * By another thread: the caller has its response all the same.
	 */
	@Test
	void cancelledAsItHasItsResponse() throws IOException {
		HttpGet request = new HttpGet(this.server.url("/empty"));
		this.manager.setConnectionFactory(
				ManagedHttpClientConnectionFactory.builder().responseParserFactory((config) -> (buffer, in) -> {
					ClassicHttpResponse response = DefaultHttpResponseParserFactory.INSTANCE.create().parse(buffer, in);
					onAnotherThread(request::cancel);
					return response;
				}).build());
		build();
		assertThat(send(request)).isEqualTo(204);
		assertThat(this.recorder.take()).containsExactly("getConn", "dnsStart", "dnsDone", "connectStart",
				"connectDone", "opened", "acquired 1", "gotConn", "wroteHeaders", "wroteRequest", "released",
				"closed CANCELLED", "gotFirstResponseByte", "responseDone 204");
	}

	private static void onAnotherThread(Runnable action) {
		Thread thread = new Thread(action);
		thread.start();
		try {
			thread.join();
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

}
