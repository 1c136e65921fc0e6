package io.nettrace.autoconfigure;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

import io.nettrace.NetTrace;
import io.nettrace.client.httpcomponents.NetTraceHttpComponents;
import org.apache.hc.client5.http.SystemDefaultDnsResolver;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManager;
import org.apache.hc.core5.http.HttpHeaders;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Hooks that do more than listen cost at most their own request: on HttpComponents, with
 * a race and without.
 */
class HttpComponentsHostileHookTests {

	private final LoopbackServer server = LoopbackServer.start("127.0.0.9");

	private final LoopbackServer second = LoopbackServer.start("127.0.0.8", this.server.port());

	private final ExecutorService executor = Executors.newSingleThreadExecutor();

	@AfterEach
	void stop() {
		this.executor.shutdownNow();
		this.server.close();
		this.second.close();
		HostileHook.action = () -> {
		};
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void hookThatInterruptsItsThread(boolean race) throws Exception {
		costsAtMostItsOwnRequest(race, (client) -> Thread.currentThread().interrupt());
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void hookThatCallsTheSameClient(boolean race) throws Exception {
		costsAtMostItsOwnRequest(race, this::get);
	}

	private void costsAtMostItsOwnRequest(boolean race, Action action) throws Exception {
		try (TracedApplication application = TracedApplication.start(List.of(HostileHook.class),
				"nettrace.connect.happy-eyeballs.enabled=" + race, "nettrace.connect.happy-eyeballs.strategy=rfc8305");
				PoolingHttpClientConnectionManager manager = application.bean(NetTraceHttpComponents.class)
					.connectionManagerBuilder()
					.setDnsResolver(new TwoAddresses())
					.build();
				CloseableHttpClient client = HttpClients.custom().setConnectionManager(manager).build()) {
			HostileHook.action = () -> action.run(client);
			try {
				this.executor.submit(() -> get(client)).get(20, TimeUnit.SECONDS);
			}
			catch (ExecutionException itsOwnRequest) {
				assertThat(itsOwnRequest).hasCauseInstanceOf(UncheckedIOException.class);
			}
			HostileHook.action = () -> {
			};
			assertThat(this.executor.submit(() -> get(client)).get(20, TimeUnit.SECONDS)).isEqualTo(204);
			assertThat(get(client)).isEqualTo(204);
			assertThat(manager.getTotalStats().getLeased()).isZero();
		}
	}

	/**
	 * Each request needs a connection of its own.
	 */
	private int get(CloseableHttpClient client) {
		HttpGet request = new HttpGet(this.server.url("two.test"));
		request.setHeader(HttpHeaders.CONNECTION, "close");
		try {
			return client.execute(request, (response) -> response.getCode());
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * What a hook does.
	 */
	private interface Action {

		void run(CloseableHttpClient client);

	}

	private static final class TwoAddresses extends SystemDefaultDnsResolver {

		@Override
		public InetAddress[] resolve(String host) throws UnknownHostException {
			return new InetAddress[] { InetAddress.getByName("127.0.0.9"), InetAddress.getByName("127.0.0.8") };
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class HostileHook {

		private static volatile Runnable action = () -> {
		};

		@Bean
		NetTrace hostileTrace() {
			return new NetTrace() {

				@Override
				public void dnsStart(String host) {
					action.run();
				}

				@Override
				public void dnsDone(List<InetAddress> addresses, boolean coalesced, @Nullable Throwable error) {
					action.run();
				}

				@Override
				public void connectStart(String network, SocketAddress address) {
					action.run();
				}

				@Override
				public void connectDone(String network, SocketAddress address, @Nullable Throwable error) {
					action.run();
				}

			};
		}

	}

}
