package io.nettrace.autoconfigure;

import java.net.InetAddress;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.nettrace.NetTraceContext;
import io.nettrace.test.DnsAnswer;
import io.nettrace.test.DnsServer;
import io.nettrace.test.SpanTree;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.boot.http.client.InetAddressFilter;
import org.springframework.boot.http.client.ReactorClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.autoconfigure.ClientHttpRequestFactoryBuilderCustomizer;
import org.springframework.boot.http.client.autoconfigure.reactive.ClientHttpConnectorBuilderCustomizer;
import org.springframework.boot.http.client.reactive.ReactorClientHttpConnectorBuilder;
import org.springframework.boot.webclient.WebClientCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import reactor.core.publisher.Hooks;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.netty.http.client.HttpClient;
import reactor.netty.resources.ConnectionProvider;

import static io.nettrace.autoconfigure.Calls.inBackground;
import static io.nettrace.autoconfigure.ExpectedSpans.answered;
import static io.nettrace.autoconfigure.ExpectedSpans.connected;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;
import static org.awaitility.Awaitility.await;

/**
 * RestClient and WebClient on Reactor Netty in applications that are set up otherwise.
 */
@Tag("one-jdk")
class ReactorNettyApplicationTests {

	private final DnsServer dns = DnsServer.start().set("good.test", DnsAnswer.addresses("127.0.0.9"));

	private final LoopbackServer server = LoopbackServer.start("127.0.0.9");

	@AfterEach
	void stop() {
		this.server.close();
		this.dns.close();
		Hooks.disableAutomaticContextPropagation();
	}

	@ParameterizedTest
	@EnumSource
	void showsAllAnswersButOnlyAttemptsThatAFilterAllows(ReactorNettyCaller caller) {
		this.dns.set("some.test", DnsAnswer.addresses("127.0.0.8", "127.0.0.9"));
		this.dns.set("none.test", DnsAnswer.addresses("127.0.0.7", "127.0.0.8"));
		try (TracedApplication application = caller.start(this.dns, List.of(Filter.class))) {
			ReactorNettyCaller.Get client = caller.client(application);
			get(application, client, "some.test");
			application
				.awaitTree("business\n  http get\n" + answered("some.test").replace("127.0.0.9", "127.0.0.8,127.0.0.9")
						+ connected(1, "127.0.0.9", "some.test"));
			assertThatException().isThrownBy(() -> get(application, client, "none.test"))
				.withStackTraceContaining("FilteredHostException");
			application.awaitTree(
					"business !\n  http get !\n" + answered("none.test").replace("127.0.0.9", "127.0.0.7,127.0.0.8"));
		}
	}

	@ParameterizedTest
	@EnumSource
	void isAChildOfTheObservationAroundADisabledRequestObservation(ReactorNettyCaller caller) {
		try (TracedApplication application = caller.start(this.dns, List.of(),
				"management.observations.enable.http.client.requests=false")) {
			get(application, caller.client(application), "good.test");
			application.awaitTree(("business\n" + answered("good.test") + connected(1, "127.0.0.9", "good.test"))
				.replace("    ", "  "));
		}
	}

	@ParameterizedTest
	@EnumSource(names = { "REST_CLIENT", "WEB_CLIENT" })
	void canBeSwitchedOff(ReactorNettyCaller caller) {
		try (TracedApplication application = caller.start(this.dns, List.of(),
				"nettrace.clients.reactor-netty.enabled=false")) {
			get(application, caller.client(application), "good.test");
			application.awaitTree("business\n  http get\n");
		}
	}

	/**
	 * With one connection the second request waits until the first has given it back.
	 */
	@ParameterizedTest
	@EnumSource
	void showsNothingOnAPooledConnectionAndTwoClientsStillShareTheirPool(ReactorNettyCaller caller) {
		try (TracedApplication application = caller.start(this.dns, List.of(OneConnection.class))) {
			ReactorNettyCaller.Get client = caller.client(application);
			get(application, client, "good.test");
			application
				.awaitTree("business\n  http get\n" + answered("good.test") + connected(1, "127.0.0.9", "good.test"));
			get(application, client, "good.test");
			application.awaitTree("business\n  http get\n");
			get(application, caller.client(application), "good.test");
			application.awaitTree("business\n  http get\n");
		}
	}

	@ParameterizedTest
	@EnumSource(names = { "REST_CLIENT", "WEB_CLIENT" })
	void clientsOfTheDefaultResolverStillShareTheirPool(ReactorNettyCaller caller) {
		try (LoopbackServer local = LoopbackServer.start("127.0.0.1");
				TracedApplication application = caller.start(List.of(OneConnection.class))) {
			caller.client(application).get(local.url("localhost"));
			await().untilAsserted(
					() -> assertThat(SpanTree.render(application.spans())).startsWith("http get\n  DNS lookup {")
						.contains("nettrace.connect.outcome=connected"));
			application.tree();
			caller.client(application).get(local.url("localhost"));
			application.awaitTree("http get\n");
		}
	}

	/**
	 * The thread that connects has nothing of the caller's bound, only Reactor's context.
	 */
	@ParameterizedTest
	@EnumSource(names = { "WEB_CLIENT", "WEB_CLIENT_WITH_AUTOMATIC_PROPAGATION" })
	void knowsTheCallerBehindAFilterThatGoesToAnotherThread(ReactorNettyCaller caller) {
		RecordingNetTrace hooks = new RecordingNetTrace();
		try (TracedApplication application = caller.start(this.dns, List.of(OtherThread.class))) {
			ReactorNettyCaller.Get client = caller.client(application);
			Calls.withContext(
					NetTraceContext.empty()
						.withTrace(hooks)
						.withResolver((network, host) -> List.of(InetAddress.getByName("127.0.0.9"))),
					() -> get(application, client, "nowhere.test"));
			assertThat(hooks.calls()).containsExactly("dnsStart nowhere.test", "dnsDone [127.0.0.9] ok",
					"connectStart tcp 127.0.0.9", "connectDone tcp 127.0.0.9 ok");
			application.awaitTree(
					"business\n  http get\n" + answered("nowhere.test") + connected(1, "127.0.0.9", "nowhere.test"));
		}
	}

	private void get(TracedApplication application, ReactorNettyCaller.Get client, String host) {
		Observation.createNotStarted("business", application.bean(ObservationRegistry.class))
			.observe(() -> client.get(this.server.url(host)));
	}

	@Configuration(proxyBeanMethods = false)
	static class OneConnection {

		private final ConnectionProvider provider = ConnectionProvider.create("one", 1);

		@Bean
		ClientHttpRequestFactoryBuilderCustomizer<ReactorClientHttpRequestFactoryBuilder> oneConnection() {
			return (builder) -> builder.withHttpClientFactory(() -> HttpClient.create(this.provider));
		}

		@Bean
		ClientHttpConnectorBuilderCustomizer<ReactorClientHttpConnectorBuilder> oneConnectorConnection() {
			return (builder) -> builder.withHttpClientFactory(() -> HttpClient.create(this.provider));
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Filter {

		@Bean
		InetAddressFilter filter() {
			return InetAddressFilter.of("127.0.0.9");
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OtherThread {

		@Bean
		WebClientCustomizer otherThread() {
			return (builder) -> builder.filter((request, next) -> Mono.defer(() -> next.exchange(request))
				.subscribeOn(Schedulers.newSingle("other")));
		}

	}

}
