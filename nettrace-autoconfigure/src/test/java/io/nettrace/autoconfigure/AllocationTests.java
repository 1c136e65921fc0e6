package io.nettrace.autoconfigure;

import java.lang.management.ManagementFactory;
import java.net.URI;

import com.sun.management.ThreadMXBean;
import org.junit.jupiter.api.Test;
import org.springframework.http.HttpMethod;
import org.springframework.http.client.ClientHttpRequestFactory;
import org.springframework.http.client.ClientHttpResponse;

import org.springframework.boot.http.client.ClientHttpRequestFactoryBuilder;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A request that finds a pooled connection pays nothing.
 */
class AllocationTests {

	private static final int MAX_ROUNDS = 100;

	private static final int REQUESTS = 500;

	private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

	/**
	 * Rounds with and without take turns: what a request allocates falls as the JIT
	 * compiles what both run. In the end they differ by less than the smallest object.
	 */
	@Test
	void pooledRequestAllocatesNothingForNetTrace() throws Exception {
		try (LoopbackServer server = LoopbackServer.start("127.0.0.9");
				TracedApplication traced = start("nettrace.enabled=true");
				TracedApplication bare = start("nettrace.enabled=false")) {
			ClientHttpRequestFactory tracedFactory = traced.bean(ClientHttpRequestFactoryBuilder.class).build();
			ClientHttpRequestFactory bareFactory = bare.bean(ClientHttpRequestFactoryBuilder.class).build();
			long with = Long.MAX_VALUE;
			long without = Long.MAX_VALUE;
			for (int round = 0; round < MAX_ROUNDS && (round < 10 || with - without >= 16); round++) {
				with = Math.min(with, bytesOfARequest(tracedFactory, server));
				without = Math.min(without, bytesOfARequest(bareFactory, server));
			}
			assertThat(with - without).isLessThan(16);
		}
	}

	private static TracedApplication start(String property) {
		return TracedApplication.start(HttpComponentsCustomizationTests.FixedNames.class, property);
	}

	private long bytesOfARequest(ClientHttpRequestFactory factory, LoopbackServer server) throws Exception {
		URI uri = URI.create(server.url("a.test"));
		long before = this.threads.getCurrentThreadAllocatedBytes();
		for (int i = 0; i < REQUESTS; i++) {
			try (ClientHttpResponse response = factory.createRequest(uri, HttpMethod.GET).execute()) {
				assertThat(response.getStatusCode().value()).isEqualTo(204);
			}
		}
		return (this.threads.getCurrentThreadAllocatedBytes() - before) / REQUESTS;
	}

}
