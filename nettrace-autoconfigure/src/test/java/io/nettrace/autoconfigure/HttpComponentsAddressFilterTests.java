package io.nettrace.autoconfigure;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;

import io.nettrace.NetTraceContext;
import io.nettrace.test.RefusingAddress;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.boot.http.client.InetAddressFilter;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.client.RestClient;
import org.springframework.web.reactive.function.client.WebClient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Boot's address filter stays in front of an alternate resolver, whose answers may come
 * from anywhere.
 */
@Tag("one-jdk")
class HttpComponentsAddressFilterTests {

	private static final String DENIED = "127.0.0.8";

	private static final String ALLOWED = "127.0.0.9";

	private final LoopbackServer server = LoopbackServer.start(ALLOWED);

	private final LoopbackServer forbidden = LoopbackServer.start(DENIED, this.server.port());

	private final List<String> asked = new ArrayList<>();

	@AfterEach
	void stop() {
		this.server.close();
		this.forbidden.close();
	}

	@ParameterizedTest
	@EnumSource
	void deniesWhatAnAlternateResolverFinds(Client client) {
		try (TracedApplication application = client.start()) {
			assertThatExceptionOfType(RuntimeException.class).isThrownBy(() -> get(client, application, DENIED))
				.satisfies((failure) -> assertThat(failure).hasStackTraceContaining("FilteredHostException"));
			assertThat(this.asked).containsExactly("a.test");
			application.awaitSpans(2);
			assertThat(application.tree()).contains("error.type=address_filtered").doesNotContain("socket connect");
		}
	}

	/**
	 * With one that is allowed to lose, so that there is a race.
	 */
	@ParameterizedTest
	@EnumSource
	void doesNotLetRaceWhatItDenies(Client client) {
		try (RefusingAddress refusing = RefusingAddress.open("127.0.0.7", this.server.port());
				TracedApplication application = client.start()) {
			get(client, application, refusing.address().getHostString(), DENIED, ALLOWED);
			application.awaitSpans(4);
			assertThat(application.tree()).contains("network.peer.address=" + ALLOWED).doesNotContain(DENIED);
		}
	}

	@ParameterizedTest
	@EnumSource
	void leavesOutWhatItDenies(Client client) {
		try (TracedApplication application = client.start()) {
			get(client, application, DENIED, ALLOWED, DENIED);
			assertThat(this.asked).containsExactly("a.test");
			application.awaitSpans(3);
			assertThat(application.tree()).contains("dns.answers=" + ALLOWED + ",", "network.peer.address=" + ALLOWED)
				.doesNotContain(DENIED);
		}
	}

	private void get(Client client, TracedApplication application, String... addresses) {
		NetTraceContext alternate = NetTraceContext.current().withResolver((network, host) -> {
			this.asked.add(host);
			List<InetAddress> answer = new ArrayList<>();
			for (String address : addresses) {
				answer.add(InetAddress.getByName(address));
			}
			return answer;
		});
		NetTraceContext.Scope scope = alternate.open();
		try {
			client.get(application, this.server.url("a.test"));
		}
		finally {
			scope.close();
		}
	}

	enum Client {

		CLASSIC, CLASSIC_WITH_A_RACE, ASYNC, ASYNC_WITH_A_RACE;

		TracedApplication start() {
			return TracedApplication.start(Filter.class,
					"nettrace.connect.happy-eyeballs.enabled="
							+ (this == CLASSIC_WITH_A_RACE || this == ASYNC_WITH_A_RACE),
					"nettrace.connect.happy-eyeballs.strategy=rfc8305",
					"nettrace.connect.happy-eyeballs.fallback-delay=0ms",
					"spring.http.clients.reactive.connector=http-components");
		}

		void get(TracedApplication application, String url) {
			if (this == ASYNC || this == ASYNC_WITH_A_RACE) {
				application.bean(WebClient.Builder.class).build().get().uri(url).retrieve().toBodilessEntity().block();
			}
			else {
				application.bean(RestClient.Builder.class).build().get().uri(url).retrieve().toBodilessEntity();
			}
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Filter {

		@Bean
		InetAddressFilter addressFilter() {
			return InetAddressFilter.not(DENIED);
		}

	}

}
