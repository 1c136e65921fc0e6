package io.nettrace.client.httpcomponents;

import java.io.IOException;

import io.nettrace.ConnectionInfo;
import io.nettrace.ConnectionTarget;
import org.apache.hc.client5.http.async.methods.SimpleRequestBuilder;
import org.apache.hc.core5.http.HttpHost;
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

	private final AsyncCalls calls = new AsyncCalls();

	@AfterEach
	void stop() throws IOException {
		this.calls.close();
	}

	@Test
	void newAndPooledConnection() throws Exception {
		this.calls.send(this.calls.get("/ok"));
		assertThat(this.calls.eventsUntil("putIdleConn")).startsWith(NEW)
			.endsWith("gotFirstResponseByte", "responseDone 200", "released", "putIdleConn")
			.hasSize(NEW.length + 3);
		this.calls.send(this.calls.get("/ok"));
		assertThat(this.calls.eventsUntil("putIdleConn")).containsExactly("getConn", "acquired 2", "gotConn",
				"wroteHeaders", "wroteRequest", "gotFirstResponseByte", "responseDone 200", "released", "putIdleConn");
		ConnectionInfo first = this.calls.recorder.connections().get(0);
		ConnectionInfo second = this.calls.recorder.connections().get(1);
		assertThat(first.reused()).isFalse();
		assertThat(first.wasIdle()).isFalse();
		assertThat(first.idleTime()).isZero();
		assertThat(first.requests()).isOne();
		assertThat(first.activeRequests()).isOne();
		assertThat(first.protocol()).isEqualTo("1.1");
		assertThat(first.peerAddress()).hasToString("localhost/127.0.0.1:" + this.calls.server.port());
		assertThat(first.localAddress()).isNotNull();
		assertThat(first.pool().client()).isEqualTo("httpcomponents-async");
		assertThat(first.pool().host()).isEqualTo("localhost");
		assertThat(first.pool().port()).isEqualTo(this.calls.server.port());
		assertThat(first.pool().maxConnections()).isEqualTo(5);
		assertThat(second.id()).isEqualTo(first.id());
		assertThat(second.reused()).isTrue();
		assertThat(second.wasIdle()).isTrue();
		assertThat(second.idleTime()).isPositive();
		assertThat(second.age()).isGreaterThan(second.idleTime());
		assertThat(second.requests()).isEqualTo(2);
		assertThat(this.calls.recorder.targets())
			.containsOnly(new ConnectionTarget("localhost", this.calls.server.port(), false));
	}

	@Test
	void responseWithoutABody() throws Exception {
		this.calls.send(this.calls.get("/empty"));
		assertThat(this.calls.eventsUntil("putIdleConn")).endsWith("gotFirstResponseByte", "responseDone 204",
				"released", "putIdleConn");
	}

	@Test
	void connectionIsNotKept() throws Exception {
		this.calls.send(this.calls.get("/close"));
		assertThat(this.calls.eventsUntil("closed NOT_KEPT")).endsWith("gotFirstResponseByte", "responseDone 200",
				"released", "closed NOT_KEPT");
	}

	/**
	 * The library keeps the connection for a redirect to the same host.
	 */
	@Test
	void redirectIsAnotherExchange() throws Exception {
		this.calls.send(this.calls.get("/redirect"));
		assertThat(this.calls.eventsUntil("putIdleConn"))
			.filteredOn((event) -> event.matches("getConn|gotConn|acquired.*|response.*|released|putIdleConn"))
			.containsExactly("getConn", "acquired 1", "gotConn", "responseDone 302", "released", "getConn",
					"acquired 2", "gotConn", "responseDone 200", "released", "putIdleConn");
		assertThat(this.calls.recorder.connections()).extracting(ConnectionInfo::reused).containsExactly(false, true);
		assertThat(this.calls.recorder.connections()).extracting(ConnectionInfo::wasIdle).containsOnly(false);
	}

	@Test
	void interimResponse() throws Exception {
		this.calls.send(this.calls.get("/hints"));
		assertThat(this.calls.eventsUntil("putIdleConn")).containsSubsequence("wroteRequest", "gotFirstResponseByte",
				"got1xxResponse 103", "responseDone 200");
	}

	@Test
	void bodyIsWritten() throws Exception {
		this.calls.send(this.calls.post("/ok", false));
		assertThat(this.calls.eventsUntil("putIdleConn")).startsWith(NEW)
			.endsWith("responseDone 200", "released", "putIdleConn")
			.hasSize(NEW.length + 3);
	}

	@Test
	void bodyThatWaits() throws Exception {
		this.calls.send(this.calls.post("/continue", true));
		assertThat(this.calls.eventsUntil("putIdleConn")).containsSubsequence("gotConn", "wroteHeaders",
				"wait100Continue", "gotFirstResponseByte", "got100Continue", "got1xxResponse 100", "wroteRequest",
				"responseDone 200", "putIdleConn");
		this.calls.send(this.calls.post("/refuse-body", true));
		assertThat(this.calls.eventsUntil("closed NOT_KEPT"))
			.containsSubsequence("wroteHeaders", "wait100Continue", "gotFirstResponseByte", "wroteRequest",
					"responseDone 417")
			.doesNotContain("got100Continue", "putIdleConn");
	}

	@Test
	void timeout() throws Exception {
		assertThatExceptionOfType(IOException.class)
			.isThrownBy(() -> this.calls.send(this.calls.impatientGet(this.calls.server.url("/mute"))));
		assertThat(this.calls.eventsUntil("closed TIMED_OUT")).endsWith("wroteRequest",
				"responseDone 0 SocketTimeoutException", "released", "closed TIMED_OUT");
	}

	@Test
	void closedWithTheClient() throws Exception {
		this.calls.send(this.calls.get("/ok"));
		this.calls.eventsUntil("putIdleConn");
		this.calls.client().close();
		assertThat(this.calls.recorder.take()).containsExactly("closed CLIENT_CLOSED");
	}

	@Test
	void tunnelIsRefused() throws Exception {
		this.calls.builder.setProxy(new HttpHost("localhost", this.calls.server.port()));
		assertThat(this.calls.send(SimpleRequestBuilder.get("https://refused.test/").build())).isEqualTo(403);
		assertThat(this.calls.recorder.take()).containsSubsequence("connectDone", "proxyStart", "proxyDone IOException")
			.doesNotContain("gotConn", "tlsHandshakeStart");
	}

}
