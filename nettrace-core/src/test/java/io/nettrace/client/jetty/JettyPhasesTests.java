package io.nettrace.client.jetty;

import java.lang.ref.WeakReference;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

import io.nettrace.CloseInfo;
import io.nettrace.CloseReason;
import io.nettrace.ConnectionInfo;
import io.nettrace.ConnectionTarget;
import io.nettrace.Hook;
import io.nettrace.NetTrace;
import io.nettrace.NetTraceContext;
import io.nettrace.instrument.NetTracing;
import org.eclipse.jetty.client.AbstractConnectionPool;
import org.eclipse.jetty.client.BasicAuthentication;
import org.eclipse.jetty.client.BytesRequestContent;
import org.eclipse.jetty.client.Destination;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.client.transport.HttpDestination;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

/**
 * The phases of a request after its lookup and connects, and the life of its connection.
 */
class JettyPhasesTests extends AbstractJettyTests {

	@Test
	void newConnectionAndThenThePooledOne() throws Exception {
		start();
		get("/ok");
		awaitHooks("getConn", "connectStart", "connectDone", EXCHANGE);
		get("/ok");
		awaitHooks("getConn", "connectStart", "connectDone", EXCHANGE, "getConn", EXCHANGE);
		assertThat(this.hooks.all(ConnectionTarget.class)).hasSize(2)
			.containsOnly(new ConnectionTarget("127.0.0.1", this.server.port(), false));
		ConnectionInfo first = this.hooks.connections().get(0);
		assertThat(first.reused()).isFalse();
		assertThat(first.wasIdle()).isFalse();
		assertThat(first.idleTime()).isZero();
		assertThat(first.requests()).isOne();
		assertThat(first.activeRequests()).isOne();
		assertThat(first.protocol()).isEqualTo("1.1");
		assertThat(first.tls()).isNull();
		assertThat(first.peerAddress()).hasToString("/127.0.0.1:" + this.server.port());
		assertThat(first.localAddress()).isNotNull();
		assertThat(first.pool().client()).isEqualTo("jetty");
		assertThat(first.pool().host()).isEqualTo("127.0.0.1");
		assertThat(first.pool().port()).isEqualTo(this.server.port());
		assertThat(first.pool().maxConnections()).isOne();
		ConnectionInfo second = this.connections.connections().get(3);
		assertThat(second.id()).isEqualTo(first.id());
		assertThat(second.reused()).isTrue();
		assertThat(second.wasIdle()).isTrue();
		assertThat(second.idleTime()).isPositive();
		assertThat(second.age()).isGreaterThan(first.age());
		assertThat(second.requests()).isEqualTo(2);
		this.client.stop();
		awaitConnections("opened", "acquired", "released", "acquired", "released", "closed CLIENT_CLOSED");
	}

	/**
	 * Jetty may say that it has written the body only after the server has answered.
	 */
	@Test
	void requestWithABody() throws Exception {
		start();
		assertThat(request("/ok").method("POST").body(new BytesRequestContent(new byte[100_000])).send().getStatus())
			.isEqualTo(200);
		awaitHook("putIdleConn");
		assertThat(this.hooks.names()).filteredOn((name) -> !name.equals("wroteRequest"))
			.containsExactly("getConn", "connectStart", "connectDone", "gotConn", "wroteHeaders",
					"gotFirstResponseByte", "responseDone 200", "putIdleConn");
		assertThat(this.hooks.names()).containsSubsequence("wroteHeaders", "wroteRequest", "putIdleConn")
			.containsOnlyOnce("wroteRequest");
	}

	@Test
	void redirectIsAnotherExchange() throws Exception {
		this.server.on("/moved", "HTTP/1.1 302 Found\r\nLocation: /also\r\nContent-Length: 2\r\n\r\nhi")
			.on("/also", "HTTP/1.1 302 Found\r\nLocation: /ok\r\nContent-Length: 0\r\n\r\n");
		start();
		get("/moved");
		awaitHooks("getConn", "connectStart", "connectDone", SENT, "gotFirstResponseByte", "responseDone 302",
				"putIdleConn", "getConn", SENT, "gotFirstResponseByte", "responseDone 302", "putIdleConn", "getConn",
				EXCHANGE);
		awaitConnections("opened", "acquired", "released", "acquired", "released", "acquired", "released");
		assertThat(this.hooks.connections()).extracting(ConnectionInfo::requests).contains(1, 2, 3);
	}

