package io.nettrace.client.reactor;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.lang.ref.WeakReference;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.TrustManagerFactory;

import io.nettrace.ConnectionInfo;
import io.nettrace.ConnectionTarget;
import io.nettrace.Hook;
import io.nettrace.NetTrace;
import io.nettrace.NetTraceContext;
import io.nettrace.ProxyInfo;
import io.nettrace.TlsInfo;
import io.nettrace.WroteRequestInfo;
import io.nettrace.client.Keystore;
import io.nettrace.client.RecordedHooks;
import io.nettrace.concurrent.LookupThreads;
import io.nettrace.dns.LookupSettings;
import io.nettrace.instrument.NetTracing;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.timeout.ReadTimeoutHandler;
import io.netty.util.ReferenceCountUtil;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.ByteBufFlux;
import reactor.netty.ConnectionObserver;
import reactor.netty.DisposableServer;
import reactor.netty.http.HttpProtocol;
import reactor.netty.http.client.HttpClient;
import reactor.netty.http.server.HttpServer;
import reactor.netty.http.server.HttpServerRoutes;
import reactor.netty.resources.ConnectionProvider;
import reactor.netty.transport.ProxyProvider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;
import static org.awaitility.Awaitility.await;

/**
 * The phases of a request after its lookup and connects, and the life of its connection.
 */
@SuppressWarnings("NullAway.Init") // the servers
class ReactorPhasesTests {

	private static final Duration AT_MOST = Duration.ofSeconds(20);

	private static final List<String> EXCHANGE = List.of("gotConn", "wroteHeaders", "wroteRequest",
			"gotFirstResponseByte", "responseDone 200");

	private static SslContext trusting;

	private static DisposableServer plain;

	private static DisposableServer secure;

	private final RecordedHooks hooks = new RecordedHooks();

	private final RecordedHooks connections = new RecordedHooks();

	private final ConnectionProvider pool = ConnectionProvider.create("phases", 1);

	private final List<AutoCloseable> scripts = new ArrayList<>();

	@BeforeAll
	static void startServers(@TempDir Path directory) throws Exception {
		KeyStore keystore = Keystore.create(directory, "localhost");
		KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
		keys.init(keystore, Keystore.PASSWORD);
		TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
		trust.init(keystore);
		trusting = SslContextBuilder.forClient().trustManager(trust).build();
		SslContext serving = SslContextBuilder.forServer(keys).build();
		plain = server().bindNow();
		secure = server().secure((spec) -> spec.sslContext(serving)).bindNow();
	}

	private static HttpServer server() {
		return HttpServer.create()
			.host("127.0.0.1")
			.port(0)
			.protocol(HttpProtocol.HTTP11)
			.route(ReactorPhasesTests::routes);
	}

	private static void routes(HttpServerRoutes routes) {
		routes.get("/ok", (request, response) -> response.sendString(Mono.just("ok")))
			.post("/ok", (request, response) -> response.sendString(request.receive().asString().then(Mono.just("ok"))))
			.get("/close", (request, response) -> response.keepAlive(false).sendString(Mono.just("bye")))
			.get("/moved", (request, response) -> response.sendRedirect("/ok"))
			.get("/never", (request, response) -> Mono.never());
	}

	@AfterAll
	static void stopServers() {
		plain.disposeNow();
		secure.disposeNow();
	}

	@AfterEach
	void close() throws Exception {
		this.pool.dispose();
		for (AutoCloseable script : this.scripts) {
			script.close();
		}
	}

