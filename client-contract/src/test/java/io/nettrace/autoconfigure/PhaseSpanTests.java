package io.nettrace.autoconfigure;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.nettrace.autoconfigure.TracedClient.Caller;
import io.nettrace.test.DnsAnswer;
import io.nettrace.test.DnsServer;
import io.nettrace.test.TestAuthority;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.http.HttpMethod;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * What every client emits for the phases of a request: whole span trees, and timers.
 */
@ParameterizedClass
@EnumSource(names = ".*(HTTP_COMPONENTS|REACTOR_NETTY|JETTY)", mode = EnumSource.Mode.MATCH_ANY)
class PhaseSpanTests extends ContractTest {

	private static final TestAuthority AUTHORITY = TestAuthority.create("nettrace");

	private final DnsServer dns = DnsServer.start();

	@TempDir
	private Path temp;

	private @Nullable PhaseServer server;

	private @Nullable TracedApplication application;

	PhaseSpanTests(TracedClient client) {
		super(client);
	}

	@BeforeEach
	void useNames() {
		LoopbackNames.use(this.dns);
		this.dns.set(host("good"), DnsAnswer.addresses("127.0.0.9"));
	}

	@AfterEach
	void stop() {
		if (this.application != null) {
			this.application.close();
		}
		if (this.server != null) {
			this.server.close();
		}
		this.dns.close();
	}

	private Caller caller(List<Class<?>> configurations, String... properties)
			throws IOException, GeneralSecurityException {
		Path trusted = this.temp.resolve("trusted.p12");
		try (OutputStream out = Files.newOutputStream(trusted)) {
			AUTHORITY.trusted().store(out, TestAuthority.PASSWORD.toCharArray());
		}
		List<Class<?>> all = new ArrayList<>(configurations);
		all.add(LoopbackNames.class);
		Stream<String> trusting = Stream.of("spring.http.clients.ssl.bundle=trusting",
				"spring.ssl.bundle.jks.trusting.truststore.location=file:" + trusted,
				"spring.ssl.bundle.jks.trusting.truststore.password=" + TestAuthority.PASSWORD);
		this.application = client().start(all, Stream.concat(trusting, Stream.of(properties)).toArray(String[]::new));
		return client().caller(this.application);
	}

	private TracedApplication application() {
		return Objects.requireNonNull(this.application);
	}

	private PhaseServer serve(TestAuthority.Server identity) {
		PhaseServer started = PhaseServer.start(identity.context().getServerSocketFactory(), "127.0.0.9");
		this.server = started;
		return started;
	}

	private String url(String scheme, String path) {
		return scheme + "://" + host("good") + ":" + Objects.requireNonNull(this.server).port() + path;
	}

	private static String get(Caller caller, String url) {
		return caller.exchange(HttpMethod.GET, url, Map.of(), null);
	}

	private void shows(String request, String... steps) {
		application().awaitTree(request + "\n" + String.join("", steps));
	}

	private String lookup() {
		return below(ExpectedSpans.answered(host("good")));
	}

	private String connect(String host) {
		return below(ExpectedSpans.connected(1, "127.0.0.9", host));
	}

	private static String below(String line) {
		return "  " + line.strip() + "\n";
	}

	private String handshake(boolean resumed) {
		return "  TLS handshake {server.address=" + host("good")
				+ ", tls.cipher=TLS_AES_256_GCM_SHA384, tls.protocol.name=tls, tls.protocol.version=1.3, tls.resumed="
				+ resumed + ", tls.server.issuer=CN=nettrace, tls.server.not_after=DATE, tls.server.subject=CN="
				+ host("good") + "}\n";
	}

	private Timer timer(String name, String... tags) {
		return application().bean(MeterRegistry.class).get(name).tags(tags).timer();
	}

	@Test
	void showsHandshakes() throws Exception {
		serve(AUTHORITY.server(host("good")));
		Caller caller = caller(List.of());
		get(caller, url("https", "/last"));
		shows("http get", lookup(), connect(host("good")), handshake(false));
		get(caller, url("https", "/"));
		shows("http get", lookup(), connect(host("good")), handshake(true));
		get(caller, url("https", "/"));
		shows("http get");
		for (String resumed : List.of("false", "true")) {
			assertThat(timer("tls.handshake.duration", "server.address", host("good"), "tls.resumed", resumed,
					"tls.protocol.version", "1.3", "error.type", "none")
				.count()).isEqualTo(1);
		}
	}

	@Test
	void showsAFailedHandshake() throws Exception {
		serve(AUTHORITY.expiredServer(host("good")));
		Caller caller = caller(List.of());
		assertThatExceptionOfType(RuntimeException.class).isThrownBy(() -> get(caller, url("https", "/")));
		shows("http get !", lookup(), connect(host("good")),
				"  TLS handshake ! {error.type=certificate_expired, server.address=" + host("good") + "}\n");
		assertThat(timer("tls.handshake.duration", "server.address", host("good"), "tls.resumed", "none",
				"tls.protocol.version", "none", "error.type", "certificate_expired")
			.count()).isEqualTo(1);
	}

	@Test
	void showsTheTunnelOfAProxy() throws Exception {
		PhaseServer server = serve(AUTHORITY.server(host("good")));
		try (LoopbackProxy proxy = LoopbackProxy.start("127.0.0.9",
				new InetSocketAddress("127.0.0.9", server.port()))) {
			Caller caller = caller(List.of(ClientSettings.Proxied.class), "proxy.host=127.0.0.9",
					"proxy.port=" + proxy.port());
			get(caller, url("https", "/"));
			application().awaitSpans(4);
			assertThat(application().tree()).startsWith("http get\n")
				.contains("  socket connect {")
				.endsWith("  proxy connect {" + tunnel("") + handshake(false));
			assertThat(timer("proxy.connect.duration", "server.address", host("good"), "nettrace.proxy.protocol",
					"http", "error.type", "none")
				.count()).isEqualTo(1);
		}
	}

	private String tunnel(String error) {
		return error + "nettrace.proxy.protocol=http, network.peer.address=127.0.0.9, network.peer.port=PORT, "
				+ "server.address=" + host("good") + ", server.port=PORT}\n";
	}

	@Test
	void showsAProxyThatRefuses() throws Exception {
		serve(AUTHORITY.server(host("good")));
		try (LoopbackProxy proxy = LoopbackProxy.start("127.0.0.9")) {
			Caller caller = caller(List.of(ClientSettings.Proxied.class), "proxy.host=127.0.0.9",
					"proxy.port=" + proxy.port());
			assertThatExceptionOfType(RuntimeException.class).isThrownBy(() -> get(caller, url("https", "/")));
			Awaitility.await()
				.untilAsserted(() -> assertThat(SpanTree.render(application().spans()))
					.contains("  proxy connect ! {error.type=", tunnel(", ")));
			assertThat(application().tree()).doesNotContain("TLS handshake");
		}
	}

}
