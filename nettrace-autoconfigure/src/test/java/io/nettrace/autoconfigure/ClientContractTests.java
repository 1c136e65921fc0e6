package io.nettrace.autoconfigure;

import java.net.InetAddress;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

import io.nettrace.NetTrace;
import io.nettrace.NetTraceContext;
import io.nettrace.autoconfigure.TracedClient.Call;
import io.nettrace.autoconfigure.TracedClient.Caller;
import io.nettrace.test.BlackHole;
import io.nettrace.test.DnsAnswer;
import io.nettrace.test.DnsServer;
import io.nettrace.test.RefusingAddress;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.boot.http.client.InetAddressFilter;
import org.springframework.boot.http.client.autoconfigure.reactive.ClientHttpConnectorBuilderCustomizer;
import org.springframework.boot.http.client.reactive.HttpComponentsClientHttpConnectorBuilder;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * What every client shows, whatever library is under it: whole span trees.
 */
@ParameterizedClass
@EnumSource
class ClientContractTests {

	private static final int CONCURRENT = 50;

	private final TracedClient client;

	private final DnsServer dns = DnsServer.start();

	private final LoopbackServer server = LoopbackServer.start("127.0.0.9");

	private @Nullable TracedApplication started;

	ClientContractTests(TracedClient client) {
		this.client = client;
	}

	@BeforeEach
	void useNames() {
		LoopbackNames.use(this.dns);
		this.dns.set("good.test", DnsAnswer.addresses("127.0.0.9"));
	}

	@AfterEach
	void stop() {
		if (this.started != null) {
			this.started.close();
		}
		this.server.close();
		this.dns.close();
	}

	private TracedApplication start(String... properties) {
		return start(List.of(), properties);
	}

	private TracedApplication start(List<Class<?>> configurations, String... properties) {
		List<Class<?>> all = new ArrayList<>(configurations);
		all.add(LoopbackNames.class);
		this.started = this.client.start(all, properties);
		return this.started;
	}

	private String tree(int spans) {
		TracedApplication application = Objects.requireNonNull(this.started);
		application.awaitSpans(spans);
		assertThat(application.spans())
			.filteredOn((span) -> span.getAttributes().asMap().keySet().toString().contains("nettrace"))
			.allSatisfy((span) -> assertThat(span.getAttributes().asMap().toString())
				.contains("nettrace.client=" + this.client.client() + ","));
		return application.tree();
	}

	@Test
	void showsEachAttemptWithItsOwnOutcome() {
		Caller caller = this.client.caller(start());
		try (RefusingAddress refusing = RefusingAddress.open("127.0.0.8", this.server.port())) {
			this.dns.set("multi.test", DnsAnswer.addresses(refusing.address().getHostString(), "127.0.0.9"));
			caller.get(this.server.url("multi.test"));
		}
		assertThat(tree(4)).isEqualTo(
				"""
						http get
						  DNS lookup {dns.answers=127.0.0.8,127.0.0.9, dns.question.name=multi.test, nettrace.dns.coalesced=false}
						  socket connect ! {error.type=connection_refused, nettrace.connect.attempt=1, nettrace.connect.outcome=failed, network.peer.address=127.0.0.8, network.peer.port=PORT, network.transport=tcp, network.type=ipv4, server.address=multi.test, server.port=PORT}
						  socket connect {nettrace.connect.attempt=2, nettrace.connect.outcome=connected, network.peer.address=127.0.0.9, network.peer.port=PORT, network.transport=tcp, network.type=ipv4, server.address=multi.test, server.port=PORT}
						""");
	}

