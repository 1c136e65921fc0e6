package io.nettrace.benchmarks;

import java.util.Objects;

import org.junit.jupiter.api.Test;
import org.springframework.test.util.ReflectionTestUtils;
import org.springframework.web.reactive.function.client.WebClient;
import reactor.netty.http.client.HttpClientConfig;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The contestants differ only in what is compared.
 */
class BootClientsTests {

	/**
	 * A resolver has an event loop: with another resolver, a request would change threads
	 * more or less often.
	 */
	@Test
	void everyWebClientAsksTheSameResolver() {
		try (Application application = new Application(Watching.METERS)) {
			BootClients clients = new BootClients(application);
			Object resolver = resolver(clients.web());
			assertThat(field(resolver(clients.webWithNetTrace()), "delegate")).isSameAs(resolver);
			assertThat(resolver(clients.webWithReactorNettyMetrics())).isSameAs(resolver);
			assertThat(resolver(clients.webWithSmallestTelemetry())).isSameAs(resolver);
		}
	}

	/**
	 * Absent if the client uses the default when it connects.
	 */
	private static Object resolver(WebClient client) {
		Object httpClient = field(field(field(client, "builder"), "connector"), "httpClient");
		return Objects.requireNonNull(((HttpClientConfig) field(httpClient, "config")).resolver(), "no resolver");
	}

	private static Object field(Object owner, String name) {
		return Objects.requireNonNull(ReflectionTestUtils.getField(owner, name), name);
	}

}
