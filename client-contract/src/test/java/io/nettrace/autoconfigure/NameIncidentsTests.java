package io.nettrace.autoconfigure;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;

import io.nettrace.autoconfigure.Incident.Staged;
import io.nettrace.autoconfigure.TracedClient.Caller;
import io.nettrace.test.DnsAnswer;
import org.apache.hc.client5.http.DnsResolver;
import org.junit.jupiter.api.Test;
import org.springframework.boot.http.client.HttpComponentsClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.autoconfigure.ClientHttpRequestFactoryBuilderCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/**
 * Names that are not found.
 */
class NameIncidentsTests extends IncidentTest {

	private static final String LOOKUPS = "dns.lookup.duration";

	@Test
	@Staged(35)
	void nameThatDoesNotExistIsNotANameServerThatFails() {
		dns().set("missing.test", DnsAnswer.unknown()).set("failing.test", DnsAnswer.failure());
		Caller caller = start(TracedClient.REST_CLIENT_ON_HTTP_COMPONENTS, List.of());
		assertFails(() -> get(caller, "http://missing.test/"));
		assertFails(() -> get(caller, "http://failing.test/"));
		assertThat(count(LOOKUPS, "dns.question.name", "missing.test", "error.type", "host_not_found")).isEqualTo(1);
		assertThat(count(LOOKUPS, "dns.question.name", "failing.test", "error.type", "try_again")).isEqualTo(1);
	}

	@Test
	@Staged({ 36, 37 })
	void wordsOfMusl() {
		Caller caller = start(TracedClient.REST_CLIENT_ON_HTTP_COMPONENTS, List.of(Musl.class));
		assertThatThrownBy(() -> get(caller, "http://unusable.test/"))
			.hasRootCauseMessage("unusable.test: Name has no usable address");
		assertThatThrownBy(() -> get(caller, "http://wrong.test/"))
			.hasRootCauseMessage("wrong.test: Name does not resolve");
		assertThat(count(LOOKUPS, "error.type", "host_not_found")).isEqualTo(2);
		assertThat(requests()).hasSize(2)
			.allSatisfy((request) -> assertThat(request).containsEntry("nettrace.failures",
					List.of("dns: host_not_found")));
	}

	@Test
	@Staged(44)
	void nameOfAPodThatIsNoName() {
		Caller caller = start(TracedClient.WEB_CLIENT_ON_REACTOR_NETTY, List.of());
		assertFails(() -> get(caller, "http://chat-7d4b9c6f5-x2x7p/"));
		assertThat(count(LOOKUPS, "dns.question.name", "chat-7d4b9c6f5-x2x7p", "error.type", "host_not_found"))
			.isEqualTo(1);
	}

	/**
	 * The JVM's resolver on Alpine.
	 */
	@Configuration(proxyBeanMethods = false)
	static class Musl {

		@Bean
		ClientHttpRequestFactoryBuilderCustomizer<HttpComponentsClientHttpRequestFactoryBuilder> musl() {
			return (builder) -> builder.withDnsResolver(new DnsResolver() {

				@Override
				public InetAddress[] resolve(String host) throws UnknownHostException {
					throw new UnknownHostException(host + ": "
							+ (host.startsWith("unusable") ? "Name has no usable address" : "Name does not resolve"));
				}

				@Override
				public String resolveCanonicalHostname(String host) {
					return host;
				}

			});
		}

	}

}