	@Test
	void redirectThatClosesItsConnection() throws Exception {
		this.server.on("/moved",
				"HTTP/1.1 302 Found\r\nLocation: /ok\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi");
		start();
		get("/moved");
		awaitHooks("getConn", "connectStart", "connectDone", SENT, "gotFirstResponseByte", "responseDone 302",
				"getConn", "connectStart", "connectDone", EXCHANGE);
		await().atMost(AT_MOST).untilAsserted(() -> assertThat(this.connections.names()).hasSize(7));
		assertThat(this.connections.names()).containsOnlyOnce("closed NOT_KEPT");
	}

	@Test
	void tooManyRedirects() throws Exception {
		this.server.on("/loop", "HTTP/1.1 302 Found\r\nLocation: /loop\r\nContent-Length: 0\r\n\r\n");
		this.client.setMaxRedirects(1);
		start();
		assertThatThrownBy(() -> request("/loop").send()).isInstanceOf(ExecutionException.class);
		awaitHooks("getConn", "connectStart", "connectDone", SENT, "gotFirstResponseByte", "responseDone 302",
				"putIdleConn", "getConn", SENT, "gotFirstResponseByte", "responseDone 302", "putIdleConn");
		awaitConnections("opened", "acquired", "released", "acquired", "released");
	}

	@Test
	void passwordIsSentInAnotherExchange() throws Exception {
		this.server.on("/secret",
				(exchange) -> exchange.write(exchange.head().contains("Authorization: Basic ") ? ScriptedServer.OK
						: "HTTP/1.1 401 No\r\nWWW-Authenticate: Basic realm=\"r\"\r\nContent-Length: 0\r\n\r\n"));
		start();
		this.client.getAuthenticationStore()
			.addAuthentication(new BasicAuthentication(request("").getURI(), "r", "user", "password"));
		get("/secret");
		awaitHooks("getConn", "connectStart", "connectDone", SENT, "gotFirstResponseByte", "responseDone 401",
				"putIdleConn", "getConn", EXCHANGE);
	}

	@Test
	void passwordThatIsNotThere() throws Exception {
		this.server.on("/secret",
				"HTTP/1.1 401 No\r\nWWW-Authenticate: Basic realm=\"r\"\r\nContent-Length: 2\r\n\r\nhi");
		start();
		assertThat(request("/secret").send().getStatus()).isEqualTo(401);
		awaitHooks("getConn", "connectStart", "connectDone", SENT, "gotFirstResponseByte", "responseDone 401",
				"putIdleConn");
		awaitConnections("opened", "acquired", "released");
	}

	@Test
	void responseWithoutABody() throws Exception {
		this.server.on("/empty", "HTTP/1.1 204 No Content\r\n\r\n");
		start();
		assertThat(request("/empty").send().getStatus()).isEqualTo(204);
		awaitHooks("getConn", "connectStart", "connectDone", SENT, "gotFirstResponseByte", "responseDone 204",
				"putIdleConn");
	}

	@Test
	void bodyWaitsForTheServer() throws Exception {
		this.server.on("/continue", (exchange) -> {
			exchange.write("HTTP/1.1 100 Continue\r\n\r\n");
			exchange.ok();
		});
		start();
		expecting("/continue").send();
		awaitHooks("getConn", "connectStart", "connectDone", "gotConn", "wroteHeaders", "wait100Continue",
				"gotFirstResponseByte", "got100Continue", "got1xxResponse 100", "wroteRequest", "responseDone 200",
				"putIdleConn");
	}

