package io.nettrace.client.jetty;

import java.io.IOException;
import java.io.OutputStream;
import java.security.KeyStore;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;

import javax.net.ssl.SSLContext;

import io.nettrace.ConnectionInfo;
import io.nettrace.NetTraceContext;
import io.nettrace.TlsInfo;
import io.nettrace.client.RecordedHooks;
import io.nettrace.observation.ErrorType;
import io.nettrace.test.TestAuthority;
import org.eclipse.jetty.client.AbstractConnectionPool;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.client.transport.HttpClientConnectionFactory;
import org.eclipse.jetty.client.transport.HttpClientTransportDynamic;
import org.eclipse.jetty.client.transport.HttpDestination;
import org.eclipse.jetty.http2.client.HTTP2Client;
import org.eclipse.jetty.http2.client.transport.ClientConnectionFactoryOverHTTP2;
import org.eclipse.jetty.io.ClientConnector;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

/**
 * Handshakes with TLS: of a client that speaks HTTP/1.1 alone, which shakes hands when it
 * sends its first request, and of one that negotiates the protocol first.
 */
@SuppressWarnings("NullAway.Init") // the server
class JettyTlsTests extends AbstractJettyTests {

	private static final TestAuthority AUTHORITY = TestAuthority.create("trusted");

	private static final List<String> DIAL = List.of("getConn", "dnsStart", "dnsDone", "connectStart", "connectDone",
			"tlsHandshakeStart");

	private ScriptedServer secure;

	private void serve(SSLContext context) throws IOException {
		this.secure = ScriptedServer.start(context.getServerSocketFactory());
	}

	@AfterEach
	void stopServer() throws IOException {
		if (this.secure != null) {
			this.secure.close();
		}
	}

	private void start(KeyStore trusted, boolean negotiates) throws Exception {
		if (negotiates) {
			ClientConnector connector = new ClientConnector();
			use(new HttpClientTransportDynamic(connector, HttpClientConnectionFactory.HTTP11,
					new ClientConnectionFactoryOverHTTP2.HTTP2(new HTTP2Client(connector))));
		}
		SslContextFactory.Client tls = new SslContextFactory.Client();
		tls.setTrustStore(trusted);
		this.client.getClientConnector().setSslContextFactory(tls);
		start();
	}