	@Test
	void showsThatEveryAddressRefused() {
		Caller caller = this.client.caller(start());
		try (RefusingAddress first = RefusingAddress.open("127.0.0.7", this.server.port());
				RefusingAddress second = RefusingAddress.open("127.0.0.8", this.server.port())) {
			this.dns.set("refused.test",
					DnsAnswer.addresses(first.address().getHostString(), second.address().getHostString()));
			assertThatExceptionOfType(RuntimeException.class)
				.isThrownBy(() -> caller.get(this.server.url("refused.test")));
		}
		assertThat(tree(4)).isEqualTo(
				"""
						http get !
						  DNS lookup {dns.answers=127.0.0.7,127.0.0.8, dns.question.name=refused.test, nettrace.dns.coalesced=false}
						  socket connect ! {error.type=connection_refused, nettrace.connect.attempt=1, nettrace.connect.outcome=failed, network.peer.address=127.0.0.7, network.peer.port=PORT, network.transport=tcp, network.type=ipv4, server.address=refused.test, server.port=PORT}
						  socket connect ! {error.type=connection_refused, nettrace.connect.attempt=2, nettrace.connect.outcome=failed, network.peer.address=127.0.0.8, network.peer.port=PORT, network.transport=tcp, network.type=ipv4, server.address=refused.test, server.port=PORT}
						""");
	}

	@Test
	void showsAnUnknownHost() {
		Caller caller = this.client.caller(start());
		assertThatExceptionOfType(RuntimeException.class).isThrownBy(() -> caller.get(this.server.url("unknown.test")))
			.satisfies((failure) -> assertThat(failure).hasStackTraceContaining("UnknownHostException"));
		assertThat(tree(2)).isEqualTo("""
				http get !
				  DNS lookup ! {dns.question.name=unknown.test, error.type=host_not_found, nettrace.dns.coalesced=false}
				""");
	}

	@Test
	void waitsForASlowLookup() throws Exception {
		CompletableFuture<Void> release = new CompletableFuture<>();
		this.dns.set("slow.test", DnsAnswer.addresses("127.0.0.9").after(release));
		Call call = this.client.caller(start()).start(this.server.url("slow.test"));
		this.dns.awaitQueries("slow.test", "A", 1);
		release.complete(null);
		call.result().get(20, TimeUnit.SECONDS);
		assertThat(tree(3)).isEqualTo(connected("slow.test"));
	}

	@Test
	void givesUpALookupAfterItsTimeout() {
		this.dns.set("silent.test", DnsAnswer.silence());
		Caller caller = this.client.caller(start("nettrace.dns.timeout=100ms"));
		assertThatExceptionOfType(RuntimeException.class).isThrownBy(() -> caller.get(this.server.url("silent.test")));
		assertThat(tree(2)).isEqualTo("""
				http get !
				  DNS lookup ! {dns.question.name=silent.test, error.type=timed_out, nettrace.dns.coalesced=false}
				""");
	}

	@Test
	void showsABlackHoleAndWhatCameAfterIt() {
		Caller caller = this.client.caller(start("spring.http.clients.connect-timeout=300ms"));
		try (BlackHole hole = BlackHole.open("127.0.0.5", this.server.port())) {
			this.dns.set("hole.test", DnsAnswer.addresses(hole.address().getHostString(), "127.0.0.9"));
			caller.get(this.server.url("hole.test"));
		}
		assertThat(tree(4)).isEqualTo(
				"""
						http get
						  DNS lookup {dns.answers=127.0.0.5,127.0.0.9, dns.question.name=hole.test, nettrace.dns.coalesced=false}
						  socket connect ! {error.type=timed_out, nettrace.connect.attempt=1, nettrace.connect.outcome=failed, network.peer.address=127.0.0.5, network.peer.port=PORT, network.transport=tcp, network.type=ipv4, server.address=hole.test, server.port=PORT}
						  socket connect {nettrace.connect.attempt=2, nettrace.connect.outcome=connected, network.peer.address=127.0.0.9, network.peer.port=PORT, network.transport=tcp, network.type=ipv4, server.address=hole.test, server.port=PORT}
						""");
	}

