package io.nettrace.client.httpcomponents;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.SocketTimeoutException;

import javax.net.ssl.SSLException;

import io.nettrace.ConnectionTarget;
import io.nettrace.TlsInfo;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.config.TlsConfig;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.SystemDefaultDnsResolver;
import org.apache.hc.client5.http.auth.AuthScope;
import org.apache.hc.client5.http.auth.UsernamePasswordCredentials;
import org.apache.hc.client5.http.impl.auth.BasicCredentialsProvider;
import java.net.UnknownHostException;
import org.apache.hc.core5.util.Timeout;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * The hooks of what gets an exchange its connection on the classic client: connects,
 * proxy steps and handshakes.
 */
class DialTests extends AbstractClassicTests {

	DialTests() throws IOException {
	}

	@Test
	void handshakes() throws Exception {
		buildTrusting();
		try (ScriptedServer secure = startSecure("localhost")) {
			String url = "https://localhost:" + secure.port();
			send(new HttpGet(url + "/close"));
			assertThat(this.recorder.take()).startsWith("getConn", "dnsStart", "dnsDone", "connectStart", "connectDone",
					"tlsHandshakeStart", "tlsHandshakeDone", "opened", "acquired 1", "gotConn", "wroteHeaders");
			send(new HttpGet(url + "/ok"));
			send(new HttpGet(url + "/ok"));
		}
		assertThat(this.recorder.handshakes()).hasSize(2);
		TlsInfo full = this.recorder.handshakes().get(0);
		assertThat(full.serverName()).isEqualTo("localhost");
		assertThat(full.version()).isEqualTo("TLSv1.3");
		assertThat(full.cipherSuite()).startsWith("TLS_");
		assertThat(full.resumed()).isFalse();
		assertThat(full.peerCertificates()).isNotEmpty();
		assertThat(this.recorder.handshakes().get(1).resumed()).isTrue();
		assertThat(this.recorder.targets()).allMatch(ConnectionTarget::secure);
	}

	@Test
	void handshakeFails() throws Exception {
		this.builder.disableAutomaticRetries();
		buildTrusting();
		try (ScriptedServer secure = startSecure("other.test")) {
			assertThatExceptionOfType(SSLException.class)
				.isThrownBy(() -> send(new HttpGet("https://localhost:" + secure.port() + "/ok")));
		}
		assertThat(this.recorder.take()).contains("tlsHandshakeStart", "tlsHandshakeDone SSLHandshakeException")
			.doesNotContain("opened", "gotConn");
		assertThat(this.recorder.handshakes()).first().extracting(TlsInfo::version).isNull();
	}

	@Test
	void handshakeHangs() throws Exception {
		this.manager.setDefaultTlsConfig(TlsConfig.custom().setHandshakeTimeout(Timeout.ofMilliseconds(100)).build());
		this.builder.disableAutomaticRetries();
		build();
		assertThatExceptionOfType(SocketTimeoutException.class)
			.isThrownBy(() -> send(new HttpGet("https://localhost:" + this.server.port() + "/")));
		assertThat(this.recorder.take()).contains("tlsHandshakeDone SocketTimeoutException");
	}

	@Test
	void tunnel() throws Exception {
		this.builder.setProxy(new HttpHost("localhost", this.server.port()));
		buildTrusting();
		try (ScriptedServer secure = startSecure("localhost")) {
			String url = "https://localhost:" + secure.port();
			send(new HttpGet(url + "/ok"));
			assertThat(this.recorder.take()).containsExactly("getConn", "dnsStart", "dnsDone", "connectStart",
					"connectDone", "proxyStart", "proxyDone", "tlsHandshakeStart", "tlsHandshakeDone", "opened",
					"acquired 1", "gotConn", "wroteHeaders", "wroteRequest", "gotFirstResponseByte", "responseDone 200",
					"released", "putIdleConn");
			send(new HttpGet(url + "/ok"));
			assertThat(this.recorder.take()).startsWith("getConn", "acquired 2", "gotConn");
			assertThat(this.recorder.proxies()).singleElement().satisfies((proxy) -> {
				assertThat(proxy.protocol()).isEqualTo("http");
				assertThat(proxy.host()).isEqualTo("localhost");
				assertThat(proxy.port()).isEqualTo(secure.port());
				assertThat(proxy.proxyAddress()).hasToString("localhost/127.0.0.1:" + this.server.port());
			});
		}
		assertThat(this.recorder.targets()).containsOnly(new ConnectionTarget("localhost", this.server.port(), true));
	}

