package io.nettrace.client.jetty;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;

import javax.net.ssl.KeyManagerFactory;

import io.nettrace.TlsInfo;
import io.nettrace.client.Keystore;
import io.nettrace.client.RecordedHooks;
import io.nettrace.concurrent.LookupThreads;
import io.nettrace.dns.LookupSettings;
import io.nettrace.instrument.NetTracing;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.io.ClientConnector;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

@SuppressWarnings("NullAway.Init") // the server and its keys
class JettyHandshakeTests {

	private static final Duration AT_MOST = Duration.ofSeconds(20);

	private static KeyStore keystore;

	private static DisposableServer server;

	private final RecordedHooks hooks = new RecordedHooks();

	private final SslContextFactory.Client tls = new SslContextFactory.Client();

	private final HttpClient client = new HttpClient();

	@BeforeAll
	static void startServer(@TempDir Path directory) throws Exception {
		keystore = Keystore.create(directory, "localhost");
		KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
		keys.init(keystore, Keystore.PASSWORD);
		SslContext serving = SslContextBuilder.forServer(keys).build();
		server = HttpServer.create()
			.host("127.0.0.1")
			.port(0)
			.secure((spec) -> spec.sslContext(serving))
			.handle((request, response) -> response.status(204).send())
			.bindNow();
	}

	@AfterAll
	static void stopServer() {
		server.disposeNow();
	}

	private HttpClient start() throws Exception {
		this.tls.setTrustStore(keystore);
		ClientConnector connector = this.client.getClientConnector();
		connector.setSslContextFactory(this.tls);
		new NetTraceJetty(new NetTracing((request) -> this.hooks.trace()), LookupSettings.defaults(),
				LookupThreads.create())
			.instrument(this.client)
			.start();
		return this.client;
	}

	@AfterEach
	void stop() throws Exception {
		this.client.stop();
	}

	@Test
	void newConnectionAndThenThePooledOne() throws Exception {
		HttpClient started = start();
		for (int i = 0; i < 2; i++) {
			assertThat(started.GET("https://localhost:" + server.port() + "/").getStatus()).isEqualTo(204);
		}
		assertThat(setUp()).containsExactly("dnsStart", "dnsDone", "connectStart", "connectDone", "tlsHandshakeStart",
				"tlsHandshakeDone");
		assertThat(this.hooks.all(TlsInfo.class)).element(1).satisfies((info) -> {
			assertThat(info.serverName()).isEqualTo("localhost");
			assertThat(info.version()).isEqualTo("TLSv1.3");
			assertThat(info.cipherSuite()).startsWith("TLS_");
			assertThat(info.resumed()).isFalse();
			assertThat(info.peerCertificates()).hasSize(1);
		});
	}

	/**
	 * The hooks of an exchange are not what is tested here.
	 */
	private List<String> setUp() {
		return this.hooks.names()
			.stream()
			.filter((name) -> name.startsWith("dns") || name.startsWith("connect") || name.startsWith("tls"))
			.toList();
	}

	@Test
	void certificateThatIsNotTrusted() throws Exception {
		HttpClient started = start();
		this.tls.reload((factory) -> this.tls.setTrustStore(null));
		assertThatThrownBy(() -> started.GET("https://localhost:" + server.port() + "/"))
			.isInstanceOf(ExecutionException.class);
		awaitSetUp("dnsStart", "dnsDone", "connectStart", "connectDone", "tlsHandshakeStart",
				"tlsHandshakeDone SSLHandshakeException");
	}

	@Test
	void handshakeThatHangsEndsWithItsConnection() throws Exception {
		this.client.setIdleTimeout(300);
		try (ServerSocket mute = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
			HttpClient started = start();
			assertThatThrownBy(() -> started.GET("https://localhost:" + mute.getLocalPort() + "/"))
				.isInstanceOf(Exception.class);
			awaitSetUp("dnsStart", "dnsDone", "connectStart", "connectDone", "tlsHandshakeStart",
					"tlsHandshakeDone TimeoutException");
		}
	}

	@Test
	void peerThatGoesAway() throws Exception {
		try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
			Thread closing = new Thread(() -> {
				try (Socket socket = listener.accept()) {
					socket.getInputStream().read();
				}
				catch (Exception ex) {
					throw new AssertionError(ex);
				}
			});
			closing.start();
			HttpClient started = start();
			assertThatThrownBy(() -> started.GET("https://localhost:" + listener.getLocalPort() + "/"))
				.isInstanceOf(Exception.class);
			await().atMost(AT_MOST)
				.untilAsserted(() -> assertThat(setUp()).hasSize(6)
					.last()
					.asString()
					.startsWith("tlsHandshakeDone ")
					.doesNotContain("Timeout"));
			closing.join();
		}
	}

	@Test
	void clientThatStopsInTheHandshake() throws Exception {
		try (ServerSocket mute = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
			HttpClient started = start();
			started.newRequest("https://localhost:" + mute.getLocalPort() + "/").send((result) -> {
			});
			awaitSetUp("dnsStart", "dnsDone", "connectStart", "connectDone", "tlsHandshakeStart");
			started.stop();
			awaitSetUp("dnsStart", "dnsDone", "connectStart", "connectDone", "tlsHandshakeStart",
					"tlsHandshakeDone CancellationException");
		}
	}

	private void awaitSetUp(String... names) {
		await().atMost(AT_MOST).untilAsserted(() -> assertThat(setUp()).containsExactly(names));
	}

}