	@Test
	void showsAnIpv4AddressWithoutALookup() {
		this.client.caller(start()).get(this.server.url("127.0.0.9"));
		assertThat(tree(2)).isEqualTo(
				"""
						http get
						  socket connect {nettrace.connect.attempt=1, nettrace.connect.outcome=connected, network.peer.address=127.0.0.9, network.peer.port=PORT, network.transport=tcp, network.type=ipv4, server.address=127.0.0.9, server.port=PORT}
						""");
	}

	@Test
	void showsAnIpv6AddressWithoutALookup() {
		try (LoopbackServer ipv6 = LoopbackServer.start("::1")) {
			Caller caller = this.client.caller(start());
			if (!this.client.takesIpv6Addresses()) {
				assertThatExceptionOfType(RuntimeException.class).isThrownBy(() -> caller.get(ipv6.url("[::1]")));
				assertThat(tree(1)).isEqualTo("http get !\n");
				return;
			}
			caller.get(ipv6.url("[::1]"));
		}
		assertThat(tree(2)).isEqualTo(
				"""
						http get
						  socket connect {nettrace.connect.attempt=1, nettrace.connect.outcome=connected, network.peer.address=::1, network.peer.port=PORT, network.transport=tcp, network.type=ipv6, server.address=::1, server.port=PORT}
						""");
	}

	@Test
	void showsNothingOnAPooledConnection() {
		Caller caller = this.client.caller(start());
		caller.get(this.server.url("good.test"));
		assertThat(tree(3)).isEqualTo(connected("good.test"));
		// a client that does not block may answer before the connection is back in the
		// pool
		String tree = connected("good.test");
		for (int i = 0; i < 20 && tree.equals(connected("good.test")); i++) {
			caller.get(this.server.url("good.test"));
			tree = tree(1);
		}
		assertThat(tree).isEqualTo("http get\n");
	}

	@Test
	void followsARedirectToAnotherHost() {
		this.dns.set("other.test", DnsAnswer.addresses("127.0.0.9"));
		this.client.caller(start()).get(this.server.url("good.test") + "redirect?to=" + this.server.url("other.test"));
		assertThat(tree(5)).isEqualTo(connected("good.test") + connected("other.test").replace("http get\n", ""));
	}

	@Test
	void endsWhatACancelledRequestWasLookingUp() {
		CompletableFuture<Void> release = new CompletableFuture<>();
		this.dns.set("slow.test", DnsAnswer.addresses("127.0.0.9").after(release));
		Call call = this.client.caller(start()).start(this.server.url("slow.test"));
		this.dns.awaitQueries("slow.test", "A", 1);
		call.cancel().run();
		assertThatExceptionOfType(Exception.class).isThrownBy(() -> call.result().get(20, TimeUnit.SECONDS));
		if (!this.client.cancelsLookups()) {
			release.complete(null);
		}
		assertThat(tree(2)).matches("(?s)http get.*\n  DNS lookup .*");
		release.complete(null);
	}

	@Test
	void endsWhatACancelledRequestWasConnectingTo() throws Exception {
		TracedApplication application = start(List.of(Connecting.class));
		Caller caller = this.client.caller(application);
		BlackHole hole = BlackHole.open();
		try (hole) {
			Call call = caller.start("http://" + hole.address().getHostString() + ":" + hole.address().getPort() + "/");
			application.bean(Connecting.class).started.await();
			call.cancel().run();
			assertThatExceptionOfType(Exception.class).isThrownBy(() -> call.result().get(20, TimeUnit.SECONDS));
			if (this.client.cancelsConnects()) {
				assertThat(tree(2)).contains("\n  socket connect {")
					.contains("nettrace.connect.outcome=cancelled")
					.doesNotContain("error.type");
				return;
			}
		}
		// the connect goes on: the refusal of the closed hole ends it
		assertThat(tree(2)).contains("\n  socket connect ");
	}