	private Request secureRequest(int port) {
		return this.client.newRequest("https://localhost:" + port + "/ok");
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void newConnectionAndThenThePooledOne(boolean negotiates) throws Exception {
		serve(AUTHORITY.server("localhost").context());
		start(AUTHORITY.trusted(), negotiates);
		for (int i = 0; i < 2; i++) {
			assertThat(secureRequest(this.secure.port()).send().getStatus()).isEqualTo(200);
		}
		awaitHooks(DIAL, "tlsHandshakeDone", EXCHANGE, "getConn", EXCHANGE);
		awaitConnections("opened", "acquired", "released", "acquired", "released");
		TlsInfo done = this.hooks.all(TlsInfo.class).get(1);
		assertThat(done.serverName()).isEqualTo("localhost");
		assertThat(done.version()).isEqualTo("TLSv1.3");
		assertThat(done.cipherSuite()).startsWith("TLS_");
		assertThat(done.negotiatedProtocol()).isEmpty();
		assertThat(done.resumed()).isFalse();
		assertThat(done.peerCertificates()).isNotEmpty();
		assertThat(this.hooks.connections()).extracting(ConnectionInfo::tls).containsOnly(done);
		assertThat(this.connections.connections()).extracting(ConnectionInfo::tls).containsOnly(done);
	}

	@Test
	void resumedSession() throws Exception {
		serve(AUTHORITY.server("localhost").context());
		this.secure.on("/ok", "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
		start(AUTHORITY.trusted(), false);
		secureRequest(this.secure.port()).send();
		await().atMost(AT_MOST).until(() -> this.connections.names().contains("closed NOT_KEPT"));
		secureRequest(this.secure.port()).send();
		List<TlsInfo> handshakes = this.hooks.all(TlsInfo.class);
		assertThat(handshakes).hasSize(4);
		assertThat(handshakes.get(1).resumed()).isFalse();
		assertThat(handshakes.get(3).resumed()).isTrue();
		assertThat(handshakes.get(3).peerCertificates()).isNotEmpty();
	}

	@ParameterizedTest
	@CsvSource({ "expired, certificate_expired, false", "expired, certificate_expired, true",
			"future, certificate_not_yet_valid, false", "future, certificate_not_yet_valid, true",
			"other host, certificate_hostname_mismatch, false", "other host, certificate_hostname_mismatch, true",
			"untrusted, certificate_untrusted, false", "untrusted, certificate_untrusted, true" })
	void certificateThatIsRefused(String fault, String errorType, boolean negotiates) throws Exception {
		TestAuthority.Server identity = switch (fault) {
			case "expired" -> AUTHORITY.expiredServer("localhost");
			case "future" -> AUTHORITY.futureServer("localhost");
			case "other host" -> AUTHORITY.server("example.org");
			default -> TestAuthority.create("unknown").server("localhost");
		};
		serve(identity.context());
		start(AUTHORITY.trusted(), negotiates);
		assertFails(this.secure.port(), errorType);
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void serverThatDoesNotSpeakTls(boolean negotiates) throws Exception {
		this.secure = ScriptedServer.raw((exchange) -> exchange.write("HTTP/1.1 400 Bad Request\r\n\r\n"));
		start(AUTHORITY.trusted(), negotiates);
		assertFails(this.secure.port(), "not_tls");
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void serverThatRefusesTheHandshake(boolean negotiates) throws Exception {
		this.secure = ScriptedServer.raw((exchange) -> {
			OutputStream out = exchange.socket().getOutputStream();
			out.write(new byte[] { 21, 3, 3, 0, 2, 2, 40 }); // a fatal handshake_failure
			exchange.hang();
		});
		start(AUTHORITY.trusted(), negotiates);
		assertFails(this.secure.port(), "handshake_failure");
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void peerThatGoesAway(boolean negotiates) throws Exception {
		this.secure = ScriptedServer.raw(ScriptedServer.Exchange::close);
		start(AUTHORITY.trusted(), negotiates);
		assertFails(this.secure.port(), "connection_closed", "connection_reset"); // of
																					// its
																					// alert
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void handshakeThatHangs(boolean negotiates) throws Exception {
		this.secure = ScriptedServer.raw(ScriptedServer.Exchange::hang);
		start(AUTHORITY.trusted(), negotiates);
		this.client.setIdleTimeout(300);
		assertFails(this.secure.port(), "timed_out");
	}

	@Test
	void requestThatTimesOutInTheHandshake() throws Exception {
		this.secure = ScriptedServer.raw(ScriptedServer.Exchange::hang);
		start(AUTHORITY.trusted(), false);
		assertThatThrownBy(() -> secureRequest(this.secure.port()).timeout(300, TimeUnit.MILLISECONDS).send())
			.isInstanceOf(Exception.class);
		awaitHooks(DIAL, "tlsHandshakeDone TimeoutException");
		assertThat(this.connections.names()).isEmpty();
	}

	@Test
	void requestThatIsCancelledInTheHandshake() throws Exception {
		this.secure = ScriptedServer.raw(ScriptedServer.Exchange::hang);
		start(AUTHORITY.trusted(), false);
		Request request = secureRequest(this.secure.port());
		request.send((result) -> {
		});
		awaitHooks(DIAL);
		abort(request, new CancellationException());
		awaitHooks(DIAL, "tlsHandshakeDone CancellationException");
		assertThat(this.connections.names()).isEmpty();
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void clientThatStopsInTheHandshake(boolean negotiates) throws Exception {
		this.secure = ScriptedServer.raw(ScriptedServer.Exchange::hang);
		start(AUTHORITY.trusted(), negotiates);
		secureRequest(this.secure.port()).send((result) -> {
		});
		awaitHooks(DIAL);
		this.client.stop();
		await().atMost(AT_MOST).untilAsserted(() -> assertThat(this.hooks.names()).hasSize(7));
		assertThat(ErrorType.of(failure())).isEqualTo("cancelled");
	}

	/**
	 * A connection that is set up in advance shakes hands when it is used, and not when
	 * it is connected.
	 */
	@Test
	void handshakeBeginsWithTheFirstRequest() throws Exception {
		serve(AUTHORITY.server("localhost").context());
		start(AUTHORITY.trusted(), false);
		RecordedHooks bound = new RecordedHooks();
		NetTraceContext.Scope scope = NetTraceContext.current().withTrace(bound.trace()).open();
		Request request = secureRequest(this.secure.port());
		HttpDestination destination = (HttpDestination) this.client.resolveDestination(request);
		((AbstractConnectionPool) destination.getConnectionPool()).preCreateConnections(1).get();
		assertThat(bound.names()).containsExactly("dnsStart", "dnsDone", "connectStart", "connectDone");
		scope.close();
		assertThat(this.connections.names()).isEmpty();
		request.send();
		assertThat(this.connections.names()).startsWith("opened", "acquired");
		assertThat(this.hooks.connections().get(0).reused()).isTrue();
	}

	/**
	 * What nothing has asked for belongs to nothing.
	 */
	@Test
	void connectionThatIsSetUpForNoRequest() throws Exception {
		serve(AUTHORITY.server("localhost").context());
		start(AUTHORITY.trusted(), false);
		Request request = secureRequest(this.secure.port());
		HttpDestination destination = (HttpDestination) this.client.resolveDestination(request);
		((AbstractConnectionPool) destination.getConnectionPool()).preCreateConnections(1).get();
		request.send();
		awaitHooks("getConn", EXCHANGE);
		awaitConnections("opened", "acquired", "released");
	}

	private void assertFails(int port, String... errorTypes) {
		assertThatThrownBy(() -> secureRequest(port).send()).isInstanceOf(Exception.class);
		await().atMost(AT_MOST).untilAsserted(() -> assertThat(this.hooks.names()).hasSize(7));
		assertThat(this.hooks.names()).startsWith(DIAL.toArray(String[]::new));
		assertThat(ErrorType.of(failure())).as(failure().toString()).isIn((Object[]) errorTypes);
		assertThat(this.connections.names()).isEmpty();
	}

	private Throwable failure() {
		TlsInfo done = this.hooks.all(TlsInfo.class).get(1);
		assertThat(done.version()).isNull();
		return Objects.requireNonNull(done.error());
	}

}
