package io.nettrace.autoconfigure;

import java.util.List;
import java.util.Locale;
import java.util.Map;

import io.nettrace.test.DnsAnswer;
import io.nettrace.test.DnsServer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.http.HttpMethod;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * The JDK's clients call none of the hooks that {@link PhaseContractTests} is about.
 */
class JdkPhasesTests {

	@ParameterizedTest
	@EnumSource(names = ".*(JDK|HTTP_URL_CONNECTION)", mode = EnumSource.Mode.MATCH_ANY)
	void tellOfLookupsOnly(TracedClient client) {
		assumeTrue(Runtime.version().feature() >= 18, "Java 18");
		assertThat(client.has(Limit.PHASES)).isTrue();
		String host = client.name().toLowerCase(Locale.ROOT).replace('_', '-') + ".test";
		try (DnsServer dns = DnsServer.start(); PhaseServer server = PhaseServer.start("127.0.0.9")) {
			LoopbackNames.use(dns);
			dns.set(host, DnsAnswer.addresses("127.0.0.9"));
			try (TracedApplication application = client.start(List.of(LoopbackNames.class, PhaseLog.class))) {
				String url = "http://" + host + ":" + server.port() + "/";
				assertThat(client.caller(application).exchange(HttpMethod.GET, url, Map.of(), null)).isEqualTo("ok");
				PhaseLog log = application.bean(PhaseLog.class);
				assertThat(log.request(0)).containsExactly("dnsStart", "dnsDone");
				assertThat(log.connections()).isEmpty();
			}
		}
	}

}
