package io.nettrace.client.httpcomponents;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.Future;

import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;

import io.nettrace.ConnectionTarget;
import io.nettrace.TlsInfo;
import io.nettrace.observation.ErrorType;
import io.nettrace.test.TestAuthority;
import org.apache.hc.client5.http.async.methods.SimpleHttpResponse;
import org.apache.hc.client5.http.async.methods.SimpleRequestBuilder;
import org.apache.hc.client5.http.auth.AuthScope;
import org.apache.hc.client5.http.auth.UsernamePasswordCredentials;
import org.apache.hc.client5.http.config.TlsConfig;
import org.apache.hc.client5.http.impl.DefaultHttpRequestRetryStrategy;
import org.apache.hc.client5.http.impl.auth.BasicCredentialsProvider;
import org.apache.hc.client5.http.ssl.ClientTlsStrategyBuilder;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Handshakes and tunnels of the asynchronous client, good ones and each fault.
 */
class AsyncHandshakeTests {

	private static final TestAuthority AUTHORITY = TestAuthority.create("nettrace test");

	private final AsyncCalls calls = new AsyncCalls();

	AsyncHandshakeTests() {
		this.calls.builder.disableAutomaticRetries();
		this.calls.manager
			.setTlsStrategy(ClientTlsStrategyBuilder.create().setSslContext(AUTHORITY.client()).buildAsync());
	}

	@AfterEach
	void stop() throws IOException {
		this.calls.close();
	}

	private static ScriptedServer secure(SSLContext context) throws IOException {
		return ScriptedServer.start(context.getServerSocketFactory());
	}

	private int get(int port, String path) throws IOException {
		return this.calls.send(SimpleRequestBuilder.get("https://localhost:" + port + path).build());
	}

	@Test
	void fullAndResumed() throws IOException {
		try (ScriptedServer secure = secure(AUTHORITY.server("localhost").context())) {
			get(secure.port(), "/close");
			assertThat(this.calls.eventsUntil("closed NOT_KEPT")).containsExactly("getConn", "dnsStart", "dnsDone",
					"connectStart", "connectDone", "tlsHandshakeStart", "tlsHandshakeDone", "opened", "acquired 1",
					"gotConn", "wroteHeaders", "wroteRequest", "gotFirstResponseByte", "responseDone 200", "released",
					"closed NOT_KEPT");
			get(secure.port(), "/ok");
			this.calls.eventsUntil("putIdleConn");
			get(secure.port(), "/ok");
			assertThat(this.calls.eventsUntil("putIdleConn")).startsWith("getConn", "acquired 2", "gotConn");
		}
		assertThat(this.calls.recorder.handshakes()).hasSize(2);
		TlsInfo full = this.calls.recorder.handshakes().get(0);
		assertThat(full.serverName()).isEqualTo("localhost");
		assertThat(full.version()).isEqualTo("TLSv1.3");
		assertThat(full.cipherSuite()).startsWith("TLS_");
		assertThat(full.negotiatedProtocol()).isEmpty();
		assertThat(full.resumed()).isFalse();
		assertThat(full.peerCertificates()).hasSize(1);
		assertThat(this.calls.recorder.handshakes().get(1).resumed()).isTrue();
		assertThat(this.calls.recorder.connections().get(0).tls()).isEqualTo(full);
		assertThat(this.calls.recorder.connections().get(2).tls()).isEqualTo(this.calls.recorder.handshakes().get(1));
		assertThat(this.calls.recorder.targets()).allMatch(ConnectionTarget::secure);
	}

	@Test
	void faultsOfTheCertificate() throws IOException {
		assertFails(AUTHORITY.expiredServer("localhost").context(), "certificate_expired");
		assertFails(AUTHORITY.futureServer("localhost").context(), "certificate_not_yet_valid");
		assertFails(AUTHORITY.server("other.test").context(), "certificate_hostname_mismatch");
		assertFails(TestAuthority.create("unknown").server("localhost").context(), "certificate_untrusted");
	}

	private void assertFails(SSLContext context, String errorType) throws IOException {
		try (ScriptedServer secure = secure(context)) {
			assertFails(secure.port(), errorType);
		}
	}

	private void assertFails(int port, String errorType) {
		assertThatExceptionOfType(IOException.class).isThrownBy(() -> get(port, "/ok"));
		List<String> events = this.calls.recorder.take();
		assertThat(events)
			.startsWith("getConn", "dnsStart", "dnsDone", "connectStart", "connectDone", "tlsHandshakeStart")
			.hasSize(7);
		TlsInfo failed = this.calls.recorder.handshakes().get(this.calls.recorder.handshakes().size() - 1);
		assertThat(failed.version()).isNull();
		assertThat(failed.error()).satisfies((error) -> assertThat(ErrorType.of(error)).isEqualTo(errorType));
	}