	@Test
	void sharesOneLookupBetweenConcurrentRequests() throws Exception {
		CompletableFuture<Void> release = new CompletableFuture<>();
		this.dns.set("slow.test", DnsAnswer.addresses("127.0.0.9").after(release));
		TracedApplication application = start(List.of(LookingUp.class, ManyConnections.class));
		Caller caller = this.client.caller(application);
		List<Call> calls = IntStream.range(0, CONCURRENT)
			.mapToObj((i) -> caller.start(this.server.url("slow.test")))
			.toList();
		application.bean(LookingUp.class).started.await();
		this.dns.awaitQueries("slow.test", "A", 1);
		while (!calls.stream().allMatch(Call::isSettled)) {
			Thread.onSpinWait();
		}
		assertThat(this.dns.queries("slow.test", "A")).isEqualTo(1);
		release.complete(null);
		for (Call call : calls) {
			call.result().get(20, TimeUnit.SECONDS);
		}
		String tree = tree(3 * CONCURRENT);
		assertThat(tree.split("coalesced=true", -1)).hasSize(CONCURRENT + 1);
		// Jetty may open a few connections more than it has requests
		String[] shared = connected("slow.test").replace("coalesced=false", "coalesced=true").split("\n");
		assertThat(tree.split("(?m)^(?=\\S)")).hasSize(CONCURRENT)
			.allSatisfy((call) -> assertThat(call).contains(shared));
	}

	@Test
	void showsOnlyAddressesThatTheFilterAllows() {
		this.dns.set("multi.test", DnsAnswer.addresses("127.0.0.8", "127.0.0.9"));
		this.client.caller(start(List.of(DenyFirst.class))).get(this.server.url("multi.test"));
		assertThat(tree(3)).isEqualTo(connected("multi.test"));
	}

	@Test
	void showsThatTheFilterDeniesAll() {
		Caller caller = this.client.caller(start(List.of(DenyAll.class)));
		assertThatExceptionOfType(RuntimeException.class).isThrownBy(() -> caller.get(this.server.url("good.test")))
			.satisfies((failure) -> assertThat(failure).hasStackTraceContaining("FilteredHostException"));
		assertThat(tree(2)).isEqualTo("""
				http get !
				  DNS lookup ! {dns.question.name=good.test, error.type=address_filtered, nettrace.dns.coalesced=false}
				""");
	}

	@Test
	void tracesTheLibrarysOwnResolver() {
		try (LoopbackServer localhost = LoopbackServer.start("127.0.0.1")) {
			this.started = this.client.start(List.of());
			this.client.caller(this.started).get(localhost.url("localhost"));
		}
		assertThat(tree(3)).startsWith("http get\n  DNS lookup {dns.answers=")
			.contains("dns.question.name=localhost")
			.contains("\n  socket connect {")
			.contains("server.address=localhost");
	}

	@Test
	void tracesBelowTls(@TempDir Path temp) throws Exception {
		Path keystore = temp.resolve("server.p12");
		Process keytool = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
				"-genkeypair", "-alias", "server", "-keyalg", "EC", "-dname", "CN=good.test", "-ext",
				"san=dns:good.test", "-storetype", "PKCS12", "-keystore", keystore.toString(), "-storepass", "changeit")
			.redirectErrorStream(true)
			.start();
		assertThat(new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
			.satisfies((text) -> assertThat(keytool.waitFor()).as(text).isZero());
		TracedApplication application = start("spring.ssl.bundle.jks.server.keystore.location=file:" + keystore,
				"spring.ssl.bundle.jks.server.keystore.password=changeit",
				"spring.ssl.bundle.jks.trusting.truststore.location=file:" + keystore,
				"spring.ssl.bundle.jks.trusting.truststore.password=changeit",
				"spring.http.clients.ssl.bundle=trusting");
		try (LoopbackServer tlsServer = LoopbackServer.startTls("127.0.0.9",
				application.bean(SslBundles.class).getBundle("server").createSslContext())) {
			this.client.caller(application).get("https://good.test:" + tlsServer.port() + "/");
		}
		assertThat(tree(3)).isEqualTo(connected("good.test"));
	}

