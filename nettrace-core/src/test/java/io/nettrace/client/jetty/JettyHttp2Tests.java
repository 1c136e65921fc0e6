package io.nettrace.client.jetty;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

import io.nettrace.CloseInfo;
import io.nettrace.ConnectionInfo;
import io.nettrace.ResponseInfo;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2FrameCodec;
import org.eclipse.jetty.client.BytesRequestContent;
import org.eclipse.jetty.client.CompletableResponseListener;
import org.eclipse.jetty.client.ContentResponse;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.http2.client.HTTP2Client;
import org.eclipse.jetty.http2.client.transport.HttpClientTransportOverHTTP2;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.netty.DisposableServer;
import reactor.netty.http.HttpProtocol;
import reactor.netty.http.server.HttpServer;
import reactor.netty.http.server.HttpServerRequest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

/**
 * Streams on a connection.
 */
@SuppressWarnings("NullAway.Init") // the server
class JettyHttp2Tests extends AbstractJettyTests {

	private static final List<String> STREAM = List.of("gotConn", "wroteHeaders", "wroteRequest",
			"gotFirstResponseByte", "responseDone 200");

	private DisposableServer http2;

	@BeforeEach
	void startHttp2() {
		use(new HttpClientTransportOverHTTP2(new HTTP2Client()));
		serve(10);
	}

	private void serve(int streams) {
		this.http2 = HttpServer.create()
			.host("127.0.0.1")
			.port(0)
			.protocol(HttpProtocol.H2C)
			.http2Settings((settings) -> settings.maxConcurrentStreams(streams))
			.route((routes) -> routes.get("/ok", (request, response) -> response.sendString(Mono.just("ok")))
				.get("/moved", (request, response) -> response.sendRedirect("/ok"))
				.get("/never", (request, response) -> Mono.never())
				.post("/never", (request, response) -> request.receive().then().then(Mono.never()))
				.get("/away", (request, response) -> {
					Channel connection = connection(request);
					goAway(connection);
					closeNext(connection);
					return Mono.never();
				})
				.get("/goaway",
						(request, response) -> response.sendString(Mono.just("bye"))
							.then()
							.doFinally((signal) -> goAway(connection(request)))))
			.bindNow();
	}

	@AfterEach
	void stopHttp2() {
		this.http2.disposeNow();
	}

	@Override
	Request request(String path) {
		return this.client.newRequest("http://127.0.0.1:" + this.http2.port() + path);
	}

	@Test
	void streamsOneAfterTheOther() throws Exception {
		start();
		get("/ok");
		get("/moved");
		awaitHooks("getConn", "connectStart", "connectDone", STREAM, "getConn", "gotConn", "wroteHeaders",
				"wroteRequest", "gotFirstResponseByte", "responseDone 302", "getConn", STREAM);
		awaitConnections("opened", "acquired", "released", "acquired", "released", "acquired", "released");
		ConnectionInfo last = this.hooks.connections().get(this.hooks.connections().size() - 1);
		assertThat(last.protocol()).isEqualTo("2");
		assertThat(last.reused()).isTrue();
		assertThat(last.wasIdle()).isTrue();
		assertThat(last.requests()).isEqualTo(3);
		this.client.stop();
		awaitConnections("opened", "acquired", "released", "acquired", "released", "acquired", "released",
				"closed CLIENT_CLOSED");
	}

	@Test
	void tenStreamsAtOnce() throws Exception {
		start();
		get("/ok");
		List<CompletableFuture<ContentResponse>> responses = new ArrayList<>();
		for (int i = 0; i < 10; i++) {
			responses.add(new CompletableResponseListener(request("/ok")).send());
		}
		for (CompletableFuture<ContentResponse> response : responses) {
			assertThat(response.get(20, TimeUnit.SECONDS).getStatus()).isEqualTo(200);
		}
		await().atMost(AT_MOST)
			.untilAsserted(() -> assertThat(this.connections.names()).filteredOn("released"::equals).hasSize(11));
		assertThat(this.connections.names()).filteredOn("opened"::equals).hasSize(1);
		assertThat(this.connections.names()).filteredOn("acquired"::equals).hasSize(11);
		assertThat(this.hooks.names()).filteredOn("responseDone 200"::equals).hasSize(11);
		assertThat(this.hooks.names()).filteredOn((name) -> name.startsWith("wait")).isEmpty();
		assertThat(this.hooks.names()).doesNotContain("putIdleConn");
	}

	/**
	 * The connection goes on, so that its end does not end what Jetty has forgotten.
	 */
	@Test
	void streamThatIsAbortedJustAsItIsToldToContinue() throws Exception {
		start();
		this.client.getProtocolHandlers().put(new AbortingContinueHandler());
		request("/never").method("POST")
			.headers((headers) -> headers.put("Expect", "100-continue"))
			.body(new BytesRequestContent(new byte[10]))
			.send((result) -> {
			});
		awaitHooks("getConn", "connectStart", "connectDone", "gotConn", "wroteHeaders", "wait100Continue",
				"gotFirstResponseByte", "got100Continue", "got1xxResponse 100", "wroteRequest TimeoutException",
				"responseDone 0 TimeoutException");
		awaitConnections("opened", "acquired", "released");
	}

