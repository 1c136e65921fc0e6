package io.nettrace.client.httpcomponents;

import java.io.IOException;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

import io.nettrace.ConnectionInfo;
import io.nettrace.ConnectionTarget;
import io.nettrace.Hook;
import io.nettrace.concurrent.LookupThreads;
import io.nettrace.dns.LookupSettings;
import io.nettrace.instrument.NetTracing;
import org.apache.hc.client5.http.async.methods.SimpleHttpRequest;
import org.apache.hc.client5.http.async.methods.SimpleHttpResponse;
import org.apache.hc.client5.http.async.methods.SimpleRequestBuilder;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.async.CloseableHttpAsyncClient;
import org.apache.hc.client5.http.impl.async.HttpAsyncClientBuilder;
import org.apache.hc.client5.http.impl.async.HttpAsyncClients;
import org.apache.hc.client5.http.impl.nio.PoolingAsyncClientConnectionManagerBuilder;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.util.Timeout;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * The hooks of whole requests on the asynchronous client.
 */
class AsyncExchangeTests {

	private static final String[] NEW = { "getConn", "dnsStart", "dnsDone", "connectStart", "connectDone", "opened",
			"acquired 1", "gotConn", "wroteHeaders", "wroteRequest", "gotFirstResponseByte" };

	private final HookRecorder recorder = new HookRecorder();

	private final ScriptedServer server;

	private final PoolingAsyncClientConnectionManagerBuilder manager;

	private final NetTraceHttpComponentsAsync netTrace;

	private final HttpAsyncClientBuilder builder = HttpAsyncClients.custom();

	private CloseableHttpAsyncClient client = HttpAsyncClients.createMinimal();

	AsyncExchangeTests() throws IOException {
		this.server = ScriptedServer.start();
		this.netTrace = new NetTraceHttpComponentsAsync(new NetTracing(() -> List.of((request) -> this.recorder),
				() -> List.of(this.recorder), EnumSet.allOf(Hook.class)), LookupSettings.defaults(),
				LookupThreads.create());
		this.manager = this.netTrace.connectionManagerBuilder();
	}

	private void build() {
		this.client = this.netTrace.instrument(this.builder.setConnectionManager(this.manager.build())).build();
		this.client.start();
	}

	@AfterEach
	void stop() throws IOException {
		this.client.close();
		this.server.close();
	}

	private static int status(Future<SimpleHttpResponse> response) throws Exception {
		try {
			return response.get(10, TimeUnit.SECONDS).getCode();
		}
		catch (ExecutionException ex) {
			throw (ex.getCause() instanceof Exception cause) ? cause : ex;
		}
	}

	private Future<SimpleHttpResponse> start(SimpleHttpRequest request) {
		return this.client.execute(request, null);
	}

	private int send(SimpleHttpRequest request) throws Exception {
		return status(start(request));
	}

	private SimpleHttpRequest get(String path) {
		return SimpleRequestBuilder.get(this.server.url(path)).build();
	}

	/**
	 * The application has its response before the connection is back in the pool.
	 */
	private List<String> eventsUntil(String last) {
		await(last);
		return this.recorder.take();
	}

	private void await(String event) {
		Awaitility.await()
			.pollInterval(Duration.ofMillis(5))
			.atMost(Duration.ofSeconds(10))
			.untilAsserted(() -> assertThat(this.recorder.events()).contains(event));
	}

	@Test
	void newAndPooledConnection() throws Exception {
		build();
		send(get("/ok"));
		assertThat(eventsUntil("putIdleConn")).startsWith(NEW)
			.endsWith("gotFirstResponseByte", "responseDone 200", "released", "putIdleConn")
			.hasSize(NEW.length + 3);
		send(get("/ok"));
		assertThat(eventsUntil("putIdleConn")).containsExactly("getConn", "acquired 2", "gotConn", "wroteHeaders",
				"wroteRequest", "gotFirstResponseByte", "responseDone 200", "released", "putIdleConn");
		ConnectionInfo first = this.recorder.connections().get(0);
		ConnectionInfo second = this.recorder.connections().get(1);
		assertThat(first.reused()).isFalse();
		assertThat(first.wasIdle()).isFalse();
		assertThat(first.idleTime()).isZero();
		assertThat(first.requests()).isOne();
		assertThat(first.activeRequests()).isOne();
		assertThat(first.protocol()).isEqualTo("1.1");
		assertThat(first.peerAddress()).hasToString("localhost/127.0.0.1:" + this.server.port());
		assertThat(first.localAddress()).isNotNull();
		assertThat(first.pool().client()).isEqualTo("httpcomponents-async");
		assertThat(first.pool().host()).isEqualTo("localhost");
		assertThat(first.pool().port()).isEqualTo(this.server.port());
		assertThat(first.pool().maxConnections()).isEqualTo(5);
		assertThat(second.id()).isEqualTo(first.id());
		assertThat(second.reused()).isTrue();
		assertThat(second.wasIdle()).isTrue();
		assertThat(second.idleTime()).isPositive();
		assertThat(second.age()).isGreaterThan(second.idleTime());
		assertThat(second.requests()).isEqualTo(2);
		assertThat(this.recorder.targets()).containsOnly(new ConnectionTarget("localhost", this.server.port(), false));
	}

