package io.nettrace.autoconfigure;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.stream.Stream;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.nettrace.NetTraceContext;
import io.nettrace.test.BlackHole;
import io.nettrace.test.DnsAnswer;
import io.nettrace.test.DnsServer;
import io.nettrace.test.RefusingAddress;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import reactor.core.publisher.Hooks;

import static io.nettrace.autoconfigure.Calls.inBackground;
import static io.nettrace.autoconfigure.Calls.withContext;
import static io.nettrace.autoconfigure.ExpectedSpans.answered;
import static io.nettrace.autoconfigure.ExpectedSpans.connected;
import static io.nettrace.autoconfigure.ExpectedSpans.failed;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;
import static org.awaitility.Awaitility.await;

/**
 * RestClient and WebClient on Reactor Netty, whose own DNS resolver asks a real server:
 * whole span trees below an observation of the application's.
 */
@ParameterizedClass
@EnumSource(ReactorNettyCaller.class)
@SuppressWarnings("NullAway.Init") // the invocation's, not the class's
class ReactorNettyTests {

	private static DnsServer dns;

	private static TracedApplication application;

	@Parameter
	private ReactorNettyCaller caller;

	private final LoopbackServer server = LoopbackServer.start("127.0.0.9");

	private final RecordingNetTrace hooks = new RecordingNetTrace();

	private ReactorNettyCaller.Get client;

	@BeforeParameterizedClassInvocation
	static void startApplication(ReactorNettyCaller caller) {
		dns = DnsServer.start().set("good.test", DnsAnswer.addresses("127.0.0.9"));
		application = caller.start(dns, List.of());
	}

	@AfterParameterizedClassInvocation
	static void stopApplication() {
		application.close();
		dns.close();
		Hooks.disableAutomaticContextPropagation();
	}

	@BeforeEach
	void newClient() {
		this.client = this.caller.client(application);
		application.tree();
	}

	@AfterEach
	void stopServer() {
		this.server.close();
	}

	@Test
	void showsEachAttemptWithItsOwnOutcome() {
		try (RefusingAddress first = RefusingAddress.open("127.0.0.7", this.server.port());
				RefusingAddress second = RefusingAddress.open("127.0.0.8", this.server.port())) {
			dns.set("multi.test", DnsAnswer.addresses(first.address().getHostString(), second.address().getHostString(),
					"127.0.0.9"));
			get("multi.test");
		}
		application.awaitTree(
				"""
						business
						  http get
						    DNS lookup {dns.answers=127.0.0.7,127.0.0.8,127.0.0.9, dns.question.name=multi.test, nettrace.dns.coalesced=false}
						"""
						+ failed(1, "127.0.0.7", "multi.test", "connection_refused")
						+ failed(2, "127.0.0.8", "multi.test", "connection_refused")
						+ connected(3, "127.0.0.9", "multi.test"));
	}

	@Test
	void showsAllAttemptsRefused() {
		try (RefusingAddress first = RefusingAddress.open("127.0.0.7", this.server.port());
				RefusingAddress second = RefusingAddress.open("127.0.0.8", this.server.port())) {
			dns.set("refused.test",
					DnsAnswer.addresses(first.address().getHostString(), second.address().getHostString()));
			assertThatException().isThrownBy(() -> get("refused.test"));
		}
		application.awaitTree(
				"""
						business !
						  http get !
						    DNS lookup {dns.answers=127.0.0.7,127.0.0.8, dns.question.name=refused.test, nettrace.dns.coalesced=false}
						"""
						+ failed(1, "127.0.0.7", "refused.test", "connection_refused")
						+ failed(2, "127.0.0.8", "refused.test", "connection_refused"));
	}

	@Test
	void showsAnUnknownHost() {
		assertThatException().isThrownBy(() -> get("unknown.test")).withCauseInstanceOf(UnknownHostException.class);
		application.awaitTree(
				"""
						business !
						  http get !
						    DNS lookup ! {dns.question.name=unknown.test, error.type=host_not_found, nettrace.dns.coalesced=false}
						""");
	}

	@Test
	void showsAServerThatFailsToAnswer() {
		dns.set("broken.test", DnsAnswer.failure());
		assertThatException().isThrownBy(() -> get("broken.test")).withCauseInstanceOf(UnknownHostException.class);
		application.awaitTree("""
				business !
				  http get !
				    DNS lookup ! {dns.question.name=broken.test, error.type=try_again, nettrace.dns.coalesced=false}
				""");
	}

	@Test
	void showsANameWithoutAddresses() {
		dns.set("bare.test", DnsAnswer.addresses());
		assertThatException().isThrownBy(() -> get("bare.test")).withCauseInstanceOf(UnknownHostException.class);
		application.awaitTree("""
				business !
				  http get !
				    DNS lookup ! {dns.question.name=bare.test, error.type=host_not_found, nettrace.dns.coalesced=false}
				""");
	}

	@Test
	void showsABlackHoleAndWhatCameAfterIt() {
		try (BlackHole hole = BlackHole.open("127.0.0.5", this.server.port())) {
			dns.set("hole.test", DnsAnswer.addresses(hole.address().getHostString(), "127.0.0.9"));
			get("hole.test");
		}
		application.awaitTree(
				"""
						business
						  http get
						    DNS lookup {dns.answers=127.0.0.5,127.0.0.9, dns.question.name=hole.test, nettrace.dns.coalesced=false}
						"""
						+ failed(1, "127.0.0.5", "hole.test", "timed_out") + connected(2, "127.0.0.9", "hole.test"));
	}

