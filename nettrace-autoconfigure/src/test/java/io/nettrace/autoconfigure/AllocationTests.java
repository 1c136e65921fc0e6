package io.nettrace.autoconfigure;

import java.lang.management.ManagementFactory;
import java.net.URI;
import java.util.function.Function;
import java.util.stream.LongStream;

import com.sun.management.ThreadMXBean;
import org.junit.jupiter.api.Test;
import org.springframework.http.HttpMethod;
import org.springframework.http.client.ClientHttpRequestFactory;
import org.springframework.http.client.ClientHttpResponse;
import org.springframework.web.reactive.function.client.WebClient;

import org.springframework.boot.http.client.ClientHttpRequestFactoryBuilder;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A request that finds a pooled connection pays nothing, or next to nothing.
 */
class AllocationTests {

	private static final int MAX_ROUNDS = 100;

	private static final int REQUESTS = 500;

	private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

	@Test
	void pooledRequestOnHttpComponentsAllocatesNothingForNetTrace() throws Exception {
		assertThat(moreBytes(AllocationTests::onHttpComponents, 16)).isLessThan(16);
	}

	/**
	 * Reactor's context is carried through an operator of its own: some 280 bytes in a
	 * JVM that does nothing else, and up to 430 in one that has compiled for other tests.
	 * To bind the caller's scope for each request costs more than 2,600.
	 */
	@Test
	void pooledRequestOnReactorNettyAllocatesLittleForNetTrace() throws Exception {
		assertThat(moreBytes(AllocationTests::onReactorNetty, 300)).isLessThan(1_000);
	}

	private static Request onHttpComponents(TracedApplication application) {
		ClientHttpRequestFactory factory = application.bean(ClientHttpRequestFactoryBuilder.class).build();
		return (url) -> {
			try (ClientHttpResponse response = factory.createRequest(URI.create(url), HttpMethod.GET).execute()) {
				assertThat(response.getStatusCode().value()).isEqualTo(204);
			}
		};
	}

	private static Request onReactorNetty(TracedApplication application) {
		WebClient client = application.bean(WebClient.Builder.class).build();
		return (url) -> client.get().uri(url).retrieve().toBodilessEntity().block();
	}

	/**
	 * Rounds with and without take turns: what a request allocates falls as the JIT
	 * compiles what both run. In the end they differ by no more than the most that is
	 * asked for.
	 */
	private long moreBytes(Function<TracedApplication, Request> client, long most) throws Exception {
		try (LoopbackServer server = LoopbackServer.start("127.0.0.9");
				TracedApplication traced = start("nettrace.enabled=true");
				TracedApplication bare = start("nettrace.enabled=false")) {
			Request tracedRequest = client.apply(traced);
			Request bareRequest = client.apply(bare);
			long with = Long.MAX_VALUE;
			long without = Long.MAX_VALUE;
			for (int round = 0; round < MAX_ROUNDS && (round < 10 || with - without >= most); round++) {
				with = Math.min(with, bytesOf(tracedRequest, server));
				without = Math.min(without, bytesOf(bareRequest, server));
			}
			return with - without;
		}
	}

	private static TracedApplication start(String property) {
		return TracedApplication.start(HttpComponentsCustomizationTests.FixedNames.class, property,
				"spring.http.clients.reactive.connector=reactor");
	}

	private long bytesOf(Request request, LoopbackServer server) throws Exception {
		String url = server.url("127.0.0.9");
		long before = allocatedBytes();
		for (int i = 0; i < REQUESTS; i++) {
			request.send(url);
		}
		return (allocatedBytes() - before) / REQUESTS;
	}

	/**
	 * Of all threads, event loops among them.
	 */
	private long allocatedBytes() {
		return LongStream.of(this.threads.getThreadAllocatedBytes(this.threads.getAllThreadIds()))
			.filter((bytes) -> bytes > 0)
			.sum();
	}

	private interface Request {

		void send(String url) throws Exception;

	}

}