	@Test
	void responseWithoutABody() throws Exception {
		build();
		send(get("/empty"));
		assertThat(eventsUntil("putIdleConn")).endsWith("gotFirstResponseByte", "responseDone 204", "released",
				"putIdleConn");
	}

	@Test
	void connectionIsNotKept() throws Exception {
		build();
		send(get("/close"));
		assertThat(eventsUntil("closed NOT_KEPT")).endsWith("gotFirstResponseByte", "responseDone 200", "released",
				"closed NOT_KEPT");
	}

	/**
	 * The library keeps the connection for a redirect to the same host.
	 */
	@Test
	void redirectIsAnotherExchange() throws Exception {
		build();
		send(get("/redirect"));
		assertThat(eventsUntil("putIdleConn"))
			.filteredOn((event) -> event.matches("getConn|gotConn|acquired.*|response.*|released|putIdleConn"))
			.containsExactly("getConn", "acquired 1", "gotConn", "responseDone 302", "released", "getConn",
					"acquired 2", "gotConn", "responseDone 200", "released", "putIdleConn");
		assertThat(this.recorder.connections()).extracting(ConnectionInfo::reused).containsExactly(false, true);
		assertThat(this.recorder.connections()).extracting(ConnectionInfo::wasIdle).containsOnly(false);
	}

	@Test
	void interimResponse() throws Exception {
		build();
		send(get("/hints"));
		assertThat(eventsUntil("putIdleConn")).containsSubsequence("wroteRequest", "gotFirstResponseByte",
				"got1xxResponse 103", "responseDone 200");
	}

	private SimpleHttpRequest post(String path, boolean expectContinue) {
		SimpleHttpRequest request = SimpleRequestBuilder.post(this.server.url(path))
			.setBody("body", ContentType.TEXT_PLAIN)
			.build();
		request.setConfig(RequestConfig.custom().setExpectContinueEnabled(expectContinue).build());
		return request;
	}

	@Test
	void bodyIsWritten() throws Exception {
		build();
		send(post("/ok", false));
		assertThat(eventsUntil("putIdleConn")).startsWith(NEW)
			.endsWith("responseDone 200", "released", "putIdleConn")
			.hasSize(NEW.length + 3);
	}

	@Test
	void bodyThatWaits() throws Exception {
		build();
		send(post("/continue", true));
		assertThat(eventsUntil("putIdleConn")).containsSubsequence("gotConn", "wroteHeaders", "wait100Continue",
				"wroteRequest", "responseDone 200", "putIdleConn");
		send(post("/refuse-body", true));
		assertThat(eventsUntil("closed NOT_KEPT"))
			.containsSubsequence("wroteHeaders", "wait100Continue", "gotFirstResponseByte", "wroteRequest",
					"responseDone 417")
			.doesNotContain("got100Continue", "putIdleConn");
	}

	@Test
	void timeout() throws Exception {
		this.builder.disableAutomaticRetries();
		build();
		SimpleHttpRequest request = get("/mute");
		request.setConfig(RequestConfig.custom().setResponseTimeout(Timeout.ofMilliseconds(50)).build());
		assertThatExceptionOfType(IOException.class).isThrownBy(() -> send(request));
		assertThat(eventsUntil("closed TIMED_OUT")).endsWith("wroteRequest", "responseDone 0 SocketTimeoutException",
				"released", "closed TIMED_OUT");
	}

	@Test
	void closedWithTheClient() throws Exception {
		build();
		send(get("/ok"));
		eventsUntil("putIdleConn");
		this.client.close();
		assertThat(this.recorder.take()).containsExactly("closed CLIENT_CLOSED");
	}

	@Test
	void tunnelIsRefused() throws Exception {
		this.builder.setProxy(new HttpHost("localhost", this.server.port()));
		build();
		assertThat(send(SimpleRequestBuilder.get("https://refused.test/").build())).isEqualTo(403);
		assertThat(this.recorder.take()).containsSubsequence("connectDone", "proxyStart", "proxyDone IOException")
			.doesNotContain("gotConn", "tlsHandshakeStart");
	}

}