	@Test
	void showsAnAddressWithoutALookup() {
		get("127.0.0.9");
		application.awaitTree("business\n  http get\n" + connected(1, "127.0.0.9", "127.0.0.9"));
	}

	@Test
	void followsARedirectToAnotherHost() {
		dns.set("other.test", DnsAnswer.addresses("127.0.0.9"));
		within("business",
				() -> this.client.get(this.server.url("good.test") + "redirect?to=" + this.server.url("other.test")));
		application.awaitTree("business\n  http get\n" + answered("good.test") + connected(1, "127.0.0.9", "good.test")
				+ answered("other.test") + connected(1, "127.0.0.9", "other.test"));
	}

	@Test
	void endsTheLookupOfACancelledRequest() throws Exception {
		dns.set("silent.test", DnsAnswer.silence());
		Future<?> request = inBackground(1, (index) -> () -> get("silent.test")).get(0);
		dns.awaitQueries("silent.test", "A", 1);
		request.cancel(true);
		application.awaitTree("""
				business !
				  http get%s
				    DNS lookup ! {dns.question.name=silent.test, error.type=cancelled, nettrace.dns.coalesced=false}
				""".formatted((this.caller == ReactorNettyCaller.REST_CLIENT) ? " !" : ""));
	}

	@Test
	void endsTheAttemptOfACancelledRequest() throws Exception {
		dns.set("hole.test", DnsAnswer.addresses("127.0.0.5", "127.0.0.6"));
		try (BlackHole hole = BlackHole.open("127.0.0.5", this.server.port())) {
			assertThat(hole.address().getPort()).isEqualTo(this.server.port());
			Future<?> request = inBackground(1,
					(index) -> () -> withContext(NetTraceContext.empty().withTrace(this.hooks), () -> get("hole.test")))
				.get(0);
			this.hooks.awaitConnect();
			request.cancel(true);
			application.awaitTree(
					"""
							business !
							  http get%s
							    DNS lookup {dns.answers=127.0.0.5,127.0.0.6, dns.question.name=hole.test, nettrace.dns.coalesced=false}
							    socket connect {nettrace.connect.attempt=1, nettrace.connect.outcome=cancelled, network.peer.address=127.0.0.5, network.peer.port=PORT, network.transport=tcp, network.type=ipv4, server.address=hole.test, server.port=PORT}
							"""
						.formatted((this.caller == ReactorNettyCaller.REST_CLIENT) ? " !" : ""));
			assertThat(this.hooks.calls()).containsExactly("dnsStart hole.test", "dnsDone [127.0.0.5, 127.0.0.6] ok",
					"connectStart tcp 127.0.0.5", "connectDone tcp 127.0.0.5 CancellationException");
		}
	}

	@Test
	void sharesALookupBetweenConcurrentRequests() throws Exception {
		CompletableFuture<Void> release = new CompletableFuture<>();
		dns.set("slow.test", DnsAnswer.addresses("127.0.0.9").after(release));
		RecordingNetTrace[] traces = new RecordingNetTrace[50];
		List<Future<?>> requests = inBackground(traces.length, (index) -> {
			RecordingNetTrace trace = new RecordingNetTrace();
			traces[index] = trace;
			return () -> withContext(NetTraceContext.empty().withTrace(trace), () -> get("slow.test"));
		});
		await().until(() -> Stream.of(traces).allMatch((trace) -> trace.calls().contains("dnsStart slow.test")));
		release.complete(null);
		for (Future<?> request : requests) {
			request.get();
		}
		assertThat(dns.queries("slow.test", "A")).isEqualTo(1);
		await().until(() -> application.spans().size() == 200);
		List<String> lines = application.tree().lines().toList();
		assertThat(lines).filteredOn("business"::equals).hasSize(50);
		assertThat(lines).filteredOn("  http get"::equals).hasSize(50);
		assertThat(lines).filteredOn((line) -> line.startsWith("    DNS lookup {"))
			.hasSize(50)
			.allMatch((line) -> line.contains("nettrace.dns.coalesced=true"));
		assertThat(lines).filteredOn((line) -> line.startsWith("    socket connect {")).hasSize(50);
		assertThat(lines).hasSize(200);
	}

	@Test
	void usesTracesAndResolverThatAreBoundAroundTheCall() {
		NetTraceContext context = NetTraceContext.empty()
			.withTrace(this.hooks)
			.withResolver((network, host) -> List.of(InetAddress.getByName("127.0.0.9")));
		withContext(context, () -> get("nowhere.test"));
		assertThat(this.hooks.calls()).containsExactly("dnsStart nowhere.test", "dnsDone [127.0.0.9] ok",
				"connectStart tcp 127.0.0.9", "connectDone tcp 127.0.0.9 ok");
		assertThat(dns.queries("nowhere.test", "A")).isZero();
		application
			.awaitTree("business\n  http get\n" + answered("nowhere.test") + connected(1, "127.0.0.9", "nowhere.test"));
	}

	@Test
	void failsIfAnAlternateResolverHasNoAddress() {
		assertThatException()
			.isThrownBy(() -> withContext(NetTraceContext.empty().withResolver((network, host) -> List.of()),
					() -> get("empty.test")))
			.withRootCauseInstanceOf(UnknownHostException.class);
	}

	private void get(String host) {
		within("business", () -> this.client.get(this.server.url(host)));
	}

	private void within(String name, Runnable action) {
		Observation.createNotStarted(name, application.bean(ObservationRegistry.class)).observe(action);
	}

}
