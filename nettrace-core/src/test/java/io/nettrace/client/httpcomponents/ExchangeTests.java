package io.nettrace.client.httpcomponents;

import java.io.IOException;
import java.io.InputStream;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import io.nettrace.ConnectionInfo;
import io.nettrace.ConnectionTarget;
import io.nettrace.NetTraceContext;
import io.nettrace.Hook;
import io.nettrace.concurrent.LookupThreads;
import io.nettrace.dns.LookupSettings;
import io.nettrace.instrument.NetTracing;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.classic.methods.HttpPost;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.io.entity.EntityUtils;
import org.apache.hc.core5.http.io.entity.StringEntity;
import org.apache.hc.core5.util.Timeout;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * The hooks of whole requests on the classic client.
 */
class ExchangeTests extends AbstractClassicTests {

	ExchangeTests() throws IOException {
	}

	@Test
	void newAndPooledConnection() throws IOException {
		build();
		assertThat(get("/ok")).containsExactly("getConn", "dnsStart", "dnsDone", "connectStart", "connectDone",
				"opened", "acquired 1", "gotConn", "wroteHeaders", "wroteRequest", "gotFirstResponseByte",
				"responseDone 200", "released", "putIdleConn");
		assertThat(get("/ok")).containsExactly("getConn", "acquired 2", "gotConn", "wroteHeaders", "wroteRequest",
				"gotFirstResponseByte", "responseDone 200", "released", "putIdleConn");
		ConnectionInfo first = this.recorder.connections().get(0);
		ConnectionInfo second = this.recorder.connections().get(1);
		assertThat(first.reused()).isFalse();
		assertThat(first.wasIdle()).isFalse();
		assertThat(first.idleTime()).isZero();
		assertThat(first.requests()).isOne();
		assertThat(first.protocol()).isEqualTo("1.1");
		assertThat(first.peerAddress()).hasToString("localhost/127.0.0.1:" + this.server.port());
		assertThat(first.localAddress()).isNotNull();
		assertThat(second.id()).isEqualTo(first.id());
		assertThat(second.reused()).isTrue();
		assertThat(second.wasIdle()).isTrue();
		assertThat(second.idleTime()).isPositive();
		assertThat(second.age()).isGreaterThan(second.idleTime());
		assertThat(second.requests()).isEqualTo(2);
		assertThat(this.recorder.targets()).containsOnly(new ConnectionTarget("localhost", this.server.port(), false));
	}

	@Test
	void responseWithoutABody() throws IOException {
		build();
		assertThat(get("/empty")).endsWith("gotFirstResponseByte", "responseDone 204", "released", "putIdleConn");
	}

	@Test
	void trailers() throws IOException {
		build();
		String trailer = this.client.execute(new HttpGet(this.server.url("/trailers")), (response) -> {
			assertThat(EntityUtils.toString(response.getEntity())).isEqualTo("hi");
			return response.getEntity().getTrailers().get().get(0).toString();
		});
		assertThat(trailer).isEqualTo("sum: 42");
		assertThat(this.recorder.take()).endsWith("responseDone 200", "released", "putIdleConn");
	}

	@Test
	void connectionIsNotKept() throws IOException {
		build();
		assertThat(get("/close")).endsWith("gotFirstResponseByte", "responseDone 200", "released", "closed NOT_KEPT");
	}

	@Test
	void redirectIsAnotherExchange() throws IOException {
		build();
		assertThat(get("/redirect")).filteredOn((event) -> event.matches("getConn|gotConn|response.*|putIdleConn"))
			.containsExactly("getConn", "gotConn", "responseDone 302", "putIdleConn", "getConn", "gotConn",
					"responseDone 200", "putIdleConn");
	}

	@Test
	void interimResponse() throws IOException {
		build();
		assertThat(get("/hints")).containsSubsequence("wroteRequest", "gotFirstResponseByte", "got1xxResponse 103",
				"responseDone 200");
	}

