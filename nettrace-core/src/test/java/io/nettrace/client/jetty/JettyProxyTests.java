package io.nettrace.client.jetty;

import java.io.IOException;
import java.net.URI;
import java.security.KeyStore;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutionException;

import io.nettrace.ConnectionInfo;
import io.nettrace.ConnectionTarget;
import io.nettrace.ProxyInfo;
import io.nettrace.TlsInfo;
import io.nettrace.test.SocksProxy;
import io.nettrace.test.TestAuthority;
import org.eclipse.jetty.client.BasicAuthentication;
import org.eclipse.jetty.client.HttpProxy;
import org.eclipse.jetty.client.Origin;
import org.eclipse.jetty.client.ProxyConfiguration;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.client.Socks4Proxy;
import org.eclipse.jetty.client.Socks5Proxy;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

/**
 * Connections through a proxy: the base's server is one for HTTP.
 */
@SuppressWarnings("NullAway.Init") // the server
class JettyProxyTests extends AbstractJettyTests {

	private static final TestAuthority AUTHORITY = TestAuthority.create("trusted");

	private static final List<String> CONNECT = List.of("getConn", "connectStart", "connectDone", "proxyStart");

	private static final List<String> TLS = List.of("tlsHandshakeStart", "tlsHandshakeDone");

	private static final String UNAUTHENTICATED = String.join("\r\n", "HTTP/1.1 407 Who are you?",
			"Proxy-Authenticate: Basic realm=\"r\"", "Content-Length: 0", "", "");

	private ScriptedServer secure;

	@BeforeEach
	void startSecureServer() throws IOException {
		this.secure = ScriptedServer.start(AUTHORITY.server("localhost").context().getServerSocketFactory());
		this.server.on("CONNECT", (exchange) -> exchange.tunnel(this.secure.port()));
	}

	@AfterEach
	void stopSecureServer() throws IOException {
		this.secure.close();
	}

	private void start(ProxyConfiguration.Proxy proxy) throws Exception {
		SslContextFactory.Client tls = new SslContextFactory.Client();
		KeyStore trusted = AUTHORITY.trusted();
		tls.setTrustStore(trusted);
		this.client.getClientConnector().setSslContextFactory(tls);
		this.client.getProxyConfiguration().addProxy(proxy);
		start();
	}

	private HttpProxy httpProxy() {
		return new HttpProxy("127.0.0.1", this.server.port());
	}

	private Request secureRequest() {
		return this.client.newRequest("https://localhost:" + this.secure.port() + "/ok");
	}

	@Test
	void tunnel() throws Exception {
		start(httpProxy());
		for (int i = 0; i < 2; i++) {
			assertThat(secureRequest().send().getStatus()).isEqualTo(200);
		}
		awaitHooks(CONNECT, "proxyDone", TLS, EXCHANGE, "getConn", EXCHANGE);
		awaitConnections("opened", "acquired", "released", "acquired", "released");
		assertThat(this.hooks.all(ConnectionTarget.class))
			.containsOnly(new ConnectionTarget("127.0.0.1", this.server.port(), true));
		assertThat(this.hooks.all(ProxyInfo.class)).hasSize(2).allSatisfy((proxy) -> {
			assertThat(proxy.protocol()).isEqualTo("http");
			assertThat(proxy.proxyAddress()).hasToString("/127.0.0.1:" + this.server.port());
			assertThat(proxy.host()).isEqualTo("localhost");
			assertThat(proxy.port()).isEqualTo(this.secure.port());
			assertThat(proxy.error()).isNull();
		});
		ConnectionInfo got = this.hooks.connections().get(0);
		assertThat(got.reused()).isFalse();
		assertThat(got.requests()).isOne();
		assertThat(got.pool().host()).isEqualTo("localhost");
		assertThat(got.pool().port()).isEqualTo(this.secure.port());
		assertThat(got.peerAddress()).hasToString("/127.0.0.1:" + this.server.port());
		assertThat(got.tls()).isNotNull();
	}

