package io.nettrace.client.httpcomponents;

import java.io.IOException;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import io.nettrace.ConnectionTarget;
import io.nettrace.Hook;
import io.nettrace.NetTrace;
import io.nettrace.RequestInfo;
import io.nettrace.WaitInfo;
import io.nettrace.WaitInfo.Outcome;
import io.nettrace.WaitInfo.Reason;
import io.nettrace.concurrent.LookupThreads;
import io.nettrace.concurrent.Threads;
import io.nettrace.dns.LookupSettings;
import io.nettrace.instrument.NetTracing;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManager;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.io.entity.EntityUtils;
import org.apache.hc.core5.pool.PoolConcurrencyPolicy;
import org.apache.hc.core5.util.Timeout;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Exchanges that wait for their pool.
 */
class PoolWaitTests {

	private final HookRecorder recorder = new HookRecorder();

	private final ScriptedServer server;

	private final ScriptedServer other;

	private final ExecutorService threads = Executors.newCachedThreadPool();

	private final HttpClientBuilder builder = HttpClients.custom();

	private NetTraceHttpComponents netTrace = netTrace(EnumSet.allOf(Hook.class));

	private PoolingHttpClientConnectionManagerBuilder settings = this.netTrace.connectionManagerBuilder();

	private PoolingHttpClientConnectionManager pool = this.settings.build();

	private CloseableHttpClient client = HttpClients.createMinimal();

	PoolWaitTests() throws IOException {
		this.server = ScriptedServer.start();
		this.other = ScriptedServer.start();
	}

	private NetTraceHttpComponents netTrace(Set<Hook> hooks) {
		return new NetTraceHttpComponents(new NetTracing(() -> List.of(new Factory(hooks)),
				() -> List.of(this.recorder), EnumSet.allOf(Hook.class)), LookupSettings.defaults(),
				LookupThreads.create());
	}

	private void build() {
		this.pool = this.settings.build();
		this.client = this.netTrace.instrument(this.builder.setConnectionManager(this.pool)).build();
	}

	@AfterEach
	void stop() throws IOException {
		this.threads.shutdownNow();
		this.client.close();
		this.server.close();
		this.other.close();
	}

	private int get(String url) throws IOException {
		return this.client.execute(new HttpGet(url), (response) -> {
			EntityUtils.consume(response.getEntity());
			return response.getCode();
		});
	}

	private ClassicHttpResponse hold(String url) throws IOException {
		return this.client.executeOpen(null, new HttpGet(url), null);
	}

	private void awaitPending(int count) {
		Awaitility.await()
			.atMost(Duration.ofSeconds(10))
			.until(() -> this.pool.getRoutes()
				.stream()
				.mapToInt((route) -> this.pool.getStats(route).getPending())
				.sum() == count);
	}

	private List<String> waits() {
		return this.recorder.take().stream().filter((event) -> event.startsWith("wait")).toList();
	}

	@ParameterizedTest
	@EnumSource
	void forAConnectionThatIsGivenBack(PoolConcurrencyPolicy policy) throws Exception {
		this.settings.setMaxConnPerRoute(1).setPoolConcurrencyPolicy(policy);
		build();
		ClassicHttpResponse holding = hold(this.server.url("/ok"));
		Future<Integer> waiting = this.threads.submit(() -> get(this.server.url("/ok")));
		Awaitility.await()
			.atMost(Duration.ofSeconds(10))
			.until(() -> this.recorder.events().contains("waitStart HOST_LIMIT"));
		EntityUtils.consume(holding.getEntity());
		assertThat(waiting.get(10, TimeUnit.SECONDS)).isEqualTo(200);
		assertThat(this.recorder.take()).containsSubsequence("getConn", "gotConn", "getConn", "waitStart HOST_LIMIT",
				"waitDone REUSED", "acquired 2", "gotConn", "putIdleConn");
		assertThat(this.recorder.waits()).singleElement()
			.isEqualTo(
					WaitInfo.starting(new ConnectionTarget("localhost", this.server.port(), false), Reason.HOST_LIMIT)
						.ended(Outcome.REUSED, null));
	}