	@Test
	void bodyThatWaits() throws IOException {
		build();
		send(post("/continue"));
		assertThat(this.recorder.take()).containsSubsequence("gotConn", "wroteHeaders", "wait100Continue",
				"gotFirstResponseByte", "got100Continue", "got1xxResponse 100", "wroteRequest", "responseDone 200",
				"putIdleConn");
		send(post("/refuse-body"));
		assertThat(this.recorder.take())
			.containsSubsequence("wroteHeaders", "wait100Continue", "gotFirstResponseByte", "wroteRequest",
					"responseDone 417")
			.containsOnlyOnce("wait100Continue")
			.doesNotContain("got100Continue", "putIdleConn");
	}

	private HttpPost post(String path) {
		HttpPost request = new HttpPost(this.server.url(path));
		request.setConfig(RequestConfig.custom().setExpectContinueEnabled(true).build());
		request.setEntity(new StringEntity("body"));
		return request;
	}

	@Test
	void bodyIsWritten() throws IOException {
		build();
		HttpPost request = new HttpPost(this.server.url("/ok"));
		request.setEntity(new StringEntity("body"));
		send(request);
		assertThat(this.recorder.take()).containsSubsequence("gotConn", "wroteHeaders", "wroteRequest",
				"gotFirstResponseByte", "responseDone 200", "putIdleConn");
	}

	@Test
	void noAnswerIsTriedAgain() throws IOException {
		build();
		assertThatExceptionOfType(IOException.class).isThrownBy(() -> get("/nothing"));
		List<String> attempt = List.of("getConn", "dnsStart", "dnsDone", "connectStart", "connectDone", "opened",
				"acquired 1", "gotConn", "wroteHeaders", "wroteRequest", "released", "closed PEER",
				"responseDone 0 NoHttpResponseException");
		assertThat(this.recorder.take())
			.containsExactlyElementsOf(Stream.concat(attempt.stream(), attempt.stream()).toList());
	}

	@Test
	void noAnswerOnAKeptConnectionHasNoFirstByte() throws IOException {
		this.builder.disableAutomaticRetries();
		build();
		get("/ok");
		assertThatExceptionOfType(IOException.class).isThrownBy(() -> get("/nothing"));
		assertThat(this.recorder.take()).contains("gotConn", "wroteRequest").doesNotContain("gotFirstResponseByte");
	}

	@Test
	void timeout() throws IOException {
		this.builder
			.setDefaultRequestConfig(RequestConfig.custom().setResponseTimeout(Timeout.ofMilliseconds(50)).build())
			.disableAutomaticRetries();
		build();
		assertThatExceptionOfType(SocketTimeoutException.class).isThrownBy(() -> get("/mute"));
		assertThat(this.recorder.take()).endsWith("released", "closed TIMED_OUT",
				"responseDone 0 SocketTimeoutException");
	}

	@Test
	void headThatIsCut() throws IOException {
		this.builder.disableAutomaticRetries();
		build();
		get("/ok");
		assertThatExceptionOfType(IOException.class).isThrownBy(() -> get("/cut-in-head"));
		assertThat(this.recorder.take()).containsSubsequence("wroteRequest", "gotFirstResponseByte", "released")
			.doesNotContain("putIdleConn");
	}

	@Test
	void requestIsCancelledBeforeItIsSent() throws IOException {
		build();
		HttpGet request = new HttpGet(this.server.url("/ok"));
		request.cancel();
		assertThatExceptionOfType(Exception.class).isThrownBy(() -> send(request));
		assertThat(this.recorder.take()).isEmpty();
	}

	@Test
	void bodyThatIsCut() throws IOException {
		this.builder.disableAutomaticRetries();
		build();
		assertThatExceptionOfType(IOException.class).isThrownBy(() -> get("/cut"));
		assertThat(this.recorder.take()).contains("responseDone 200 ConnectionClosedException")
			.containsOnlyOnce("released")
			.doesNotContain("putIdleConn");
	}

	@Test
	void requestIsAbortedWhileItsBodyIsRead() throws IOException {
		build();
		HttpGet request = new HttpGet(this.server.url("/stuck"));
		ClassicHttpResponse response = this.client.executeOpen(null, request, null);
		InputStream body = response.getEntity().getContent();
		assertThat(body.read()).isEqualTo('h');
		request.abort();
		assertThatExceptionOfType(SocketException.class).isThrownBy(response::close);
		assertThat(this.recorder.take()).endsWith("gotFirstResponseByte", "responseDone 200 CancellationException",
				"released", "closed CANCELLED");
	}

