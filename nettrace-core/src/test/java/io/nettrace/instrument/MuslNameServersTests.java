package io.nettrace.instrument;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

import io.nettrace.test.DnsAnswer;
import io.nettrace.test.DnsServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * What is said of musl is what it does: a program that calls its {@code getaddrinfo} as
 * the JVM does, over a DNS server on port 53. Runs only in a namespace of its own
 * ({@code .ci/dns-namespace}).
 */
@Tag("namespace")
@EnabledIfSystemProperty(named = "nettrace.musl.lookup", matches = ".+", disabledReason = "needs musl-gcc")
class MuslNameServersTests {

	private static final String KUBERNETES = """
			nameserver 127.0.0.1
			search default.svc.cluster.local svc.cluster.local cluster.local
			options ndots:5
			""";

	/**
	 * A busy machine must not have it ask again.
	 */
	private static final String PATIENT = "options timeout:30 attempts:1\n";

	private final DnsServer dns = DnsServer.start(53);

	@TempDir
	@SuppressWarnings("NullAway.Init")
	private Path directory;

	@AfterEach
	void stop() {
		this.dns.close();
	}

	/**
	 * Look up a name with a file of its own, and compare.
	 */
	private void assertQueries(String conf, String host, int queries) throws IOException, InterruptedException {
		int before = this.dns.received().size();
		Path file = Files.writeString(this.directory.resolve("resolv.conf"), conf + PATIENT);
		Process lookup = new ProcessBuilder("unshare", "-m", "sh", "-c",
				"mount --bind \"$0\" /etc/resolv.conf && exec \"$1\" \"$2\"", file.toString(),
				System.getProperty("nettrace.musl.lookup"), host)
			.redirectErrorStream(true)
			.start();
		assertThat(new String(lookup.getInputStream().readAllBytes(), StandardCharsets.US_ASCII)).isEqualTo("done\n");
		assertThat(lookup.waitFor(60, TimeUnit.SECONDS)).isTrue();
		ResolvConf musl = ResolvConf.parse((conf + PATIENT).lines().toList(), true, null, null);
		assertThat(musl.maxQueries(host)).isEqualTo(queries);
		// musl ends with the first answers, and the last query may not have been read by
		// then
		await().atMost(Duration.ofSeconds(10)).untilAsserted(() -> {
			List<String> received = this.dns.received();
			assertThat(received.subList(before, received.size())).hasSize(queries);
		});
	}

	@Test
	void searchDomainsAreAskedFirst() throws Exception {
		this.dns.set("api.example.com", DnsAnswer.addresses("127.0.0.1"));
		assertQueries(KUBERNETES, "api.example.com", 8);
		assertQueries(KUBERNETES, "api.example.com.", 2);
	}

	@Test
	void nameWithEnoughDotsIsNotSearchedFor() throws Exception {
		assertQueries(KUBERNETES, "a.b.c.d.e.f", 2);
	}

	@Test
	void allNameServersAreAskedAtOnce() throws Exception {
		assertQueries("nameserver 127.0.0.1\n" + KUBERNETES, "lost.example.com", 16);
	}

	@Test
	void domainsOfEitherKeyword() throws Exception {
		assertQueries("nameserver 127.0.0.1\ndomain a.test b.test\noptions ndots:\n", "lost", 6);
	}

}