	@ParameterizedTest
	@EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "OFFLOCK") // gives a place to the
																	// next only
	void forPlace(PoolConcurrencyPolicy policy) throws Exception {
		this.settings.setMaxConnPerRoute(1).setPoolConcurrencyPolicy(policy);
		build();
		ClassicHttpResponse holding = hold(this.server.url("/close"));
		Future<Integer> waiting = this.threads.submit(() -> get(this.server.url("/ok")));
		Awaitility.await()
			.atMost(Duration.ofSeconds(10))
			.until(() -> this.recorder.events().contains("waitStart HOST_LIMIT"));
		EntityUtils.consume(holding.getEntity());
		assertThat(waiting.get(10, TimeUnit.SECONDS)).isEqualTo(200);
		assertThat(this.recorder.take()).containsSubsequence("waitStart HOST_LIMIT", "waitDone NEW", "dnsStart",
				"connectDone", "opened", "acquired 1", "gotConn");
	}

	@ParameterizedTest
	@EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "LAX") // has no limit in all
	void forThePool(PoolConcurrencyPolicy policy) throws Exception {
		this.settings.setMaxConnPerRoute(2).setMaxConnTotal(1).setPoolConcurrencyPolicy(policy);
		this.builder.setDefaultRequestConfig(
				RequestConfig.custom().setConnectionRequestTimeout(Timeout.ofMilliseconds(50)).build());
		build();
		hold(this.server.url("/ok"));
		assertThatException() // OFFLOCK's have no message, which the library trips over
			.isThrownBy(() -> get(this.other.url("/ok")));
		assertThat(waits()).containsExactly("waitStart POOL_LIMIT",
				"waitDone TIMED_OUT " + this.recorder.errors().get(0).getClass().getSimpleName());
	}

	@ParameterizedTest
	@EnumSource
	void timesOut(PoolConcurrencyPolicy policy) throws IOException {
		this.settings.setMaxConnPerRoute(1).setPoolConcurrencyPolicy(policy);
		this.builder.setDefaultRequestConfig(
				RequestConfig.custom().setConnectionRequestTimeout(Timeout.ofMilliseconds(50)).build());
		build();
		hold(this.server.url("/ok"));
		this.recorder.take();
		assertThatException() // OFFLOCK's have no message, which the library trips over
			.isThrownBy(() -> get(this.server.url("/ok")));
		assertThat(this.recorder.take()).hasSize(3)
			.startsWith("getConn", "waitStart HOST_LIMIT")
			.last()
			.asString()
			.startsWith("waitDone TIMED_OUT ");
	}

	@ParameterizedTest
	@EnumSource
	void isCancelled(PoolConcurrencyPolicy policy) throws Exception {
		this.settings.setMaxConnPerRoute(1).setPoolConcurrencyPolicy(policy);
		build();
		ClassicHttpResponse holding = hold(this.server.url("/ok"));
		HttpGet request = new HttpGet(this.server.url("/ok"));
		Future<Integer> waiting = this.threads
			.submit(() -> this.client.execute(request, (response) -> response.getCode()));
		Awaitility.await()
			.atMost(Duration.ofSeconds(10))
			.until(() -> this.recorder.events().contains("waitStart HOST_LIMIT"));
		request.cancel();
		assertThatExceptionOfType(Exception.class).isThrownBy(() -> waiting.get(10, TimeUnit.SECONDS));
		EntityUtils.consume(holding.getEntity());
		assertThat(waits()).containsExactly("waitStart HOST_LIMIT", "waitDone CANCELLED CancellationException");
		assertThat(this.recorder.errors()).first().isInstanceOf(CancellationException.class);
		assertThat(this.pool.getTotalStats().getLeased()).isZero();
	}

	@Test
	void isInterrupted() throws Exception {
		this.settings.setMaxConnPerRoute(1);
		build();
		hold(this.server.url("/ok"));
		Thread waiting = new Thread(
				() -> assertThatExceptionOfType(IOException.class).isThrownBy(() -> get(this.server.url("/ok"))));
		waiting.start();
		awaitPending(1);
		waiting.interrupt();
		waiting.join(TimeUnit.SECONDS.toMillis(10));
		assertThat(waits()).containsExactly("waitStart HOST_LIMIT", "waitDone CANCELLED InterruptedException");
	}

	@ParameterizedTest
	@EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "STRICT") // forgets who waits
	void failsWhenThePoolIsClosed(PoolConcurrencyPolicy policy) throws Exception {
		this.settings.setMaxConnPerRoute(1).setPoolConcurrencyPolicy(policy);
		build();
		hold(this.server.url("/ok"));
		Future<Integer> waiting = this.threads.submit(() -> get(this.server.url("/ok")));
		Awaitility.await()
			.atMost(Duration.ofSeconds(10))
			.until(() -> this.recorder.events().contains("waitStart HOST_LIMIT"));
		this.client.close();
		assertThatExceptionOfType(Exception.class).isThrownBy(() -> waiting.get(10, TimeUnit.SECONDS));
		assertThat(waits()).hasSize(2).last().asString().startsWith("waitDone FAILED ");
	}

	@Test
	void onlyIfSomethingListens() throws Exception {
		this.netTrace = netTrace(EnumSet.of(Hook.GET_CONN, Hook.GOT_CONN));
		this.settings = this.netTrace.connectionManagerBuilder().setMaxConnPerRoute(1);
		build();
		ClassicHttpResponse holding = hold(this.server.url("/ok"));
		Future<Integer> waiting = this.threads.submit(() -> get(this.server.url("/ok")));
		awaitPending(1);
		EntityUtils.consume(holding.getEntity());
		waiting.get(10, TimeUnit.SECONDS);
		assertThat(this.recorder.take()).contains("getConn", "gotConn");
		assertThat(this.recorder.waits()).isEmpty();
	}

	@Test
	void notIfThePoolHasAConnectionOrPlace() throws IOException {
		this.settings.setMaxConnPerRoute(1).setMaxConnTotal(1);
		build();
		get(this.server.url("/ok"));
		get(this.server.url("/ok"));
		get(this.other.url("/ok")); // makes place by closing the idle connection
		assertThat(this.recorder.waits()).isEmpty();
	}

	@ParameterizedTest
	@EnumSource
	void fiftyCallersAndTwoConnections(PoolConcurrencyPolicy policy) throws Exception {
		fiftyCallers(policy, this.threads);
	}

	@Test
	@EnabledForJreRange(min = JRE.JAVA_21)
	void fiftyVirtualThreads() throws Exception {
		fiftyCallers(PoolConcurrencyPolicy.STRICT, Threads.perTask("caller-"));
	}

	private void fiftyCallers(PoolConcurrencyPolicy policy, Executor callers) throws Exception {
		this.settings.setMaxConnPerRoute(2).setPoolConcurrencyPolicy(policy);
		build();
		ClassicHttpResponse first = hold(this.server.url("/ok"));
		ClassicHttpResponse second = hold(this.server.url("/ok"));
		this.recorder.take();
		CountDownLatch done = new CountDownLatch(50);
		IntStream.range(0, 50).forEach((i) -> callers.execute(() -> {
			try {
				get(this.server.url("/ok"));
			}
			catch (IOException ex) {
				throw new IllegalStateException(ex);
			}
			finally {
				done.countDown();
			}
		}));
		Awaitility.await()
			.atMost(Duration.ofSeconds(20))
			.until(() -> this.recorder.events().stream().filter("waitStart HOST_LIMIT"::equals).count() == 50);
		EntityUtils.consume(first.getEntity());
		EntityUtils.consume(second.getEntity());
		assertThat(done.await(20, TimeUnit.SECONDS)).isTrue();
		Stream<String> waits = waits().stream();
		assertThat(waits.filter("waitDone REUSED"::equals)).hasSize(50);
		assertThat(this.recorder.waits()).hasSize(50);
		assertThat(this.recorder.connections()).hasSize(52).filteredOn((connection) -> !connection.reused()).hasSize(2);
		assertThat(this.recorder.connections()).filteredOn((connection) -> connection.requests() > 1)
			.allMatch((connection) -> connection.reused() && !connection.wasIdle());
	}

	private final class Factory implements NetTrace.Factory {

		private final Set<Hook> hooks;

		Factory(Set<Hook> hooks) {
			this.hooks = hooks;
		}

		@Override
		public NetTrace create(RequestInfo request) {
			return PoolWaitTests.this.recorder;
		}

		@Override
		public Set<Hook> hooks() {
			return this.hooks;
		}

	}

}