	@Test
	void bodyThatTheServerDoesNotWant() throws Exception {
		this.server.on("/refused", (exchange) -> {
			exchange.write("HTTP/1.1 417 Expectation Failed\r\nContent-Length: 0\r\n\r\n");
			exchange.hang();
		});
		start();
		assertThatThrownBy(() -> expecting("/refused").send()).isInstanceOf(ExecutionException.class);
		awaitConnections("opened", "acquired", "released", "closed NOT_KEPT");
		assertThat(this.hooks.names()).containsExactlyInAnyOrder("getConn", "connectStart", "connectDone", "gotConn",
				"wroteHeaders", "wait100Continue", "gotFirstResponseByte", "wroteRequest", "responseDone 417");
	}

	/**
	 * Jetty forgets such a request, and never tells its listeners of an end.
	 */
	@Test
	void isAbortedJustAsItIsToldToContinue() throws Exception {
		this.server.on("/continue", (exchange) -> {
			exchange.write("HTTP/1.1 100 Continue\r\n\r\n");
			exchange.hang();
		});
		start();
		this.client.getProtocolHandlers().put(new AbortingContinueHandler());
		expecting("/continue").send((result) -> {
		});
		awaitHooks("getConn", "connectStart", "connectDone", "gotConn", "wroteHeaders", "wait100Continue",
				"gotFirstResponseByte", "got100Continue", "got1xxResponse 100", "wroteRequest TimeoutException",
				"responseDone 0 TimeoutException");
		awaitConnections("opened", "acquired", "released");
	}

	@Test
	void redirectThatIsAborted() throws Exception {
		this.server.on("/moved", "HTTP/1.1 302 Found\r\nLocation: /slow\r\nContent-Length: 0\r\n\r\n")
			.on("/slow", ScriptedServer.Exchange::hang);
		start();
		Request request = request("/moved");
		request.send((result) -> {
		});
		await().atMost(AT_MOST).until(() -> this.hooks.names().stream().filter("wroteRequest"::equals).count() == 2);
		abort(request, new IllegalStateException("not any more"));
		awaitHooks("getConn", "connectStart", "connectDone", SENT, "gotFirstResponseByte", "responseDone 302",
				"putIdleConn", "getConn", SENT, "responseDone 0 CancellationException");
		awaitConnections("opened", "acquired", "released", "acquired", "released", "closed CANCELLED");
	}

	private Request expecting(String path) {
		return request(path).method("POST")
			.headers((headers) -> headers.put("Expect", "100-continue"))
			.body(new BytesRequestContent(new byte[10]));
	}

