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

	private static final int WARM_UP = 3000;

	private static final int REQUESTS = 2000;

	private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

	@Test
	void pooledRequestAllocatesNothingForNetTrace() throws Exception {
		try (LoopbackServer server = LoopbackServer.start("127.0.0.9")) {
			long without = bytesOfARequest(server, "nettrace.enabled=false");
			long with = bytesOfARequest(server, "nettrace.enabled=true");
			// less than the smallest object: what the client allocates now and then is
			// shared out
			assertThat(with - without).isLessThan(16);
		}
	}

	/**
	 * The least of several runs: whatever disturbs one only adds.
	 */
	private long bytesOfARequest(LoopbackServer server, String property) throws Exception {
		try (TracedApplication application = TracedApplication.start(HttpComponentsCustomizationTests.FixedNames.class,
				property)) {
			ClientHttpRequestFactory factory = application.bean(ClientHttpRequestFactoryBuilder.class).build();
			String url = server.url("a.test");
			run(factory, url, WARM_UP);
			long least = Long.MAX_VALUE;
			for (int i = 0; i < 5; i++) {
				long before = this.threads.getCurrentThreadAllocatedBytes();
				run(factory, url, REQUESTS);
				least = Math.min(least, (this.threads.getCurrentThreadAllocatedBytes() - before) / REQUESTS);
			}
			return least;
		}
	}

	private static void run(ClientHttpRequestFactory factory, String url, int requests) throws Exception {
		for (int i = 0; i < requests; i++) {
			try (ClientHttpResponse response = factory.createRequest(URI.create(url), HttpMethod.GET).execute()) {
				assertThat(response.getStatusCode().value()).isEqualTo(204);
			}
		}
	}

}