	@Test
	void callsTracesAndAsksTheResolverThatAreBoundAroundTheCall() {
		Caller caller = this.client.caller(start());
		Recorder recorder = new Recorder();
		NetTraceContext.Scope scope = NetTraceContext.current()
			.withTrace(recorder)
			.withResolver((network, host) -> List.of(InetAddress.getByName("127.0.0.9")))
			.open();
		try {
			caller.get(this.server.url("unknown.test"));
		}
		finally {
			scope.close();
		}
		assertThat(recorder.events).containsExactly("dnsStart unknown.test", "dnsDone [/127.0.0.9] false null",
				"connectStart tcp /127.0.0.9", "connectDone tcp /127.0.0.9 null");
		assertThat(tree(3)).isEqualTo(connected("unknown.test"));
	}

	@Test
	@EnabledForJreRange(min = JRE.JAVA_21)
	void showsTheSameOnVirtualThreads() {
		this.client.caller(start("spring.threads.virtual.enabled=true")).get(this.server.url("good.test"));
		assertThat(tree(3)).isEqualTo(connected("good.test"));
	}

	private static String connected(String host) {
		return """
				http get
				  DNS lookup {dns.answers=127.0.0.9, dns.question.name=HOST, nettrace.dns.coalesced=false}
				  socket connect {nettrace.connect.attempt=1, nettrace.connect.outcome=connected, network.peer.address=127.0.0.9, network.peer.port=PORT, network.transport=tcp, network.type=ipv4, server.address=HOST, server.port=PORT}
				"""
			.replace("HOST", host);
	}

	@Configuration(proxyBeanMethods = false)
	static class Connecting {

		final CountDownLatch started = new CountDownLatch(1);

		@Bean
		NetTrace connecting() {
			return new NetTrace() {

				@Override
				public void connectStart(String network, SocketAddress address) {
					Connecting.this.started.countDown();
				}

			};
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class LookingUp {

		final CountDownLatch started = new CountDownLatch(CONCURRENT);

		@Bean
		NetTrace lookingUp() {
			return new NetTrace() {

				@Override
				public void dnsStart(String host) {
					LookingUp.this.started.countDown();
				}

			};
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class ManyConnections {

		@Bean
		ClientHttpConnectorBuilderCustomizer<HttpComponentsClientHttpConnectorBuilder> manyConnections() {
			return (builder) -> builder.withConnectionManagerCustomizer(
					(manager) -> manager.setMaxConnTotal(CONCURRENT).setMaxConnPerRoute(CONCURRENT));
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class DenyFirst {

		@Bean
		InetAddressFilter addressFilter() {
			return InetAddressFilter.not("127.0.0.8");
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class DenyAll {

		@Bean
		InetAddressFilter addressFilter() {
			return InetAddressFilter.externalAddresses();
		}

	}

	private static final class Recorder implements NetTrace {

		private final ConcurrentLinkedQueue<String> events = new ConcurrentLinkedQueue<>();

		@Override
		public void dnsStart(String host) {
			this.events.add("dnsStart " + host);
		}

		@Override
		public void dnsDone(List<InetAddress> addresses, boolean coalesced, @Nullable Throwable error) {
			this.events.add("dnsDone " + addresses + " " + coalesced + " " + error);
		}

		@Override
		public void connectStart(String network, SocketAddress address) {
			this.events.add("connectStart " + network + " " + address.toString().replaceAll(":\\d+$", ""));
		}

		@Override
		public void connectDone(String network, SocketAddress address, @Nullable Throwable error) {
			this.events.add("connectDone " + network + " " + address.toString().replaceAll(":\\d+$", "") + " " + error);
		}

	}

}