	@Test
	void newConnectionOverTlsAndThenThePooledOne() {
		HttpClient client = instrument(secured());
		get(client, url(secure, "/ok"));
		awaitHooks("getConn", "dnsStart", "dnsDone", "connectStart", "connectDone", "tlsHandshakeStart",
				"tlsHandshakeDone", EXCHANGE, "putIdleConn");
		assertThat(this.hooks.all(TlsInfo.class)).element(1).satisfies((tls) -> {
			assertThat(tls.serverName()).isEqualTo("localhost");
			assertThat(tls.version()).isEqualTo("TLSv1.3");
			assertThat(tls.cipherSuite()).startsWith("TLS_");
			assertThat(tls.negotiatedProtocol()).isEmpty();
			assertThat(tls.resumed()).isFalse();
			assertThat(tls.peerCertificates()).hasSize(1);
		});
		get(client, url(secure, "/ok"));
		awaitHooks("getConn", "dnsStart", "dnsDone", "connectStart", "connectDone", "tlsHandshakeStart",
				"tlsHandshakeDone", EXCHANGE, "putIdleConn", "getConn", EXCHANGE, "putIdleConn");
		ConnectionInfo first = this.connections.connections().get(1);
		assertThat(first.reused()).isFalse();
		assertThat(first.wasIdle()).isFalse();
		assertThat(first.idleTime()).isZero();
		assertThat(first.requests()).isOne();
		assertThat(first.protocol()).isEqualTo("1.1");
		assertThat(first.peerAddress()).hasToString("localhost/127.0.0.1:" + secure.port());
		ConnectionInfo second = this.connections.connections().get(3);
		assertThat(second.id()).isEqualTo(first.id());
		assertThat(second.reused()).isTrue();
		assertThat(second.wasIdle()).isTrue();
		assertThat(second.idleTime()).isPositive();
		assertThat(second.age()).isGreaterThan(first.age());
		assertThat(second.requests()).isEqualTo(2);
		this.pool.dispose();
		awaitConnections("opened", "acquired", "released", "acquired", "released", "closed CLIENT_CLOSED");
	}

	@Test
	void resumedSession() {
		HttpClient client = instrument(
				HttpClient.newConnection().secure((spec) -> spec.sslContext(trusting)).keepAlive(false));
		get(client, url(secure, "/ok"));
		get(client, url(secure, "/ok"));
		List<TlsInfo> handshakes = this.hooks.all(TlsInfo.class);
		assertThat(handshakes).hasSize(4);
		assertThat(handshakes.get(3).resumed()).isTrue();
		assertThat(handshakes.get(3).peerCertificates()).hasSize(1);
	}

	@Test
	void certificateThatIsNotTrusted() {
		fail(instrument(HttpClient.create(this.pool)), url(secure, "/ok"));
		awaitHooks("getConn", "dnsStart", "dnsDone", "connectStart", "connectDone", "tlsHandshakeStart",
				"tlsHandshakeDone SSLHandshakeException");
		assertThat(this.connections.names()).isEmpty();
	}

	@Test
	void serverThatDoesNotSpeakTls() {
		fail(instrument(secured()), "https://127.0.0.1:" + plain.port() + "/ok");
		awaitHooks("getConn", "connectStart", "connectDone", "tlsHandshakeStart",
				"tlsHandshakeDone NotSslRecordException");
	}

	@Test
	void handshakeThatHangs() {
		int mute = serve((socket) -> socket.getInputStream().readAllBytes());
		fail(instrument(HttpClient.create(this.pool)
			.secure((spec) -> spec.sslContext(trusting).handshakeTimeout(Duration.ofMillis(200)))),
				"https://127.0.0.1:" + mute + "/");
		awaitHooks("getConn", "connectStart", "connectDone", "tlsHandshakeStart",
				"tlsHandshakeDone SslHandshakeTimeoutException");
	}

	@Test
	void cancelledInTheHandshake() {
		int mute = serve((socket) -> socket.getInputStream().readAllBytes());
		Disposable request = instrument(secured()).get().uri("https://127.0.0.1:" + mute + "/").response().subscribe();
		awaitHooks("getConn", "connectStart", "connectDone", "tlsHandshakeStart");
		request.dispose();
		awaitHooks("getConn", "connectStart", "connectDone", "tlsHandshakeStart",
				"tlsHandshakeDone CancellationException");
	}

	/**
	 * The library dials again at once; the dial before has ended by then.
	 */
	@Test
	void handshakeThatIsResetEndsBeforeTheNextDial() {
		int gone = serve((socket) -> {
			socket.getInputStream().read();
			((ServerSocket) this.scripts.get(0)).close();
			socket.setSoLinger(true, 0);
		});
		fail(instrument(secured()), "https://127.0.0.1:" + gone + "/");
		await().atMost(AT_MOST)
			.untilAsserted(() -> assertThat(this.hooks.names()).filteredOn((name) -> name.startsWith("connectDone "))
				.hasSize(1));
		assertThat(this.hooks.names().stream().map((name) -> name.replaceFirst(" .*", ""))).containsExactly("getConn",
				"connectStart", "connectDone", "tlsHandshakeStart", "tlsHandshakeDone", "connectStart", "connectDone");
	}

