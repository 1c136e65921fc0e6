package io.nettrace.autoconfigure;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

import io.nettrace.ConnectionInfo;
import io.nettrace.ConnectionTarget;
import io.nettrace.NetTrace;
import io.nettrace.NetTraceContext;
import io.nettrace.ResponseInfo;
import io.nettrace.WaitInfo;
import io.nettrace.client.reactor.NetTraceReactorNetty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.boot.http.client.ReactorClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.autoconfigure.ClientHttpRequestFactoryBuilderCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.client.ReactorResourceFactory;
import reactor.core.publisher.Hooks;
import reactor.core.publisher.Mono;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;
import reactor.netty.resources.ConnectionProvider;
import reactor.netty.resources.LoopResources;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Many requests at once on few connections: what is told of a request is told of that
 * one.
 */
class ReactorNettyCrowdTests {

	private static final int REQUESTS = 50;

	/**
	 * The connections that the server has got each path from, by their port.
	 */
	private final Map<String, Integer> arrived = new ConcurrentHashMap<>();

	private final DisposableServer server = HttpServer.create()
		.host("127.0.0.1")
		.port(0)
		.handle((request, response) -> {
			InetSocketAddress client = request.remoteAddress();
			this.arrived.put(request.uri(), (client != null) ? client.getPort() : -1);
			return response.sendString(Mono.just("ok"));
		})
		.bindNow();

	@AfterEach
	void stop() {
		this.server.disposeNow();
		Hooks.disableAutomaticContextPropagation();
	}

	@ParameterizedTest
	@EnumSource
	void eachHookIsCalledForItsRequest(ReactorNettyCaller caller) throws Exception {
		ExecutorService threads = Executors.newFixedThreadPool(REQUESTS);
		try (TracedApplication application = caller.start(List.of(Crowd.class))) {
			ReactorNettyCaller.Get client = caller.client(application);
			Map<String, Seen> seen = new LinkedHashMap<>();
			List<Future<?>> requests = new ArrayList<>();
			for (int i = 0; i < REQUESTS; i++) {
				String path = "/" + i;
				String url = "http://127.0.0.1:" + this.server.port() + path;
				Seen trace = new Seen();
				seen.put(path, trace);
				NetTraceContext context = NetTraceContext.current().withTrace(trace);
				requests.add(threads.submit(() -> Calls.withContext(context, () -> client.get(url))));
			}
			for (Future<?> request : requests) {
				request.get(30, TimeUnit.SECONDS);
			}
			await().untilAsserted(() -> assertThat(seen.values()).allMatch((each) -> each.responses == 1));
			seen.forEach((path, each) -> {
				assertThat(each.port).as(path).isEqualTo(this.arrived.get(path));
				assertThat(each.asked).as(path).isOne();
				assertThat(each.waits).as(path).isZero();
			});
			assertThat(this.arrived.values()).doesNotContain(-1);
			assertThat(Set.copyOf(this.arrived.values())).hasSize(2);
			assertThat(seen.values()).filteredOn((each) -> each.waited).hasSizeGreaterThan(REQUESTS / 2);
		}
		finally {
			threads.shutdownNow();
		}
	}

	/**
	 * What was told of one request.
	 */
	private static final class Seen implements NetTrace {

		private volatile int asked;

		private volatile int waits;

		private volatile boolean waited;

		private volatile int port;

		private volatile int responses;

		@Override
		public synchronized void getConn(ConnectionTarget target) {
			this.asked++;
		}

		@Override
		public synchronized void waitStart(WaitInfo wait) {
			this.waits++;
		}

		@Override
		public synchronized void waitDone(WaitInfo wait) {
			this.waits--;
			this.waited = true;
		}

		@Override
		public synchronized void gotConn(ConnectionInfo connection) {
			if (connection.localAddress() instanceof InetSocketAddress local) {
				this.port = local.getPort();
			}
		}

		@Override
		public synchronized void responseDone(ResponseInfo response) {
			this.responses++;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Crowd {

		/**
		 * Two connections.
		 */
		@Bean
		ReactorResourceFactory resources(NetTraceReactorNetty netTrace) {
			ReactorResourceFactory resources = new ReactorResourceFactory();
			resources.setUseGlobalResources(false);
			resources.setConnectionProviderSupplier(() -> netTrace.connectionProvider(
					ConnectionProvider.builder("two").maxConnections(2).pendingAcquireMaxCount(REQUESTS)));
			resources.setLoopResourcesSupplier(() -> LoopResources.create("crowd", 2, true));
			return resources;
		}

		@Bean
		ClientHttpRequestFactoryBuilderCustomizer<ReactorClientHttpRequestFactoryBuilder> crowdOfRestClient(
				ReactorResourceFactory resources) {
			return (builder) -> builder.withReactorResourceFactory(resources);
		}

	}

}