	@Test
	void tunnelIsRefused() throws IOException {
		this.builder.setProxy(new HttpHost("localhost", this.server.port()));
		build();
		assertThat(send(new HttpGet("https://refused.test/"))).isEqualTo(403);
		assertThat(this.recorder.take()).containsSubsequence("connectDone", "proxyStart", "proxyDone IOException")
			.doesNotContain("gotConn", "tlsHandshakeStart", "opened");
	}

	@Test
	void connectFails() throws IOException {
		int closed;
		try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
			closed = socket.getLocalPort();
		}
		this.builder.disableAutomaticRetries();
		build();
		assertThatExceptionOfType(IOException.class)
			.isThrownBy(() -> send(new HttpGet("http://localhost:" + closed + "/")));
		assertThat(this.recorder.take()).startsWith("getConn", "dnsStart", "dnsDone", "connectStart")
			.doesNotContain("gotConn", "opened")
			.last()
			.asString()
			.startsWith("connectDone ");
	}

	@Test
	void twoHandshakesThroughATlsProxy() throws Exception {
		try (ScriptedServer proxy = startSecure("localhost"); ScriptedServer secure = startSecure("localhost")) {
			this.builder.setProxy(new HttpHost("https", "localhost", proxy.port()));
			buildTrusting();
			send(new HttpGet("https://localhost:" + secure.port() + "/ok"));
			assertThat(this.recorder.take()).containsExactly("getConn", "dnsStart", "dnsDone", "connectStart",
					"connectDone", "tlsHandshakeStart", "tlsHandshakeDone", "proxyStart", "proxyDone",
					"tlsHandshakeStart", "tlsHandshakeDone", "opened", "acquired 1", "gotConn", "wroteHeaders",
					"wroteRequest", "gotFirstResponseByte", "responseDone 200", "released", "putIdleConn");
			assertThat(this.recorder.connections().get(0).tls()).isEqualTo(this.recorder.handshakes().get(1));
			send(new HttpGet("https://localhost:" + secure.port() + "/ok"));
			assertThat(this.recorder.take()).startsWith("getConn", "acquired 2", "gotConn");
		}
	}

	@Test
	void secondHandshakeThroughATlsProxyFails() throws Exception {
		this.builder.disableAutomaticRetries();
		try (ScriptedServer proxy = startSecure("localhost"); ScriptedServer secure = startSecure("other.test")) {
			this.builder.setProxy(new HttpHost("https", "localhost", proxy.port()));
			buildTrusting();
			assertThatExceptionOfType(SSLException.class)
				.isThrownBy(() -> send(new HttpGet("https://localhost:" + secure.port() + "/ok")));
			assertThat(this.recorder.take()).containsExactly("getConn", "dnsStart", "dnsDone", "connectStart",
					"connectDone", "tlsHandshakeStart", "tlsHandshakeDone", "proxyStart", "proxyDone",
					"tlsHandshakeStart", "tlsHandshakeDone SSLHandshakeException");
		}
	}

	@Test
	void tlsProxyIsNotTrusted() throws Exception {
		this.builder.disableAutomaticRetries();
		try (ScriptedServer proxy = startSecure("other.test")) {
			this.builder.setProxy(new HttpHost("https", "localhost", proxy.port()));
			buildTrusting();
			assertThatExceptionOfType(SSLException.class).isThrownBy(() -> send(new HttpGet("https://localhost:1/ok")));
			assertThat(this.recorder.take()).containsExactly("getConn", "dnsStart", "dnsDone", "connectStart",
					"connectDone", "tlsHandshakeStart", "tlsHandshakeDone SSLHandshakeException");
		}
	}

	@Test
	void proxyWantsToKnowWhoAsks() throws Exception {
		authenticate();
		try (ScriptedServer secure = startSecure("secret.test")) {
			send(new HttpGet("https://secret.test:" + secure.port() + "/ok"));
		}
		assertThat(this.recorder.take()).containsExactly("getConn", "dnsStart", "dnsDone", "connectStart",
				"connectDone", "proxyStart", "proxyDone IOException", "proxyStart", "proxyDone", "tlsHandshakeStart",
				"tlsHandshakeDone", "opened", "acquired 1", "gotConn", "wroteHeaders", "wroteRequest",
				"gotFirstResponseByte", "responseDone 200", "released", "putIdleConn");
	}

	@Test
	void proxyWantsToKnowWhoAsksAndClosesTheConnection() throws Exception {
		authenticate();
		try (ScriptedServer secure = startSecure("once-secret.test")) {
			send(new HttpGet("https://once-secret.test:" + secure.port() + "/ok"));
		}
		assertThat(this.recorder.take()).containsExactly("getConn", "dnsStart", "dnsDone", "connectStart",
				"connectDone", "proxyStart", "proxyDone IOException", "dnsStart", "dnsDone", "connectStart",
				"connectDone", "proxyStart", "proxyDone", "tlsHandshakeStart", "tlsHandshakeDone", "opened",
				"acquired 1", "gotConn", "wroteHeaders", "wroteRequest", "gotFirstResponseByte", "responseDone 200",
				"released", "putIdleConn");
	}

	private void authenticate() {
		HttpHost proxy = new HttpHost("localhost", this.server.port());
		BasicCredentialsProvider credentials = new BasicCredentialsProvider();
		credentials.setCredentials(new AuthScope(proxy),
				new UsernamePasswordCredentials("user", "password".toCharArray()));
		this.builder.setProxy(proxy).setDefaultCredentialsProvider(credentials);
		buildTrusting();
	}

	@Test
	void handshakeWithTheWinnerOfARace() throws Exception {
		race();
		this.manager.setDnsResolver(addresses("127.0.1.1", "127.0.1.2"));
		buildTrusting();
		try (ScriptedServer secure = startSecure("localhost", "127.0.1.2", 0)) {
			send(new HttpGet("https://localhost:" + secure.port() + "/ok"));
		}
		assertThat(this.recorder.take()).containsExactly("getConn", "dnsStart", "dnsDone", "connectStart",
				"connectDone ConnectException", "connectStart", "connectDone", "tlsHandshakeStart", "tlsHandshakeDone",
				"opened", "acquired 1", "gotConn", "wroteHeaders", "wroteRequest", "gotFirstResponseByte",
				"responseDone 200", "released", "putIdleConn");
		assertThat(this.recorder.connections().get(0).tls()).isEqualTo(this.recorder.handshakes().get(0));
	}

	@Test
	void handshakeWithTheWinnerOfARaceFails() throws Exception {
		race();
		this.manager.setDnsResolver(addresses("127.0.1.1", "127.0.1.2"));
		buildTrusting();
		try (ScriptedServer wrong = startSecure("other.test", "127.0.1.1", 0);
				ScriptedServer secure = startSecure("localhost", "127.0.1.2", wrong.port())) {
			send(new HttpGet("https://localhost:" + secure.port() + "/ok"));
		}
		assertThat(this.recorder.take()).containsExactly("getConn", "dnsStart", "dnsDone", "connectStart",
				"connectDone", "tlsHandshakeStart", "tlsHandshakeDone SSLHandshakeException", "connectStart",
				"connectDone", "tlsHandshakeStart", "tlsHandshakeDone", "opened", "acquired 1", "gotConn",
				"wroteHeaders", "wroteRequest", "gotFirstResponseByte", "responseDone 200", "released", "putIdleConn");
	}

	@Test
	void noHandshakeOfARaceSucceeds() throws Exception {
		race();
		this.builder.disableAutomaticRetries();
		this.manager.setDnsResolver(addresses("127.0.1.1", "127.0.1.2"));
		buildTrusting();
		try (ScriptedServer wrong = startSecure("other.test", "127.0.1.1", 0);
				ScriptedServer secure = startSecure("other.test", "127.0.1.2", wrong.port())) {
			assertThatExceptionOfType(SSLException.class)
				.isThrownBy(() -> send(new HttpGet("https://localhost:" + secure.port() + "/ok")));
		}
		assertThat(this.recorder.take()).containsExactly("getConn", "dnsStart", "dnsDone", "connectStart",
				"connectDone", "tlsHandshakeStart", "tlsHandshakeDone SSLHandshakeException", "connectStart",
				"connectDone", "tlsHandshakeStart", "tlsHandshakeDone SSLHandshakeException");
	}

	private static DnsResolver addresses(String... literals) {
		return new SystemDefaultDnsResolver() {

			@Override
			public InetAddress[] resolve(String host) throws UnknownHostException {
				InetAddress[] addresses = new InetAddress[literals.length];
				for (int i = 0; i < literals.length; i++) {
					addresses[i] = InetAddress.getByName(literals[i]);
				}
				return addresses;
			}

		};
	}

}