	@Test
	void earlyHints() throws Exception {
		this.server.on("/hints", "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + ScriptedServer.OK);
		start();
		get("/hints");
		awaitHooks("getConn", "connectStart", "connectDone", SENT, "gotFirstResponseByte", "got1xxResponse 103",
				"responseDone 200", "putIdleConn");
	}

	@Test
	void firstByteIsThatOfTheFirstLine() throws Exception {
		this.server.on("/slow", (exchange) -> {
			exchange.write("HTTP/1.1 200 OK\r\n");
			awaitHook("gotFirstResponseByte");
			exchange.write("Content-Length: 0\r\n\r\n");
		});
		start();
		get("/slow");
		awaitHooks("getConn", "connectStart", "connectDone", EXCHANGE);
	}

	@Test
	void connectionThatTheServerDoesNotKeep() throws Exception {
		this.server.on("/close", "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi");
		start();
		get("/close");
		awaitConnections("opened", "acquired", "released", "closed NOT_KEPT");
		awaitHooks("getConn", "connectStart", "connectDone", SENT, "gotFirstResponseByte", "responseDone 200");
		assertThat(close().by()).isEqualTo(CloseInfo.Side.PEER);
	}

	@Test
	void connectionOfHttp10() throws Exception {
		this.server.on("/old", "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi");
		start();
		get("/old");
		awaitConnections("opened", "acquired", "released", "closed NOT_KEPT");
		assertThat(close().by()).isEqualTo(CloseInfo.Side.PEER);
	}

	@Test
	void connectionThatTheRequestDoesNotKeep() throws Exception {
		start();
		request("/ok").headers((headers) -> headers.put("Connection", "close")).send();
		awaitConnections("opened", "acquired", "released", "closed NOT_KEPT");
		assertThat(this.hooks.names()).doesNotContain("putIdleConn");
		assertThat(close().by()).isEqualTo(CloseInfo.Side.CLIENT);
	}

	private CloseInfo close() {
		return this.connections.all(CloseInfo.class).get(0);
	}

	@Test
	void responseThatTimesOut() throws Exception {
		this.server.on("/never", ScriptedServer.Exchange::hang);
		start();
		assertThatThrownBy(() -> request("/never").timeout(300, TimeUnit.MILLISECONDS).send())
			.isInstanceOf(Exception.class);
		awaitConnections("opened", "acquired", "released", "closed TIMED_OUT");
		awaitHooks("getConn", "connectStart", "connectDone", SENT, "responseDone 0 TimeoutException");
	}

	@Test
	void connectionThatIsIdleForTooLongInAnExchange() throws Exception {
		this.server.on("/never", ScriptedServer.Exchange::hang);
		start();
		assertThatThrownBy(() -> request("/never").idleTimeout(300, TimeUnit.MILLISECONDS).send())
			.isInstanceOf(Exception.class);
		awaitConnections("opened", "acquired", "released", "closed TIMED_OUT");
		awaitHooks("getConn", "connectStart", "connectDone", SENT, "responseDone 0 TimeoutException");
	}

	@Test
	void bodyThatTimesOut() throws Exception {
		this.server.on("/stuck", (exchange) -> {
			exchange.write("HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nhi");
			exchange.hang();
		});
		start();
		assertThatThrownBy(() -> request("/stuck").timeout(300, TimeUnit.MILLISECONDS).send())
			.isInstanceOf(Exception.class);
		awaitConnections("opened", "acquired", "released", "closed TIMED_OUT");
		awaitHooks("getConn", "connectStart", "connectDone", SENT, "gotFirstResponseByte",
				"responseDone 200 TimeoutException");
	}

	@Test
	void requestThatIsCancelled() throws Exception {
		this.server.on("/never", ScriptedServer.Exchange::hang);
		start();
		Request request = request("/never");
		request.send((result) -> {
		});
		awaitHook("wroteRequest");
		abort(request, new IllegalStateException("not any more"));
		awaitConnections("opened", "acquired", "released", "closed CANCELLED");
		awaitHooks("getConn", "connectStart", "connectDone", SENT, "responseDone 0 CancellationException");
	}

	@Test
	void requestWhoseThreadIsInterrupted() throws Exception {
		this.server.on("/never", ScriptedServer.Exchange::hang);
		start();
		Thread sending = new Thread(
				() -> assertThatThrownBy(() -> request("/never").send()).isInstanceOf(InterruptedException.class));
		sending.start();
		awaitHook("wroteRequest");
		sending.interrupt();
		sending.join();
		awaitConnections("opened", "acquired", "released", "closed CANCELLED");
		awaitHooks("getConn", "connectStart", "connectDone", SENT, "responseDone 0 InterruptedException");
	}

	@Test
	void bodyThatIsCancelled() throws Exception {
		this.server.on("/stuck", (exchange) -> {
			exchange.write("HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nhi");
			exchange.hang();
		});
		start();
		Request request = request("/stuck");
		request.send((result) -> {
		});
		awaitHook("gotFirstResponseByte");
		abort(request, new CancellationException());
		awaitConnections("opened", "acquired", "released", "closed CANCELLED");
		awaitHooks("getConn", "connectStart", "connectDone", SENT, "gotFirstResponseByte",
				"responseDone 200 CancellationException");
	}

	@Test
	void requestThatIsCancelledWhileItIsWritten() throws Exception {
		this.server.on("/stuck", (exchange) -> {
			await().atMost(AT_MOST).until(() -> this.connections.names().contains("closed CANCELLED"));
			exchange.close();
		});
		start();
		Request request = chunked("/stuck");
		request.send((result) -> {
		});
		awaitHook("wroteHeaders");
		abort(request, new CancellationException());
		awaitConnections("opened", "acquired", "released", "closed CANCELLED");
		awaitHooks("getConn", "connectStart", "connectDone", "gotConn", "wroteHeaders",
				"wroteRequest CancellationException", "responseDone 0 CancellationException");
	}

	@Test
	void peerThatClosesInsteadOfAnswering() throws Exception {
		this.server.on("/nothing", ScriptedServer.Exchange::close);
		start();
		assertThatThrownBy(() -> request("/nothing").send()).isInstanceOf(ExecutionException.class);
		awaitConnections("opened", "acquired", "released", "closed PEER");
		awaitHooks("getConn", "connectStart", "connectDone", SENT, "responseDone 0 EOFException");
	}

	/**
	 * While it reads, Jetty takes a reset for an end.
	 */
	@Test
	void peerThatResetsInsteadOfAnswering() throws Exception {
		this.server.on("/reset", ScriptedServer.Exchange::reset);
		start();
		assertThatThrownBy(() -> request("/reset").send()).isInstanceOf(ExecutionException.class);
		awaitConnections("opened", "acquired", "released", "closed PEER");
		awaitHooks("getConn", "connectStart", "connectDone", SENT, "responseDone 0 EOFException");
	}

	/**
	 * Or it fails to write before it reads the end.
	 */
	@Test
	void peerThatResetsWhileTheRequestIsWritten() throws Exception {
		this.server.on("/reset", ScriptedServer.Exchange::reset);
		start();
		assertThatThrownBy(() -> chunked("/reset").send()).isInstanceOf(ExecutionException.class);
		await().atMost(AT_MOST).untilAsserted(() -> assertThat(this.connections.names()).hasSize(4));
		assertThat(close().reason()).isIn(CloseReason.RESET, CloseReason.PEER);
		assertThat(close().by()).isEqualTo(CloseInfo.Side.PEER);
		assertThat(this.hooks.names()).hasSize(7).element(5).asString().matches("wroteRequest E(OF|of)Exception");
		assertThat(this.hooks.names()).last().asString().matches("responseDone 0 E(OF|of)Exception");
	}

	/**
	 * More than fits into the buffers of two sockets.
	 */
	private Request chunked(String path) {
		return request(path).method("POST").body(new BytesRequestContent(new byte[10], new byte[50_000_000]));
	}

	@Test
	void peerThatClosesInTheBody() throws Exception {
		this.server.on("/cut", (exchange) -> {
			exchange.write("HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nhi");
			exchange.close();
		});
		start();
		assertThatThrownBy(() -> request("/cut").send()).isInstanceOf(ExecutionException.class);
		awaitConnections("opened", "acquired", "released", "closed PEER");
		awaitHooks("getConn", "connectStart", "connectDone", SENT, "gotFirstResponseByte",
				"responseDone 200 EOFException");
	}

	@Test
	void redirectThatIsCut() throws Exception {
		this.server.on("/cut", (exchange) -> {
			exchange.write("HTTP/1.1 302 Found\r\nLocation: /ok\r\nContent-Length: 20\r\n\r\nhi");
			exchange.close();
		});
		start();
		request("/cut").send((result) -> {
		});
		await().atMost(AT_MOST).until(() -> this.connections.names().contains("closed PEER"));
		assertThat(this.hooks.names()).contains("responseDone 302 EOFException");
	}

	@Test
	void peerThatClosesAnIdleConnection() throws Exception {
		this.server.on("/last", (exchange) -> {
			exchange.ok();
			awaitHook("putIdleConn");
			exchange.close();
		});
		start();
		get("/last");
		awaitConnections("opened", "acquired", "released", "closed PEER");
	}

	@Test
	void connectionThatIsIdleForTooLong() throws Exception {
		this.client.setIdleTimeout(300);
		start();
		get("/ok");
		awaitConnections("opened", "acquired", "released", "closed IDLE");
	}

	@Test
	void connectionThatIsTooOld() throws Exception {
		start();
		AbstractConnectionPool pool = (AbstractConnectionPool) destination().getConnectionPool();
		this.server.on("/slow", (exchange) -> {
			pool.setMaxDuration(1); // before, the connection may be too old for its first
									// use
			await().pollDelay(Duration.ofMillis(5)).until(() -> true);
			exchange.ok();
		});
		get("/slow");
		awaitConnections("opened", "acquired", "released", "closed MAX_LIFETIME");
	}

	private HttpDestination destination() {
		Destination destination = this.client.resolveDestination(request("/"));
		return (HttpDestination) destination;
	}

	@Test
	void connectionThatHasCarriedEnough() throws Exception {
		start();
		((AbstractConnectionPool) destination().getConnectionPool()).setMaxUsage(1);
		get("/ok");
		awaitConnections("opened", "acquired", "released", "closed NOT_KEPT");
	}

	@Test
	void clientThatStopsInAnExchange() throws Exception {
		this.server.on("/never", ScriptedServer.Exchange::hang);
		start();
		request("/never").send((result) -> {
		});
		awaitHook("wroteRequest");
		this.client.stop();
		awaitConnections("opened", "acquired", "released", "closed CLIENT_CLOSED");
		assertThat(this.hooks.names()).hasSize(7).last().asString().startsWith("responseDone 0 ");
	}

	@Test
	void listenersAloneAreTold() throws Exception {
		this.server.on("/close", "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi");
		start(EnumSet.noneOf(Hook.class));
		get("/ok");
		get("/close");
		awaitConnections("opened", "acquired", "released", "acquired", "released", "closed NOT_KEPT");
		assertThat(this.hooks.names()).isEmpty();
	}

	@Test
	void connectionsThatNothingHasWatchedAreKnown() throws Exception {
		start(new NetTracing());
		get("/ok");
		get("/ok");
		NetTraceContext.Scope scope = NetTraceContext.current().withTrace(this.hooks.trace()).open();
		get("/ok");
		scope.close();
		awaitHooks("getConn", EXCHANGE);
		assertThat(this.hooks.connections().get(0)).satisfies((connection) -> {
			assertThat(connection.reused()).isTrue();
			assertThat(connection.wasIdle()).isTrue();
			assertThat(connection.requests()).isEqualTo(3);
			assertThat(connection.idleTime()).isPositive();
		});
	}

	@Test
	void keepsNothingOfARequestWhoseConnectionIsPooled() throws Exception {
		List<WeakReference<NetTrace>> traces = Collections.synchronizedList(new ArrayList<>());
		start(new NetTracing((request) -> {
			NetTrace trace = new NetTrace() {
			};
			traces.add(new WeakReference<>(trace));
			return trace;
		}));
		for (int i = 0; i < 3; i++) {
			CompletableFuture.runAsync(() -> {
				try {
					get("/ok");
				}
				catch (Exception ex) {
					throw new AssertionError(ex);
				}
			}).get();
		}
		assertThat(traces).hasSize(3);
		await().atMost(AT_MOST).until(() -> {
			System.gc();
			return traces.stream().allMatch((trace) -> trace.get() == null);
		});
		assertThat(this.server.connections()).isOne();
	}

	@Test
	void hooksThatThrowChangeNothing() throws Exception {
		NetTrace throwing = (NetTrace) Proxy.newProxyInstance(NetTrace.class.getClassLoader(),
				new Class<?>[] { NetTrace.class }, (proxy, method, arguments) -> {
					if (method.getName().equals("forDial")) {
						return proxy;
					}
					if (method.getDeclaringClass() == Object.class) {
						return method.getName().equals("hashCode") ? 1 : arguments[0] == proxy;
					}
					throw new IllegalStateException(method.getName());
				});
		this.server.on("/moved", "HTTP/1.1 302 Found\r\nLocation: /ok\r\nContent-Length: 2\r\n\r\nhi");
		start(new NetTracing(() -> List.of((request) -> throwing), () -> List.of(this.connections.listener()),
				EnumSet.allOf(Hook.class)));
		get("/moved");
		awaitConnections("opened", "acquired", "released", "acquired", "released");
	}

}
