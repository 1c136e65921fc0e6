package io.nettrace.client.reactor;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import io.nettrace.concurrent.LookupThreads;
import io.nettrace.dns.LookupSettings;
import io.nettrace.instrument.NetTracing;
import io.nettrace.instrument.ResolvConf;
import io.nettrace.test.DnsAnswer;
import io.nettrace.test.DnsServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import reactor.netty.http.client.HttpClient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * The default resolver of Reactor Netty, and the system's, over a DNS server on port 53
 * that {@code /etc/resolv.conf} names, with three search domains and ndots:5. Runs only
 * in a network namespace of its own, with an IPv6 address ({@code .ci/dns-namespace}).
 */
@Tag("namespace")
class SystemNameServersTests {

	private static final List<String> DOMAINS = List.of("default.svc.cluster.local.", "svc.cluster.local.",
			"cluster.local.");

	private final DnsServer dns = DnsServer.start(53);

	private final RecordedLookups told = new RecordedLookups((server) -> false);

	@AfterEach
	void stop() {
		this.dns.close();
	}

	private List<String> lookUp(String host) {
		new NetTraceReactorNetty(new NetTracing(this.told), LookupSettings.defaults(), LookupThreads.create())
			.instrument(HttpClient.create())
			.get()
			.uri("http://" + host + ":1/")
			.response()
			.onErrorComplete()
			.block(Duration.ofSeconds(60));
		return this.told.of(host);
	}

	/**
	 * The queries for the search domains, then these and the end.
	 */
	private static List<String> afterSearchOf(String host, String... then) {
		List<String> expected = new ArrayList<>(List.of("start"));
		for (String domain : DOMAINS) {
			expected.add("A " + host + "." + domain + " NOT_FOUND NXDOMAIN");
			expected.add("AAAA " + host + "." + domain + " NOT_FOUND NXDOMAIN");
		}
		expected.addAll(List.of(then));
		return expected;
	}

	@Test
	void searchDomainsAreAskedFirst() {
		this.dns.set("api.example.com", DnsAnswer.addresses("127.0.0.1"));
		assertThat(lookUp("api.example.com"))
			.containsExactlyElementsOf(afterSearchOf("api.example.com", "A api.example.com. ANSWERED NOERROR",
					"AAAA api.example.com. CANCELLED null", "NAME_SERVER 8 failed 0", "done 1"));
		assertThat(this.dns.received()).hasSize(8);
	}

	@Test
	void finalDotSavesTheSearch() {
		this.dns.set("api.example.com", DnsAnswer.addresses("127.0.0.1"));
		assertThat(lookUp("api.example.com.")).containsExactly("start", "A api.example.com. ANSWERED NOERROR",
				"AAAA api.example.com. CANCELLED null", "NAME_SERVER 2 failed 0", "done 1");
	}

	@Test
	void serverThatFails() {
		this.dns.set("broken.example.com", DnsAnswer.failure());
		assertThat(lookUp("broken.example.com.")).containsExactly("start", "A broken.example.com. ERROR SERVFAIL",
				"AAAA broken.example.com. ERROR SERVFAIL", "NAME_SERVER 2 failed 2", "done 0");
	}

	@Test
	void serverThatDrops() {
		this.dns.set("dropped.example.com", DnsAnswer.silence());
		assertThat(lookUp("dropped.example.com.")).containsExactly("start", "A dropped.example.com. TIMED_OUT null",
				"AAAA dropped.example.com. TIMED_OUT null", "NAME_SERVER 2 failed 2", "done 0");
	}

	@Test
	void truncatedAnswer() {
		this.dns.set("long.example.com", DnsAnswer.addresses("127.0.0.1", "127.0.0.2").truncated());
		assertThat(lookUp("long.example.com.")).contains("A long.example.com. ANSWERED NOERROR over TCP");
		assertThat(this.dns.received()).contains("A long.example.com over TCP");
	}

	@Test
	void nameThatIsDeniedForAaaa() {
		this.dns.set("odd.example.com", "AAAA", DnsAnswer.unknown())
			.set("odd.example.com", DnsAnswer.addresses("127.0.0.1").after(Duration.ofMillis(200)));
		assertThat(lookUp("odd.example.com.")).containsExactly("start", "A odd.example.com. ANSWERED NOERROR",
				"AAAA odd.example.com. NOT_FOUND NXDOMAIN", "NAME_SERVER 2 failed 0", "done 1");
	}

	/**
	 * What is said of the system's resolver, which cannot be seen, is what it does.
	 */
	@Test
	void resolvConfMakesOfANameWhatTheSystemAsks() throws UnknownHostException {
		this.dns.set("api.jvm.example.com", DnsAnswer.addresses("127.0.0.1"));
		assertThat(InetAddress.getAllByName("api.jvm.example.com")).hasSize(1);
		assertThat(this.dns.received()).hasSize(ResolvConf.current().maxQueries("api.jvm.example.com")).hasSize(8);
		assertThat(ResolvConf.current().hint("api.jvm.example.com")).contains("ndots:5, 3 search domains", "up to 8");
	}

	@Test
	void resolvConfMakesOfAnAbsoluteNameWhatTheSystemAsks() {
		assertThatExceptionOfType(UnknownHostException.class)
			.isThrownBy(() -> InetAddress.getAllByName("lost.jvm.example.com."));
		assertThat(this.dns.received()).hasSize(ResolvConf.current().maxQueries("lost.jvm.example.com.")).hasSize(2);
	}

}