	@Test
	void tunnelThatIsRefused() throws Exception {
		this.server.on("CONNECT", "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
		start(httpProxy());
		assertThatThrownBy(() -> secureRequest().send()).isInstanceOf(ExecutionException.class);
		awaitHooks(CONNECT, "proxyDone HttpResponseException");
		assertThat(this.connections.names()).isEmpty();
	}

	@Test
	void tunnelThatNeedsAPassword() throws Exception {
		this.server.on("CONNECT", (exchange) -> {
			if (exchange.head().contains("Proxy-Authorization: Basic ")) {
				exchange.tunnel(this.secure.port());
			}
			else {
				exchange.write(UNAUTHENTICATED);
			}
		});
		start(httpProxy());
		URI proxy = URI.create("http://127.0.0.1:" + this.server.port());
		this.client.getAuthenticationStore().addAuthentication(new BasicAuthentication(proxy, "r", "user", "password"));
		assertThat(secureRequest().send().getStatus()).isEqualTo(200);
		awaitHooks(CONNECT, "proxyDone HttpResponseException", "proxyStart", "proxyDone", TLS, EXCHANGE);
		awaitConnections("opened", "acquired", "released");
	}

	@Test
	void proxyThatClosesInsteadOfAnswering() throws Exception {
		this.server.on("CONNECT", ScriptedServer.Exchange::close);
		start(httpProxy());
		assertThatThrownBy(() -> secureRequest().send()).isInstanceOf(ExecutionException.class);
		awaitHooks(CONNECT, "proxyDone EOFException");
		assertThat(this.connections.names()).isEmpty();
	}

	@Test
	void proxyThatDoesNotAnswer() throws Exception {
		this.server.on("CONNECT", ScriptedServer.Exchange::hang);
		this.client.setConnectTimeout(300);
		start(httpProxy());
		assertThatThrownBy(() -> secureRequest().send()).isInstanceOf(Exception.class);
		awaitHooks(CONNECT, "proxyDone TimeoutException");
		assertThat(this.connections.names()).isEmpty();
	}

	@Test
	void clientThatStopsWhileTheProxyIsAsked() throws Exception {
		this.server.on("CONNECT", ScriptedServer.Exchange::hang);
		start(httpProxy());
		secureRequest().send((result) -> {
		});
		awaitHooks(CONNECT);
		this.client.stop();
		await().atMost(AT_MOST).untilAsserted(() -> assertThat(this.hooks.names()).hasSize(5));
		assertThat(this.hooks.names()).last().asString().startsWith("proxyDone ");
	}

	@Test
	void certificateBehindTheProxy() throws Exception {
		this.secure.close();
		this.secure = ScriptedServer.start(AUTHORITY.expiredServer("localhost").context().getServerSocketFactory());
		start(httpProxy());
		assertThatThrownBy(() -> secureRequest().send()).isInstanceOf(ExecutionException.class);
		awaitHooks(CONNECT, "proxyDone", "tlsHandshakeStart", "tlsHandshakeDone SSLHandshakeException");
		assertThat(this.connections.names()).isEmpty();
	}

	@Test
	void tunnelThroughASecureProxy() throws Exception {
		ScriptedServer proxy = ScriptedServer.start(AUTHORITY.server("localhost").context().getServerSocketFactory());
		proxy.on("CONNECT", (exchange) -> exchange.tunnel(this.secure.port()));
		start(new HttpProxy(new Origin.Address("localhost", proxy.port()), true));
		assertThat(secureRequest().send().getStatus()).isEqualTo(200);
		awaitHooks("getConn", "dnsStart", "dnsDone", "connectStart", "connectDone", TLS, "proxyStart", "proxyDone", TLS,
				EXCHANGE);
		List<TlsInfo> handshakes = this.hooks.all(TlsInfo.class);
		assertThat(handshakes).hasSize(4);
		assertThat(this.hooks.connections().get(0).tls()).isEqualTo(handshakes.get(3));
		awaitConnections("opened", "acquired", "released");
		proxy.close();
	}

	@Test
	void forwardingProxyIsNotAskedToConnect() throws Exception {
		this.server.on("http://example.org/", ScriptedServer.OK);
		start(httpProxy());
		assertThat(this.client.GET("http://example.org/").getStatus()).isEqualTo(200);
		awaitHooks("getConn", "connectStart", "connectDone", EXCHANGE);
		assertThat(this.hooks.all(ConnectionTarget.class))
			.containsExactly(new ConnectionTarget("127.0.0.1", this.server.port(), false));
		assertThat(this.hooks.connections().get(0).pool().host()).isEqualTo("example.org");
	}

	@Test
	void socks5() throws Exception {
		try (SocksProxy socks = SocksProxy.start()) {
			start(new Socks5Proxy("127.0.0.1", socks.address().getPort()));
			assertThat(secureRequest().send().getStatus()).isEqualTo(200);
			awaitHooks(CONNECT, "proxyDone", TLS, EXCHANGE);
			assertThat(this.hooks.all(ProxyInfo.class)).allSatisfy((proxy) -> {
				assertThat(proxy.protocol()).isEqualTo("socks5");
				assertThat(proxy.host()).isEqualTo("localhost");
				assertThat(Objects.requireNonNull(proxy.proxyAddress()))
					.hasToString("/127.0.0.1:" + socks.address().getPort());
			});
			awaitConnections("opened", "acquired", "released");
		}
	}

	@Test
	void socks5ThatCannotConnect() throws Exception {
		int free = this.secure.port();
		this.secure.close();
		try (SocksProxy socks = SocksProxy.start()) {
			start(new Socks5Proxy("127.0.0.1", socks.address().getPort()));
			assertThatThrownBy(() -> this.client.GET("http://localhost:" + free + "/"))
				.isInstanceOf(ExecutionException.class);
			awaitHooks(CONNECT, "proxyDone IOException");
			assertThat(this.connections.names()).isEmpty();
		}
	}

	@Test
	void socks4ThatRefuses() throws Exception {
		ScriptedServer socks = ScriptedServer.raw((exchange) -> {
			exchange.socket().getOutputStream().write(new byte[] { 0, 0x5b, 0, 0, 0, 0, 0, 0 });
			exchange.hang();
		});
		start(new Socks4Proxy("127.0.0.1", socks.port()));
		assertThatThrownBy(() -> this.client.GET("http://127.0.0.1:1/")).isInstanceOf(ExecutionException.class);
		awaitHooks(CONNECT, "proxyDone IOException");
		assertThat(this.hooks.all(ProxyInfo.class)).extracting(ProxyInfo::protocol).containsOnly("socks4");
		socks.close();
	}

}
