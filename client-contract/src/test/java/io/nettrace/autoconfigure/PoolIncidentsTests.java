package io.nettrace.autoconfigure;

import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;

import io.nettrace.autoconfigure.Incident.Staged;
import io.nettrace.autoconfigure.TracedClient.Call;
import io.nettrace.autoconfigure.TracedClient.Caller;
import org.apache.hc.core5.util.Timeout;
import org.junit.jupiter.api.Test;
import org.springframework.boot.http.client.HttpComponentsClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.autoconfigure.ClientHttpRequestFactoryBuilderCustomizer;
import org.springframework.boot.http.client.autoconfigure.reactive.ClientHttpConnectorBuilderCustomizer;
import org.springframework.boot.http.client.reactive.ReactorClientHttpConnectorBuilder;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.client.RestClient;
import reactor.netty.resources.LoopResources;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Pools that have no connection to give, and connections that do not come back.
 */
class PoolIncidentsTests extends IncidentTest {

	private static final String ACTIVE = "http.client.open_connections";

	private static final String[] IN_USE = { "http.connection.state", "active" };

	private static final String PENDING = "http.client.connection.pending_requests";

	private static final String MAX = "http.client.connection.max";

	private static final String QUEUE = "http.client.request.time_in_queue";

	@Test
	@Staged({ 1, 2, 3 })
	void poolOfTwoAndASlowServer() throws Exception {
		serve();
		Caller caller = start(TracedClient.REST_CLIENT_ON_HTTP_COMPONENTS, List.of(TwoConnections.class));
		List<Held> first = List.of(startHeld(caller, url("/held")), startHeld(caller, url("/held")));
		Call third = caller.start(url("/"));
		awaitGauge(1, PENDING);
		assertThat(gauge(ACTIVE, IN_USE)).isEqualTo(2).isEqualTo(gauge(MAX));
		awaitLong();
		look();
		server().release();
		await(third);
		for (Held each : first) {
			await(each.call());
		}
		assertThat(gauge(PENDING)).isZero();
		assertThat(count(QUEUE, "error.type", "none")).isEqualTo(3);
		assertThat(request(2)).containsEntry("nettrace.verdict", "queue");
	}

	@Test
	@Staged({ 4, 6, 8, 9, 10, 11 })
	void poolOfOneAndAServerThatDoesNotAnswer() throws Exception {
		serve();
		Caller caller = start(TracedClient.WEB_CLIENT_ON_REACTOR_NETTY, List.of(ClientSettings.NarrowPool.class),
				"pool.wait=300ms");
		Held first = startHeld(caller, url("/held"));
		Call second = caller.start(url("/"));
		awaitGauge(1, PENDING);
		look();
		assertThat(gauge(ACTIVE, IN_USE)).isEqualTo(1).isEqualTo(gauge(MAX));
		awaitFailure(second);
		look();
		assertThat(gauge("nettrace.connection.oldest_active")).isPositive();
		assertThat(count("http.client.connection.duration")).isZero();
		first.awaitLong();
		server().release();
		await(first.call());
		assertThat(request(1)).doesNotContainKeys("nettrace.connection.id", "nettrace.phase.dns",
				"nettrace.phase.connect");
		assertThat(count(QUEUE)).isEqualTo(2);
		assertThat(count(QUEUE, "nettrace.queue.outcome", "timed_out", "error.type", "timed_out")).isEqualTo(1);
	}

	@Test
	@Staged(5)
	void eventLoopThatIsBusy() throws Exception {
		serve();
		Caller caller = start(TracedClient.WEB_CLIENT_ON_REACTOR_NETTY, List.of(OneLoop.class));
		get(caller, url("/"));
		awaitIdle();
		CountDownLatch busy = new CountDownLatch(1);
		application().bean(LoopResources.class).onClient(LoopResources.DEFAULT_NATIVE).execute(() -> {
			try {
				busy.await();
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
			}
		});
		Call call = caller.start(url("/"));
		awaitLong();
		busy.countDown();
		await(call);
		assertThat(request(1)).containsEntry("nettrace.verdict", "queue");
	}

	@Test
	@Staged(7)
	void lifeOfAConnection() throws Exception {
		serve();
		Caller caller = start(TracedClient.WEB_CLIENT_ON_REACTOR_NETTY, List.of());
		Held held = startHeld(caller, url("/held"));
		assertThat(gauge(ACTIVE, IN_USE)).isEqualTo(1);
		look();
		server().release();
		await(held.call());
		awaitIdle();
		look();
		get(caller, url("/goodbye"));
		awaitCount(1, "http.client.connection.duration", "nettrace.connection.closed", "peer");
		assertThat(gauge(ACTIVE)).isZero();
	}

	@Test
	@Staged({ 12, 13, 15, 16, 17 })
	void responsesThatAreNotClosed() {
		serve();
		start(TracedClient.REST_CLIENT_ON_HTTP_COMPONENTS, List.of(ShortWait.class));
		RestClient client = application().bean(RestClient.Builder.class).build();
		for (int i = 0; i < 5; i++) {
			leak(client);
		}
		assertThat(gauge(ACTIVE, IN_USE)).isEqualTo(5).isEqualTo(gauge(MAX));
		assertFails(() -> leak(client));
		assertThat(gauge("nettrace.connection.oldest_active")).isGreaterThan(ShortWait.WAIT.toMilliseconds() / 1e3);
		assertThat(count(QUEUE)).isEqualTo(6);
		assertThat(count("http.client.connection.duration")).isZero();
	}

	private void leak(RestClient client) {
		int status = Objects.requireNonNull(
				client.get().uri(url("/")).exchange((request, response) -> response.getStatusCode().value(), false));
		assertThat(status).isEqualTo(200);
	}

	@Configuration(proxyBeanMethods = false)
	static class TwoConnections {

		@Bean
		ClientHttpRequestFactoryBuilderCustomizer<HttpComponentsClientHttpRequestFactoryBuilder> two() {
			return (builder) -> builder
				.withConnectionManagerCustomizer((manager) -> manager.setMaxConnTotal(2).setMaxConnPerRoute(2));
		}

	}

	/**
	 * The pool is the library's own, of 5 connections a host.
	 */
	@Configuration(proxyBeanMethods = false)
	static class ShortWait {

		private static final Timeout WAIT = Timeout.ofMilliseconds(300);

		@Bean
		ClientHttpRequestFactoryBuilderCustomizer<HttpComponentsClientHttpRequestFactoryBuilder> shortWait() {
			return (builder) -> builder
				.withDefaultRequestConfigCustomizer((config) -> config.setConnectionRequestTimeout(WAIT));
		}

	}

	/**
	 * All channels have the same event loop.
	 */
	@Configuration(proxyBeanMethods = false)
	static class OneLoop {

		@Bean(destroyMethod = "dispose")
		LoopResources loop() {
			return LoopResources.create("one", 1, true);
		}

		@Bean
		ClientHttpConnectorBuilderCustomizer<ReactorClientHttpConnectorBuilder> onOneLoop(LoopResources loop) {
			return (builder) -> builder.withHttpClientCustomizer((client) -> client.runOn(loop));
		}

	}

}