	@Test
	void requestIsAborted() throws Exception {
		this.builder.disableAutomaticRetries();
		build();
		HttpGet request = new HttpGet(this.server.url("/mute"));
		Thread thread = new Thread(() -> {
			try {
				send(request);
			}
			catch (IOException ex) {
				// expected
			}
		});
		thread.start();
		Awaitility.await().atMost(Duration.ofSeconds(10)).until(() -> this.recorder.events().contains("wroteRequest"));
		request.abort();
		thread.join(TimeUnit.SECONDS.toMillis(10));
		assertThat(this.recorder.take()).filteredOn((event) -> event.startsWith("responseDone"))
			.containsExactly("responseDone 0 CancellationException");
		assertThat(this.recorder.errors()).last().isInstanceOf(CancellationException.class);
	}

	@Test
	void connectionIsHandedOver() throws Exception {
		this.manager.setMaxConnTotal(1);
		build();
		get("/ok");
		ClassicHttpResponse holding = this.client.executeOpen(null, new HttpGet(this.server.url("/ok")), null);
		Thread waiting = new Thread(() -> {
			try {
				send(new HttpGet(this.server.url("/ok")));
			}
			catch (IOException ex) {
				throw new IllegalStateException(ex);
			}
		});
		waiting.start();
		Awaitility.await()
			.atMost(Duration.ofSeconds(10))
			.until(() -> waiting.getState() == Thread.State.TIMED_WAITING
					|| waiting.getState() == Thread.State.WAITING);
		EntityUtils.consume(holding.getEntity());
		waiting.join(TimeUnit.SECONDS.toMillis(10));
		ConnectionInfo handedOver = this.recorder.connections().get(2);
		assertThat(handedOver.reused()).isTrue();
		assertThat(handedOver.wasIdle()).isFalse();
		assertThat(handedOver.idleTime()).isZero();
	}

	@Test
	void responseIsRejected() throws IOException {
		this.builder.disableAutomaticRetries().addResponseInterceptorLast((response, body, context) -> {
			throw new HttpException("rejected");
		});
		build();
		assertThatExceptionOfType(IOException.class).isThrownBy(() -> get("/ok"));
		assertThat(this.recorder.take()).endsWith("gotFirstResponseByte", "responseDone 200 IOException", "released",
				"closed UNKNOWN");
	}

	@Test
	void connectionOfAnExchangeWithoutHooksIsIdleAfterwards() throws IOException {
		NetTraceHttpComponents untraced = new NetTraceHttpComponents(new NetTracing(), LookupSettings.defaults(),
				LookupThreads.create());
		this.client = untraced.instrument(HttpClients.custom()).build();
		assertThat(get("/ok")).isEmpty();
		NetTraceContext.Scope scope = NetTraceContext.current().withTrace(this.recorder).open();
		assertThat(get("/ok")).startsWith("getConn", "gotConn");
		scope.close();
		ConnectionInfo found = this.recorder.connections().get(0);
		assertThat(found.requests()).isEqualTo(2);
		assertThat(found.wasIdle()).isTrue();
		assertThat(found.idleTime()).isPositive().isLessThan(found.age());
	}

	@Test
	void closedWithTheClient() throws IOException {
		build();
		get("/ok");
		this.client.close();
		assertThat(this.recorder.take()).containsExactly("closed CLIENT_CLOSED");
	}

	@Test
	void listenersAreToldWithoutATrace() throws IOException {
		NetTraceHttpComponents untraced = new NetTraceHttpComponents(
				new NetTracing(List::of, () -> List.of(this.recorder), EnumSet.allOf(Hook.class)),
				LookupSettings.defaults(), LookupThreads.create());
		this.client = untraced.instrument(HttpClients.custom()).build();
		assertThat(get("/ok")).containsExactly("opened", "acquired 1", "released");
		assertThat(get("/close")).containsExactly("acquired 2", "released", "closed NOT_KEPT");
	}

}