	@Test
	void plainText() throws IOException {
		try (ServerSocket listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
			inBackground(() -> afterHello(listening,
					(socket) -> socket.getOutputStream().write("HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(UTF_8))));
			assertFails(listening.getLocalPort(), "not_tls");
		}
	}

	@Test
	void alert() throws IOException {
		SSLContext context = AUTHORITY.server("localhost").context();
		this.calls.manager.setTlsStrategy(ClientTlsStrategyBuilder.create()
			.setSslContext(AUTHORITY.client())
			.setTlsVersions("TLSv1.3")
			.setCiphers("TLS_CHACHA20_POLY1305_SHA256")
			.buildAsync());
		try (ServerSocket listening = context.getServerSocketFactory()
			.createServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
			((SSLServerSocket) listening).setEnabledCipherSuites(new String[] { "TLS_AES_128_GCM_SHA256" });
			inBackground(() -> {
				try (Socket socket = listening.accept()) {
					socket.getInputStream().read();
				}
				catch (IOException ex) {
					// the handshake fails
				}
			});
			assertFails(listening.getLocalPort(), "handshake_failure");
		}
	}

	@Test
	void reset() throws IOException {
		try (ServerSocket listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
			inBackground(() -> afterHello(listening, (socket) -> socket.setSoLinger(true, 0)));
			assertFails(listening.getLocalPort(), "connection_reset");
		}
	}

	@Test
	void closed() throws IOException {
		try (ServerSocket listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
			inBackground(() -> afterHello(listening, (socket) -> {
			}));
			assertFails(listening.getLocalPort(), "connection_closed");
		}
	}

	private static void inBackground(Runnable work) {
		Thread thread = new Thread(work, "handshake-server");
		thread.setDaemon(true);
		thread.start();
	}

	private interface OfSocket {

		void accept(Socket socket) throws IOException;

	}

	private static void afterHello(ServerSocket listening, OfSocket action) {
		try (Socket socket = listening.accept()) {
			InputStream in = socket.getInputStream();
			in.readNBytes(3);
			int length = (in.read() << 8) + in.read();
			in.readNBytes(length);
			action.accept(socket);
		}
		catch (IOException ex) {
			throw new IllegalStateException(ex);
		}
	}

	@Test
	void hangs() {
		this.calls.manager
			.setDefaultTlsConfig(TlsConfig.custom().setHandshakeTimeout(Timeout.ofMilliseconds(100)).build());
		assertFails(this.calls.server.port(), "timed_out");
	}

	/**
	 * The library forgets a handshake when its client is closed.
	 */
	@Test
	void hangsUntilTheClientIsClosed() {
		Future<SimpleHttpResponse> response = this.calls
			.start(SimpleRequestBuilder.get("https://localhost:" + this.calls.server.port() + "/").build());
		this.calls.await("tlsHandshakeStart");
		this.calls.client().close(CloseMode.IMMEDIATE);
		this.calls.await("tlsHandshakeDone CancellationException");
		assertThat(response).isNotNull();
		assertThat(this.calls.recorder.take()).containsOnlyOnce("tlsHandshakeDone CancellationException")
			.doesNotContain("opened");
	}

	@Test
	void cancelled() {
		Future<SimpleHttpResponse> response = this.calls
			.start(SimpleRequestBuilder.get("https://localhost:" + this.calls.server.port() + "/").build());
		this.calls.await("tlsHandshakeStart");
		response.cancel(true);
		this.calls.client().close(CloseMode.IMMEDIATE);
		this.calls.await("tlsHandshakeDone CancellationException");
		assertThat(this.calls.recorder.errors()).last().isInstanceOf(CancellationException.class);
	}

	@Test
	void tunnel() throws IOException {
		this.calls.builder.setProxy(new HttpHost("localhost", this.calls.server.port()));
		try (ScriptedServer secure = secure(AUTHORITY.server("localhost").context())) {
			get(secure.port(), "/ok");
			assertThat(this.calls.eventsUntil("putIdleConn")).containsExactly("getConn", "dnsStart", "dnsDone",
					"connectStart", "connectDone", "proxyStart", "proxyDone", "tlsHandshakeStart", "tlsHandshakeDone",
					"opened", "acquired 1", "gotConn", "wroteHeaders", "wroteRequest", "gotFirstResponseByte",
					"responseDone 200", "released", "putIdleConn");
			get(secure.port(), "/ok");
			assertThat(this.calls.eventsUntil("putIdleConn")).startsWith("getConn", "acquired 2", "gotConn");
			assertThat(this.calls.recorder.proxies()).singleElement().satisfies((proxy) -> {
				assertThat(proxy.protocol()).isEqualTo("http");
				assertThat(proxy.host()).isEqualTo("localhost");
				assertThat(proxy.port()).isEqualTo(secure.port());
				assertThat(proxy.proxyAddress()).hasToString("localhost/127.0.0.1:" + this.calls.server.port());
			});
			assertThat(this.calls.recorder.connections().get(0).pool()).satisfies((pool) -> {
				assertThat(pool.host()).isEqualTo("localhost");
				assertThat(pool.port()).isEqualTo(secure.port());
			});
			assertThat(this.calls.recorder.connections().get(0).tls()).isNotNull();
		}
		assertThat(this.calls.recorder.targets())
			.containsOnly(new ConnectionTarget("localhost", this.calls.server.port(), true));
	}

	@Test
	void tunnelIsRefused() throws IOException {
		this.calls.builder.setProxy(new HttpHost("localhost", this.calls.server.port()));
		assertThat(this.calls.send(SimpleRequestBuilder.get("https://refused.test/").build())).isEqualTo(403);
		assertThat(this.calls.recorder.take()).containsSubsequence("connectDone", "proxyStart", "proxyDone IOException")
			.doesNotContain("gotConn", "tlsHandshakeStart");
	}

	@Test
	void tunnelAfterAuthentication() throws IOException {
		this.calls.builder.setProxy(new HttpHost("localhost", this.calls.server.port()));
		BasicCredentialsProvider credentials = new BasicCredentialsProvider();
		credentials.setCredentials(new AuthScope(null, -1),
				new UsernamePasswordCredentials("user", "secret".toCharArray()));
		this.calls.builder.setDefaultCredentialsProvider(credentials);
		try (ScriptedServer secure = secure(AUTHORITY.server("secret.test").context())) {
			this.calls.send(SimpleRequestBuilder.get("https://secret.test:" + secure.port() + "/ok").build());
			assertThat(this.calls.eventsUntil("putIdleConn")).containsExactly("getConn", "dnsStart", "dnsDone",
					"connectStart", "connectDone", "proxyStart", "proxyDone IOException", "proxyStart", "proxyDone",
					"tlsHandshakeStart", "tlsHandshakeDone", "opened", "acquired 1", "gotConn", "wroteHeaders",
					"wroteRequest", "gotFirstResponseByte", "responseDone 200", "released", "putIdleConn");
		}
	}

	/**
	 * The library tries again, and finds a connection in the pool.
	 */
	@Test
	void keptTunnelAfterOneThatFailed() throws IOException {
		try (AsyncCalls retrying = new AsyncCalls();
				ScriptedServer secure = secure(AUTHORITY.server("localhost").context())) {
			retrying.builder.setProxy(new HttpHost("localhost", retrying.server.port()))
				.setRetryStrategy(new DefaultHttpRequestRetryStrategy(1, TimeValue.ofMilliseconds(1)));
			retrying.manager
				.setTlsStrategy(ClientTlsStrategyBuilder.create().setSslContext(AUTHORITY.client()).buildAsync());
			String url = "https://localhost:" + secure.port();
			Future<SimpleHttpResponse> holding = retrying.start(SimpleRequestBuilder.get(url + "/later").build());
			retrying.eventsUntil("wroteRequest");
			retrying.server.resetTunnels(() -> {
				secure.answerLater();
				retrying.await("putIdleConn");
				retrying.recorder.take();
			});
			assertThat(retrying.send(SimpleRequestBuilder.get(url + "/ok").build())).isEqualTo(200);
			assertThat(AsyncCalls.status(holding)).isEqualTo(200);
			assertThat(retrying.eventsUntil("putIdleConn")).containsExactly("proxyDone SocketException", "getConn",
					"acquired 2", "gotConn", "wroteHeaders", "wroteRequest", "gotFirstResponseByte", "responseDone 200",
					"released", "putIdleConn");
		}
	}

	@Test
	void plainProxyHasNoStep() throws IOException {
		this.calls.builder.setProxy(new HttpHost("localhost", this.calls.server.port()));
		this.calls.send(SimpleRequestBuilder.get("http://other.test/ok").build());
		assertThat(this.calls.eventsUntil("putIdleConn")).doesNotContain("proxyStart");
		assertThat(this.calls.recorder.connections().get(0).pool().host()).isEqualTo("localhost");
		assertThat(this.calls.recorder.targets())
			.containsOnly(new ConnectionTarget("localhost", this.calls.server.port(), false));
	}

	@Test
	void proxyWithTls() throws IOException {
		try (ScriptedServer secure = secure(AUTHORITY.server("localhost").context())) {
			this.calls.builder.setProxy(new HttpHost("https", "localhost", secure.port()));
			this.calls.send(SimpleRequestBuilder.get("http://other.test/ok").build());
			assertThat(this.calls.eventsUntil("putIdleConn"))
				.containsSubsequence("connectDone", "tlsHandshakeStart", "tlsHandshakeDone", "opened", "gotConn")
				.doesNotContain("proxyStart");
		}
	}

}
