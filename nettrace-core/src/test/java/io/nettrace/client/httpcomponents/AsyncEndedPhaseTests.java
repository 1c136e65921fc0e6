package io.nettrace.client.httpcomponents;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.Future;

import io.nettrace.test.BlackHole;
import org.apache.hc.client5.http.async.methods.SimpleHttpRequest;
import org.apache.hc.client5.http.async.methods.SimpleHttpResponse;
import org.apache.hc.client5.http.async.methods.SimpleRequestBuilder;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.config.TlsConfig;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.util.Timeout;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;

class AsyncEndedPhaseTests {

	private static final int LARGE = 32 * 1024 * 1024;

	private final AsyncCalls calls = new AsyncCalls();

	AsyncEndedPhaseTests() {
		this.calls.builder.disableAutomaticRetries();
	}

	@AfterEach
	void stop() throws IOException {
		this.calls.close();
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
	 * @param last what is called at its end
	 * @return the hooks; a channel has no class of its own for a reset
	 */
	private List<String> send(SimpleHttpRequest request, String during, End end, String last) {
		if (end == End.TIMED_OUT) {
			Timeout timeout = Timeout.ofMilliseconds(100);
			this.calls.manager
				.setDefaultConnectionConfig(
						ConnectionConfig.custom().setConnectTimeout(timeout).setSocketTimeout(timeout).build())
				.setDefaultTlsConfig(TlsConfig.custom().setHandshakeTimeout(timeout).build());
			RequestConfig config = (request.getConfig() != null) ? request.getConfig() : RequestConfig.DEFAULT;
			request.setConfig(RequestConfig.copy(config).setResponseTimeout(timeout).build());
		}
		Future<SimpleHttpResponse> response = this.calls.start(request);
		this.calls.await(during);
		act(response, end);
		assertThatException().isThrownBy(() -> AsyncCalls.status(response))
			.matches((failure) -> failure instanceof IOException || failure instanceof CancellationException);
		return this.calls.eventsUntil(last)
			.stream()
			.filter((event) -> !event.matches("(opened|acquired|released|closed).*"))
			.map((event) -> event.replace(" IOException", " SocketException"))
			.toList();
	}

	private void act(Future<SimpleHttpResponse> response, End end) {
		if (end == End.CANCELLED) {
			response.cancel(true);
		}
		else if (end == End.RESET) {
			Awaitility.await().atMost(Duration.ofSeconds(10)).until(this.calls.server::isConnected);
			try {
				this.calls.server.resetConnections();
			}
			catch (IOException ex) {
				throw new UncheckedIOException(ex);
			}
		}
	}

	private static SimpleHttpRequest get(String url) {
		return SimpleRequestBuilder.get(url).build();
	}

	@Test
	void connect() {
		try (BlackHole silent = BlackHole.open()) {
			assertThat(send(get("http://localhost:" + silent.address().getPort() + "/"), "connectStart", End.TIMED_OUT,
					"connectDone SocketTimeoutException"))
				.containsExactly("getConn", "dnsStart", "dnsDone", "connectStart",
						"connectDone SocketTimeoutException");
		}
	}

	@ParameterizedTest
	@EnumSource
	void proxy(End end) {
		this.calls.builder.setProxy(new HttpHost("localhost", this.calls.server.port()));
		assertThat(send(get("https://mute.test/"), "proxyStart", end, "proxyDone " + end.error)).containsExactly(
				"getConn", "dnsStart", "dnsDone", "connectStart", "connectDone", "proxyStart",
				"proxyDone " + end.error);
	}

	@ParameterizedTest
	@EnumSource
	void handshakeBehindAProxy(End end) throws IOException {
		this.calls.builder.setProxy(new HttpHost("localhost", this.calls.server.port()));
		try (ScriptedServer silent = ScriptedServer.start()) {
			assertThat(send(get("https://localhost:" + silent.port() + "/"), "tlsHandshakeStart", end,
					"tlsHandshakeDone " + end.error))
				.containsExactly("getConn", "dnsStart", "dnsDone", "connectStart", "connectDone", "proxyStart",
						"proxyDone", "tlsHandshakeStart", "tlsHandshakeDone " + end.error);
		}
	}

	@ParameterizedTest
	@EnumSource(names = { "CANCELLED", "RESET" })
	void sending(End end) {
		SimpleHttpRequest request = SimpleRequestBuilder.post(this.calls.server.url("/unread"))
			.setBody(new byte[LARGE], ContentType.APPLICATION_OCTET_STREAM)
			.build();
		assertThat(send(request, "wroteHeaders", end, "closed " + end))
			.startsWith("getConn", "dnsStart", "dnsDone", "connectStart", "connectDone", "gotConn", "wroteHeaders")
			.endsWith("wroteRequest " + end.error, "responseDone 0 " + end.error)
			.hasSize(9);
	}

	@ParameterizedTest
	@EnumSource(names = { "CANCELLED", "RESET" })
	void waitingToContinue(End end) {
		SimpleHttpRequest request = this.calls.post("/mute", true);
		assertThat(send(request, "wait100Continue", end, "closed " + end)).containsExactly("getConn", "dnsStart",
				"dnsDone", "connectStart", "connectDone", "gotConn", "wroteHeaders", "wait100Continue",
				"wroteRequest " + end.error, "responseDone 0 " + end.error);
	}

	@Test
	void receiving() {
		assertThat(send(get(this.calls.server.url("/stuck")), "gotFirstResponseByte", End.RESET, "closed RESET"))
			.containsExactly("getConn", "dnsStart", "dnsDone", "connectStart", "connectDone", "gotConn", "wroteHeaders",
					"wroteRequest", "gotFirstResponseByte", "responseDone 200 SocketException");
	}

}