	@Test
	void streamsThatTheServerDoesNotAllowYet() throws Exception {
		this.http2.disposeNow();
		serve(1);
		start();
		get("/ok");
		Request first = request("/never");
		first.send((result) -> {
		});
		await().atMost(AT_MOST).until(() -> this.hooks.names().stream().filter("wroteRequest"::equals).count() == 2);
		Request second = request("/ok");
		CompletableFuture<ContentResponse> response = new CompletableResponseListener(second).send();
		assertThat(this.hooks.names()).last().isEqualTo("waitStart HOST_LIMIT");
		abort(first, new CancellationException());
		assertThat(response.get(20, TimeUnit.SECONDS).getStatus()).isEqualTo(200);
		await().atMost(AT_MOST)
			.untilAsserted(() -> assertThat(this.connections.names()).filteredOn("released"::equals).hasSize(3));
		assertThat(this.hooks.names()).contains("responseDone 0 CancellationException", "waitDone REUSED");
	}

	@Test
	void cancelledStreamLeavesItsConnection() throws Exception {
		start();
		Request request = request("/never");
		request.send((result) -> {
		});
		awaitHook("wroteRequest");
		abort(request, new CancellationException());
		awaitHooks("getConn", "connectStart", "connectDone", SENT, "responseDone 0 CancellationException");
		awaitConnections("opened", "acquired", "released");
		get("/ok");
		awaitConnections("opened", "acquired", "released", "acquired", "released");
	}

	@Test
	void streamThatTimesOutLeavesItsConnection() throws Exception {
		start();
		assertThatThrownBy(() -> request("/never").timeout(300, TimeUnit.MILLISECONDS).send())
			.isInstanceOf(Exception.class);
		awaitHooks("getConn", "connectStart", "connectDone", SENT, "responseDone 0 TimeoutException");
		get("/ok");
		awaitConnections("opened", "acquired", "released", "acquired", "released");
	}

	/**
	 * The response may come to its end before the server goes, or not.
	 */
	@Test
	void serverThatGoesAway() throws Exception {
		start();
		request("/goaway").send((result) -> {
		});
		awaitConnections("opened", "acquired", "released", "closed GOAWAY");
		CloseInfo close = this.connections.all(CloseInfo.class).get(0);
		assertThat(close.http2ErrorCode()).isEqualTo(11);
		assertThat(close.by()).isEqualTo(CloseInfo.Side.PEER);
	}

	@Test
	void exchangeThatGoAwayEndsKnowsItsCode() throws Exception {
		start();
		request("/away").send((result) -> {
		});
		await().untilAsserted(() -> assertThat(this.hooks.all(ResponseInfo.class)).singleElement().satisfies((end) -> {
			assertThat(end.error()).isNotNull();
			assertThat(end.goAway()).isEqualTo(11);
		}));
	}

	@Test
	void connectionThatIsIdleForTooLong() throws Exception {
		this.client.setIdleTimeout(300);
		start();
		get("/ok");
		awaitConnections("opened", "acquired", "released", "closed IDLE");
	}

	@Test
	void serverThatIsGone() throws Exception {
		ScriptedServer gone = ScriptedServer.raw((exchange) -> {
			exchange.socket().getOutputStream().write(new byte[] { 0, 0, 0, 4, 0, 0, 0, 0, 0 }); // SETTINGS
			awaitHook("wroteRequest");
			exchange.close();
		});
		start();
		assertThatThrownBy(() -> this.client.GET("http://127.0.0.1:" + gone.port() + "/"))
			.isInstanceOf(ExecutionException.class);
		awaitConnections("opened", "acquired", "released", "closed PEER");
		gone.close();
		assertThat(this.hooks.names()).hasSize(7).last().asString().startsWith("responseDone 0 ");
	}

	private static Channel connection(HttpServerRequest request) {
		AtomicReference<@Nullable Channel> connection = new AtomicReference<>();
		request.withConnection((stream) -> connection.set(stream.channel().parent()));
		return Objects.requireNonNull(connection.get());
	}

	@SuppressWarnings("FutureReturnValueIgnored") // the client sees it
	private static void closeNext(Channel connection) {
		connection.eventLoop().execute(connection::close);
	}

	/**
	 * {@code ENHANCE_YOUR_CALM} (RFC 9113, section 7).
	 */
	private static void goAway(Channel connection) {
		connection.eventLoop().execute(() -> {
			Http2FrameCodec codec = connection.pipeline().get(Http2FrameCodec.class);
			ChannelHandlerContext context = connection.pipeline().context(codec);
			codec.encoder()
				.writeGoAway(context, 1, 11, Unpooled.EMPTY_BUFFER, context.newPromise())
				.addListener((written) -> assertThat(written.isSuccess()).isTrue());
			context.flush();
		});
	}

}