	@Test
	void peerThatGoesAwayInTheHandshake() {
		int gone = serve(Socket::close);
		fail(instrument(secured().disableRetry(true)), "https://127.0.0.1:" + gone + "/");
		await().atMost(AT_MOST)
			.untilAsserted(
					() -> assertThat(this.hooks.names()).filteredOn((name) -> name.startsWith("tlsHandshakeDone "))
						.hasSize(1));
		assertThat(this.hooks.names()).doesNotContain("gotConn");
	}

	@Test
	void proxyAndThenTheHandshake() {
		int proxy = serve((socket) -> {
			readHead(socket);
			socket.getOutputStream().write("HTTP/1.1 200 Go ahead\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
			tunnel(socket, secure.port());
		});
		get(instrument(through(proxy)), url(secure, "/ok"));
		awaitHooks("getConn", "connectStart", "connectDone", "proxyStart", "proxyDone", "tlsHandshakeStart",
				"tlsHandshakeDone", EXCHANGE, "putIdleConn");
		assertThat(this.hooks.all(ProxyInfo.class)).allSatisfy((info) -> {
			assertThat(info.protocol()).isEqualTo("http");
			assertThat(info.host()).isEqualTo("localhost");
			assertThat(info.port()).isEqualTo(secure.port());
		});
	}

	/**
	 * The application may tell another proxy each time.
	 */
	@Test
	void proxyOfAKeptConnectionIsAskedForOnce() {
		AtomicInteger asked = new AtomicInteger();
		get(through(tunnelToPlain(), asked), url(plain, "/ok"));
		int once = asked.getAndSet(0);
		int proxy = tunnelToPlain();
		HttpClient client = instrument(through(proxy, asked));
		get(client, url(plain, "/ok"));
		awaitConnections("opened", "acquired", "released");
		get(client, url(plain, "/ok"));
		awaitHooks("getConn", "connectStart", "connectDone", "proxyStart", "proxyDone", EXCHANGE, "putIdleConn",
				"getConn", EXCHANGE, "putIdleConn");
		ConnectionTarget target = new ConnectionTarget("127.0.0.1", proxy, false);
		assertThat(this.hooks.all(ConnectionTarget.class)).containsExactly(target, target);
		awaitConnections("opened", "acquired", "released", "acquired", "released");
		assertThat(asked).hasValue(2 * once);
	}

	private int tunnelToPlain() {
		return serve((socket) -> {
			readHead(socket);
			socket.getOutputStream().write("HTTP/1.1 200 Go ahead\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
			tunnel(socket, plain.port());
		});
	}

	private HttpClient through(int proxy, AtomicInteger asked) {
		return HttpClient.create(this.pool).proxy((spec) -> spec.type(ProxyProvider.Proxy.HTTP).socketAddress(() -> {
			asked.incrementAndGet();
			return new InetSocketAddress("127.0.0.1", proxy);
		}));
	}

	/**
	 * The library has the request ready before the proxy answers.
	 */
	@Test
	void proxyThatRefusesAPlainRequest() {
		int proxy = serve((socket) -> {
			readHead(socket);
			socket.getOutputStream()
				.write("HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
			readHead(socket);
		});
		fail(instrument(through(proxy)), url(plain, "/ok"));
		awaitHooks("getConn", "connectStart", "connectDone", "proxyStart", "proxyDone HttpProxyConnectException");
		assertThat(this.connections.names()).isEmpty();
	}

	@Test
	void proxyThatRefuses() {
		int proxy = serve((socket) -> {
			readHead(socket);
			socket.getOutputStream()
				.write("HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
			readHead(socket);
		});
		fail(instrument(through(proxy)), url(secure, "/ok"));
		awaitHooks("getConn", "connectStart", "connectDone", "proxyStart", "proxyDone HttpProxyConnectException");
		assertThat(this.connections.names()).isEmpty();
	}

	/**
	 * The pool has the connection back before the proxy answers.
	 */
	@Test
	void bodyThatFailsWhileItsProxyIsAsked() {
		CountDownLatch failed = new CountDownLatch(1);
		int proxy = serve((socket) -> {
			readHead(socket);
			awaitLatch(failed);
			socket.getOutputStream().write("HTTP/1.1 200 OK\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
			tunnel(socket, plain.port());
		});
		HttpClient client = instrument(through(proxy));
		Mono<Void> failing = client.post()
			.uri(url(plain, "/ok"))
			.send(Mono.error(new IOException("no body")))
			.response()
			.then();
		assertThatException().isThrownBy(() -> failing.block(AT_MOST)).withMessageContaining("no body");
		failed.countDown();
		awaitHooks("getConn", "connectStart", "connectDone", "proxyStart", "proxyDone");
		assertThat(this.connections.names()).containsExactly("opened");
	}

	private static void awaitLatch(CountDownLatch latch) throws IOException {
		try {
			assertThat(latch.await(AT_MOST.toSeconds(), TimeUnit.SECONDS)).isTrue();
		}
		catch (InterruptedException ex) {
			throw new IOException(ex);
		}
	}

	@Test
	void cancelledWhileItsProxyIsAsked() {
		int proxy = serve((socket) -> {
			readHead(socket);
			socket.getInputStream().read(); // until the client closes it
		});
		Disposable request = instrument(through(proxy)).get().uri(url(secure, "/ok")).response().subscribe();
		awaitHooks("getConn", "connectStart", "connectDone", "proxyStart");
		request.dispose();
		awaitHooks("getConn", "connectStart", "connectDone", "proxyStart", "proxyDone CancellationException");
	}

	private HttpClient through(int proxy) {
		return secured().proxy((spec) -> spec.type(ProxyProvider.Proxy.HTTP).host("127.0.0.1").port(proxy));
	}

	@Test
	void redirectIsAnotherExchange() {
		get(instrument(HttpClient.create(this.pool).followRedirect(true)), url(plain, "/moved"));
		await().atMost(AT_MOST)
			.untilAsserted(() -> assertThat(this.hooks.names()).filteredOn("putIdleConn"::equals).hasSize(2));
		assertThat(this.hooks.names()).filteredOn((name) -> !name.equals("putIdleConn"))
			.containsExactly("getConn", "dnsStart", "dnsDone", "connectStart", "connectDone", "gotConn", "wroteHeaders",
					"wroteRequest", "gotFirstResponseByte", "responseDone 302", "getConn", "gotConn", "wroteHeaders",
					"wroteRequest", "gotFirstResponseByte", "responseDone 200");
		this.pool.dispose();
		awaitConnections("opened", "acquired", "released", "acquired", "released", "closed CLIENT_CLOSED");
	}

	@Test
	void bodyIsWrittenAfterTheHead() {
		HttpClient client = instrument(HttpClient.create(this.pool));
		client.post()
			.uri("http://127.0.0.1:" + plain.port() + "/ok")
			.send(ByteBufFlux.fromString(Flux.just("a", "b")))
			.responseContent()
			.aggregate()
			.block(AT_MOST);
		await().atMost(AT_MOST)
			.untilAsserted(() -> assertThat(this.hooks.names()).contains("putIdleConn", "responseDone 200"));
		assertThat(this.hooks.names()).containsSubsequence("gotConn", "wroteHeaders", "wroteRequest")
			.containsSubsequence("wroteHeaders", "gotFirstResponseByte", "responseDone 200", "putIdleConn");
	}

	/**
	 * The library knows why the request fails, and its channel does not (G17, G19).
	 */
	@Test
	void bodyThatFailsOnItsWay() {
		List<String> hooksBefore = new ArrayList<>();
		IllegalStateException failure = new IllegalStateException("no more of it");
		HttpClient client = instrument(HttpClient.create(this.pool));
		Throwable result = client.post()
			.uri("http://127.0.0.1:" + plain.port() + "/ok")
			.send(ByteBufFlux.fromString(Flux.concat(Mono.just("a"), Mono.error(failure))))
			.response()
			.doOnError((error) -> hooksBefore.addAll(this.hooks.names()))
			.materialize()
			.map((signal) -> Objects.requireNonNull(signal.getThrowable()))
			.block(AT_MOST);
		assertThat(result).isSameAs(failure);
		assertThat(hooksBefore).contains("gotConn", "wroteHeaders", "wroteRequest IllegalStateException");
		assertThat(this.hooks.all(WroteRequestInfo.class)).extracting(WroteRequestInfo::error).containsExactly(failure);
	}

	/**
	 * As over HTTP/2, where one stream may flush what another one writes.
	 */
	@Test
	void headThatIsSentBeforeItsWriteReturns() {
		get(instrument(HttpClient.create(this.pool)
			.doOnChannelInit((observer, channel, address) -> channel.pipeline().addFirst(new WriteAtOnce(false)))),
				"http://127.0.0.1:" + plain.port() + "/ok");
		awaitHooks("getConn", "connectStart", "connectDone", EXCHANGE, "putIdleConn");
	}

	@Test
	void channelThatIsClosedBeforeTheWriteReturns() {
		fail(instrument(HttpClient.create(this.pool)
			.disableRetry(true)
			.doOnChannelInit((observer, channel, address) -> channel.pipeline().addFirst(new WriteAtOnce(true)))),
				"http://127.0.0.1:" + plain.port() + "/ok");
		awaitConnections("opened", "acquired", "released", "closed PEER");
		awaitHooks("getConn", "connectStart", "connectDone", "gotConn", "wroteHeaders", "wroteRequest EOFException",
				"responseDone 0 EOFException");
	}

	/**
	 * Ends a write before it returns.
	 */
	private static final class WriteAtOnce extends ChannelOutboundHandlerAdapter {

		private final boolean closes;

		WriteAtOnce(boolean closes) {
			this.closes = closes;
		}

		@Override
		@SuppressWarnings("FutureReturnValueIgnored") // the promise tells
		public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
			if (this.closes) {
				ReferenceCountUtil.release(message);
				context.close();
				promise.tryFailure(new ClosedChannelException());
			}
			else {
				context.writeAndFlush(message, promise);
			}
		}

	}

	@Test
	void connectionThatIsNotKept() {
		get(instrument(HttpClient.create(this.pool)), "http://127.0.0.1:" + plain.port() + "/close");
		awaitConnections("opened", "acquired", "released", "closed NOT_KEPT");
		assertThat(this.hooks.names()).doesNotContain("putIdleConn").contains("responseDone 200");
	}

	@Test
	void responseThatTimesOut() {
		fail(instrument(HttpClient.create(this.pool).responseTimeout(Duration.ofMillis(200))),
				"http://127.0.0.1:" + plain.port() + "/never");
		awaitConnections("opened", "acquired", "released", "closed TIMED_OUT");
		awaitHooks("getConn", "connectStart", "connectDone", "gotConn", "wroteHeaders", "wroteRequest",
				"responseDone 0 ReadTimeoutException");
	}

	@Test
	void cancelledWhileTheServerIsSlow() {
		Disposable request = instrument(HttpClient.create(this.pool)).get()
			.uri("http://127.0.0.1:" + plain.port() + "/never")
			.response()
			.subscribe();
		awaitHooks("getConn", "connectStart", "connectDone", "gotConn", "wroteHeaders", "wroteRequest");
		request.dispose();
		awaitConnections("opened", "acquired", "released", "closed CANCELLED");
		awaitHooks("getConn", "connectStart", "connectDone", "gotConn", "wroteHeaders", "wroteRequest",
				"responseDone 0 CancellationException");
	}

	@Test
	void cancelledWhileItsBodyIsWritten() {
		Disposable request = instrument(HttpClient.create(this.pool)).post()
			.uri("http://127.0.0.1:" + plain.port() + "/ok")
			.send(ByteBufFlux.fromString(Flux.concat(Mono.just("a"), Mono.never())))
			.response()
			.subscribe();
		awaitHooks("getConn", "connectStart", "connectDone", "gotConn", "wroteHeaders");
		request.dispose();
		awaitConnections("opened", "acquired", "released", "closed CANCELLED");
		awaitHooks("getConn", "connectStart", "connectDone", "gotConn", "wroteHeaders",
				"wroteRequest CancellationException", "responseDone 0 CancellationException");
	}

	@Test
	void peerThatClosesInsteadOfAnswering() {
		int closing = serve((socket) -> {
			readHead(socket);
			socket.close();
		});
		fail(instrument(HttpClient.create(this.pool).disableRetry(true)), "http://127.0.0.1:" + closing + "/");
		awaitConnections("opened", "acquired", "released", "closed PEER");
		awaitHooks("getConn", "connectStart", "connectDone", "gotConn", "wroteHeaders", "wroteRequest",
				"responseDone 0 EOFException");
	}

	@Test
	void peerThatClosesAnIdleConnection() {
		int closing = serve((socket) -> {
			readHead(socket);
			socket.getOutputStream()
				.write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
			await().atMost(AT_MOST).until(() -> this.hooks.names().contains("putIdleConn"));
			socket.close();
		});
		get(instrument(HttpClient.create(this.pool)), "http://127.0.0.1:" + closing + "/");
		awaitConnections("opened", "acquired", "released", "closed PEER");
	}

	@Test
	void interimResponses() {
		int hinting = serve((socket) -> {
			readHead(socket);
			socket.getOutputStream()
				.write("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
					.getBytes(StandardCharsets.US_ASCII));
			readHead(socket);
		});
		get(instrument(HttpClient.create(this.pool)).headers((headers) -> headers.set("Expect", "100-continue")),
				"http://127.0.0.1:" + hinting + "/");
		awaitHooks("getConn", "connectStart", "connectDone", "gotConn", "wroteHeaders", "wroteRequest",
				"gotFirstResponseByte", "got100Continue", "got1xxResponse 100", "responseDone 200", "putIdleConn");
	}

	@Test
	void streamsOfOneConnection() {
		DisposableServer http2 = server().protocol(HttpProtocol.H2C).bindNow();
		HttpClient client = instrument(HttpClient.create(this.pool).protocol(HttpProtocol.H2C));
		Flux.range(0, 10)
			.flatMap((index) -> client.get()
				.uri("http://127.0.0.1:" + http2.port() + "/ok")
				.responseContent()
				.aggregate()
				.asString(), 10)
			.blockLast(AT_MOST);
		await().atMost(AT_MOST)
			.untilAsserted(
					() -> assertThat(this.connections.names()).hasSize(21).filteredOn("released"::equals).hasSize(10));
		assertThat(this.connections.names()).filteredOn("opened"::equals).hasSize(1);
		assertThat(this.connections.names()).filteredOn("acquired"::equals).hasSize(10);
		assertThat(this.hooks.names()).filteredOn("getConn"::equals).hasSize(10);
		assertThat(this.hooks.names()).filteredOn("responseDone 200"::equals).hasSize(10);
		assertThat(this.hooks.names()).doesNotContain("putIdleConn");
		assertThat(this.hooks.connections()).extracting(ConnectionInfo::protocol).containsOnly("2");
		this.pool.dispose();
		await().atMost(AT_MOST)
			.untilAsserted(() -> assertThat(this.connections.names()).last().isEqualTo("closed CLIENT_CLOSED"));
		http2.disposeNow();
	}

	@Test
	void cancelledStreamLeavesItsConnection() {
		DisposableServer http2 = server().protocol(HttpProtocol.H2C).bindNow();
		String url = "http://127.0.0.1:" + http2.port();
		HttpClient client = instrument(HttpClient.create(this.pool).protocol(HttpProtocol.H2C));
		Disposable request = client.get().uri(url + "/never").response().subscribe();
		await().atMost(AT_MOST).until(() -> this.hooks.names().contains("wroteRequest"));
		request.dispose();
		awaitConnections("opened", "acquired", "released");
		assertThat(this.hooks.names()).endsWith("wroteRequest", "responseDone 0 CancellationException");
		get(client, url + "/ok");
		awaitConnections("opened", "acquired", "released", "acquired", "released");
		this.pool.dispose();
		awaitConnections("opened", "acquired", "released", "acquired", "released", "closed CLIENT_CLOSED");
		http2.disposeNow();
	}

	/**
	 * The first exchange begins on HTTP/1.1; its response comes on a stream.
	 */
	@Test
	void upgradeToHttp2() {
		DisposableServer http2 = server().protocol(HttpProtocol.H2C, HttpProtocol.HTTP11).bindNow();
		HttpClient client = instrument(HttpClient.create(this.pool).protocol(HttpProtocol.H2C, HttpProtocol.HTTP11));
		get(client, "http://127.0.0.1:" + http2.port() + "/ok");
		get(client, "http://127.0.0.1:" + http2.port() + "/ok");
		await().atMost(AT_MOST)
			.untilAsserted(() -> assertThat(this.connections.names()).containsExactly("opened", "acquired", "released",
					"acquired", "released"));
		// The response to the upgraded request comes on a stream that is not seen
		assertThat(this.hooks.names()).containsExactly("getConn", "connectStart", "connectDone", "gotConn",
				"wroteHeaders", "wroteRequest", "getConn", "gotConn", "wroteHeaders", "wroteRequest",
				"gotFirstResponseByte", "responseDone 200");
		http2.disposeNow();
	}

	@Test
	void requestThatNothingWatchedHasUsedTheConnection() {
		NetTracing tracing = new NetTracing(List::of, List::of, EnumSet.allOf(Hook.class));
		HttpClient client = new NetTraceReactorNetty(tracing, LookupSettings.defaults(), LookupThreads.create())
			.instrument(HttpClient.create(this.pool));
		get(client, url(plain, "/ok"));
		NetTraceContext.Scope scope = NetTraceContext.current().withTrace(this.hooks.trace()).open();
		try {
			get(client, url(plain, "/ok"));
		}
		finally {
			scope.close();
		}
		ConnectionInfo got = this.hooks.connections().get(0);
		assertThat(got.reused()).isTrue();
		assertThat(got.wasIdle()).isTrue();
		assertThat(got.requests()).isEqualTo(2);
	}

	/**
	 * What stands in the pipeline for the exchanges before and after it lets it pass.
	 */
	@Test
	void requestThatNothingWatchesBetweenTwoThatAreWatched() {
		NetTracing tracing = new NetTracing(List::of, List::of, EnumSet.allOf(Hook.class));
		List<ExchangeHandler> handlers = new ArrayList<>();
		HttpClient client = new NetTraceReactorNetty(tracing, LookupSettings.defaults(), LookupThreads.create())
			.instrument(HttpClient.create(this.pool)
				.doOnResponse((response, connection) -> handlers
					.add(connection.channel().pipeline().get(ExchangeHandler.class))));
		for (boolean watched : List.of(true, false, true)) {
			NetTraceContext context = watched ? NetTraceContext.empty().withTrace(this.hooks.trace())
					: NetTraceContext.empty();
			NetTraceContext.Scope scope = context.open();
			try {
				get(client, url(plain, "/ok"));
			}
			finally {
				scope.close();
			}
		}
		awaitHooks("getConn", "dnsStart", "dnsDone", "connectStart", "connectDone", EXCHANGE, "putIdleConn", "getConn",
				EXCHANGE, "putIdleConn");
		assertThat(this.hooks.connections()).extracting(ConnectionInfo::requests).containsOnly(1, 3);
		assertThat(handlers).hasSize(3).doesNotContainNull().allMatch((each) -> each == handlers.get(0));
	}

	/**
	 * An application's handlers are added anew for each request.
	 */
	@Test
	void timeoutOfTheApplicationsOwnOnAKeptConnection() {
		HttpClient client = instrument(HttpClient.create(this.pool)
			.doOnConnected((connection) -> connection.addHandlerLast(new ReadTimeoutHandler(1))));
		get(client, url(plain, "/ok"));
		fail(client, url(plain, "/never"));
		awaitConnections("opened", "acquired", "released", "acquired", "released", "closed TIMED_OUT");
		awaitHooks("getConn", "dnsStart", "dnsDone", "connectStart", "connectDone", EXCHANGE, "putIdleConn", "getConn",
				"gotConn", "wroteHeaders", "wroteRequest", "responseDone 0 ReadTimeoutException");
	}

	@Test
	void listenersAloneAreTold() {
		HttpClient client = instrument(HttpClient.create(this.pool), EnumSet.noneOf(Hook.class), true);
		get(client, "http://127.0.0.1:" + plain.port() + "/ok");
		get(client, "http://127.0.0.1:" + plain.port() + "/close");
		awaitConnections("opened", "acquired", "released", "acquired", "released", "closed NOT_KEPT");
		assertThat(this.hooks.names()).isEmpty();
	}

	@ParameterizedTest
	@ValueSource(strings = { "http", "https", "h2c" })
	void keepsNothingOfARequestWhoseConnectionIsPooled(String protocol) {
		DisposableServer http2 = server().protocol(HttpProtocol.H2C).bindNow();
		List<WeakReference<NetTrace>> traces = Collections.synchronizedList(new ArrayList<>());
		NetTracing tracing = new NetTracing((request) -> {
			NetTrace trace = new NetTrace() {
			};
			traces.add(new WeakReference<>(trace));
			return trace;
		});
		HttpClient client = new NetTraceReactorNetty(tracing, LookupSettings.defaults(), LookupThreads.create())
			.instrument(protocol.equals("h2c") ? HttpClient.create(this.pool).protocol(HttpProtocol.H2C) : secured());
		for (int i = 0; i < 3; i++) {
			get(client, protocol.equals("h2c") ? "http://127.0.0.1:" + http2.port() + "/ok"
					: url(protocol.equals("https") ? secure : plain, "/ok"));
		}
		assertThat(traces).hasSize(3);
		await().atMost(AT_MOST).until(() -> {
			System.gc();
			return traces.stream().allMatch((trace) -> trace.get() == null);
		});
		http2.disposeNow();
	}

	@Test
	void clientsThatSharedAPoolStillDo() {
		for (ConnectionObserver observer : List.<ConnectionObserver>of((connection, state) -> {
		}, ConnectionObserver.emptyListener())) {
			HttpClient client = HttpClient.create(this.pool).observe(observer);
			int hash = instrument(client).configuration().channelHash();
			assertThat(instrument(client).configuration().channelHash()).isEqualTo(hash);
			assertThat(instrument(client.observe((connection, state) -> {
			})).configuration().channelHash()).isNotEqualTo(hash);
		}
	}

	private HttpClient secured() {
		return HttpClient.create(this.pool).secure((spec) -> spec.sslContext(trusting));
	}

	private HttpClient instrument(HttpClient client) {
		return instrument(client, EnumSet.allOf(Hook.class), true);
	}

	private HttpClient instrument(HttpClient client, Set<Hook> which, boolean listening) {
		NetTracing tracing = new NetTracing(() -> List.of((request) -> this.hooks.trace()),
				() -> listening ? List.of(this.connections.listener()) : List.of(), which);
		return new NetTraceReactorNetty(tracing, LookupSettings.defaults(), LookupThreads.create()).instrument(client);
	}

	private static String url(DisposableServer server, String path) {
		return ((server == secure) ? "https" : "http") + "://localhost:" + server.port() + path;
	}

	private static void get(HttpClient client, String url) {
		Integer status = client.get()
			.uri(url)
			.responseSingle((response, body) -> body.asString().thenReturn(response.status().code()))
			.block(AT_MOST);
		assertThat(status).isEqualTo(200);
	}

	private static void fail(HttpClient client, String url) {
		List<Throwable> failures = new ArrayList<>();
		client.get().uri(url).response().then().onErrorResume((failure) -> {
			failures.add(failure);
			return Mono.empty();
		}).block(AT_MOST);
		assertThat(failures).hasSize(1);
	}

	@SuppressWarnings("unchecked")
	private void awaitHooks(Object... names) {
		List<String> expected = new ArrayList<>();
		for (Object each : names) {
			expected.addAll((each instanceof List<?> several) ? (List<String>) several : List.of((String) each));
		}
		await().atMost(AT_MOST).untilAsserted(() -> assertThat(this.hooks.names()).containsExactlyElementsOf(expected));
	}

	private void awaitConnections(String... events) {
		await().atMost(AT_MOST).untilAsserted(() -> assertThat(this.connections.names()).containsExactly(events));
	}

	private interface Script {

		void run(Socket socket) throws IOException;

	}

	/**
	 * Serve one connection.
	 */
	private int serve(Script script) {
		try {
			ServerSocket listener = new ServerSocket(0, 10, InetAddress.getByName("127.0.0.1"));
			this.scripts.add(listener);
			start(() -> {
				try (Socket socket = listener.accept()) {
					script.run(socket);
				}
			});
			return listener.getLocalPort();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private interface Task {

		void run() throws IOException;

	}

	private static void start(Task task) {
		Thread thread = new Thread(() -> {
			try {
				task.run();
			}
			catch (IOException ex) {
				// the other side has gone
			}
		});
		thread.setDaemon(true);
		thread.start();
	}

	/**
	 * Read to an empty line, or to the end.
	 */
	private static void readHead(Socket socket) throws IOException {
		BufferedReader reader = new BufferedReader(
				new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1), 1);
		@Nullable String line;
		do {
			line = reader.readLine();
		}
		while (line != null && !line.isEmpty());
	}

	private static void tunnel(Socket socket, int port) throws IOException {
		try (Socket server = new Socket("127.0.0.1", port)) {
			start(() -> server.getInputStream().transferTo(socket.getOutputStream()));
			socket.getInputStream().transferTo(server.getOutputStream());
		}
	}

}
