package io.nettrace.autoconfigure;

import java.net.UnknownHostException;
import java.util.List;
import java.util.concurrent.Future;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.nettrace.NetTraceContext;
import io.nettrace.test.BlackHole;
import io.nettrace.test.DnsAnswer;
import io.nettrace.test.DnsServer;
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
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;

/**
 * What is particular to RestClient and WebClient on Reactor Netty, whose own DNS resolver
 * asks a real server; the rest is in the contract of all clients.
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
