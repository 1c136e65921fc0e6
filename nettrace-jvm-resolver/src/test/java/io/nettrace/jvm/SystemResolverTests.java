package io.nettrace.jvm;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;

import com.sun.net.httpserver.HttpServer;
import io.nettrace.jvm.JvmResolverTests.Client;
import io.nettrace.test.DnsAnswer;
import io.nettrace.test.DnsServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * The JDK's clients over the JVM's built-in resolver, that is the system's, and a DNS
 * server on port 53. Runs only in a network namespace of its own
 * ({@code .ci/jdk-resolver-namespace}). Names outside of {@code .test} pass the scripted
 * resolver of the other tests.
 */
@Tag("namespace")
class SystemResolverTests {

	private final DnsServer dns = DnsServer.start(53);

	private final HttpServer server;

	SystemResolverTests() throws IOException {
		this.server = HttpServer.create(new InetSocketAddress("127.0.0.9", 0), 0);
		this.server.createContext("/", (exchange) -> {
			exchange.sendResponseHeaders(204, -1);
			exchange.close();
		});
	}

	@BeforeEach
	void start() {
		this.server.start();
	}

	@AfterEach
	void stop() {
		this.server.stop(0);
		this.dns.close();
	}

	@ParameterizedTest
	@EnumSource
	void showsTheAnswerOfADnsServer(Client client) {
		String host = ScriptedResolverProvider.newName("good.example");
		this.dns.set(host, DnsAnswer.addresses("127.0.0.9"));
		try (JvmApplication application = JvmApplication.start(List.of(), client.property())) {
			client.get(application, url(host));
			assertThat(application.spans(2)).containsExactly("http get below nothing",
					"DNS lookup below http get jdk " + host + " 127.0.0.9");
		}
		assertThat(this.dns.queries(host, "A")).isPositive();
	}

	@ParameterizedTest
	@EnumSource
	void showsThatADnsServerKnowsNoSuchName(Client client) {
		String host = ScriptedResolverProvider.newName("unknown.example");
		try (JvmApplication application = JvmApplication.start(List.of(), client.property())) {
			assertThatExceptionOfType(RuntimeException.class).isThrownBy(() -> client.get(application, url(host)));
			assertThat(application.spans(2)).containsExactly("http get ! below nothing",
					"DNS lookup ! below http get jdk " + host + " host_not_found");
		}
		assertThat(this.dns.queries(host, "A")).isPositive();
	}

	@ParameterizedTest
	@EnumSource
	void showsThatADnsServerFailed(Client client) {
		String host = ScriptedResolverProvider.newName("broken.example");
		this.dns.set(host, DnsAnswer.failure());
		try (JvmApplication application = JvmApplication.start(List.of(), client.property())) {
			assertThatExceptionOfType(RuntimeException.class).isThrownBy(() -> client.get(application, url(host)));
			assertThat(application.spans(2)).containsExactly("http get ! below nothing",
					"DNS lookup ! below http get jdk " + host + " try_again");
		}
	}

	private String url(String host) {
		return "http://" + host + ":" + this.server.getAddress().getPort() + "/";
	}

}
