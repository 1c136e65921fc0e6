package io.nettrace.test;

import java.net.InetAddress;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Tests for {@link DnsServer}, {@link DnsAnswer} and {@link DnsClient}.
 */
class DnsServerTests {

	private final DnsServer server = DnsServer.start();

	@AfterEach
	void close() {
		this.server.close();
	}

	@Test
	void keepsTheOrderOfTheServerWithinAFamily() throws UnknownHostException {
		this.server.set("many.test", DnsAnswer.addresses("::2", "127.0.0.3", "::1", "127.0.0.1", "127.0.0.2"));
		assertThat(resolve(this.server.client(), "many.test")).containsExactly("127.0.0.3", "127.0.0.1", "127.0.0.2",
				"0:0:0:0:0:0:0:2", "0:0:0:0:0:0:0:1");
		assertThat(resolve(this.server.client().withIpv6First(), "many.test")).containsExactly("0:0:0:0:0:0:0:2",
				"0:0:0:0:0:0:0:1", "127.0.0.3", "127.0.0.1", "127.0.0.2");
	}

	@Test
	void addressesHaveTheHostNameAsAskedFor() throws UnknownHostException {
		this.server.set("good.test", DnsAnswer.addresses("127.0.0.1", "::1"));
		assertThat(this.server.client().resolve("Good.test.")).extracting(InetAddress::getHostName)
			.containsExactly("Good.test.", "Good.test.");
	}

	@Test
	void ipAddressNeedsNoServer() throws UnknownHostException {
		this.server.close();
		assertThat(resolve(this.server.client(), "127.0.0.9")).containsExactly("127.0.0.9");
		assertThat(resolve(this.server.client(), "::1")).containsExactly("0:0:0:0:0:0:0:1");
	}

	@Test
	void portIsFreeOnceClosed() {
		int port = this.server.address().getPort();
		this.server.close();
		for (int i = 0; i < 200; i++) {
			try (DnsServer next = DnsServer.start(port).set("good.test", DnsAnswer.addresses("127.0.0.9"))) {
				assertThat(next.address().getPort()).isEqualTo(port);
			}
		}
	}

	@Test
	void tellsFailuresApart() {
		this.server.set("empty.test", DnsAnswer.addresses());
		this.server.set("broken.test", DnsAnswer.failure());
		this.server.set("silent.test", DnsAnswer.silence());
		this.server.set("gone.test", DnsAnswer.unknown());
		assertUnknown("nowhere.test", "Name or service not known");
		assertUnknown("gone.test", "Name or service not known");
		assertUnknown("not..a.name", "Name or service not known");
		assertUnknown("empty.test", "No address associated with hostname");
		assertUnknown("broken.test", "Temporary failure in name resolution");
		assertThatExceptionOfType(UnknownHostException.class)
			.isThrownBy(() -> this.server.client().withTimeout(Duration.ofMillis(50)).resolve("silent.test"))
			.withMessage("silent.test: no answer within 50 ms")
			.withCauseInstanceOf(SocketTimeoutException.class);
	}

	private void assertUnknown(String host, String reason) {
		assertThatExceptionOfType(UnknownHostException.class).isThrownBy(() -> this.server.client().resolve(host))
			.withMessage(host + ": " + reason)
			.withNoCause();
	}

	@Test
	void answerHeldBackDoesNotHoldUpAnother() throws UnknownHostException {
		CompletableFuture<?> release = new CompletableFuture<>();
		this.server.set("held.test", DnsAnswer.addresses("127.0.0.1").after(release));
		this.server.set("quick.test", DnsAnswer.addresses("127.0.0.2"));
		CompletableFuture<List<String>> held = CompletableFuture.supplyAsync(() -> {
			try {
				return resolve(this.server.client(), "held.test");
			}
			catch (UnknownHostException ex) {
				throw new IllegalStateException(ex);
			}
		}, (task) -> new Thread(task).start());
		this.server.awaitQueries("held.test", "A", 1);
		assertThat(resolve(this.server.client(), "quick.test")).containsExactly("127.0.0.2");
		assertThat(held).isNotDone();
		release.complete(null);
		assertThat(held.join()).containsExactly("127.0.0.1");
	}

	@Test
	void delayedAnswerArrives() throws UnknownHostException {
		this.server.set("slow.test", DnsAnswer.addresses("127.0.0.1").after(Duration.ofMillis(20)));
		assertThat(resolve(this.server.client(), "slow.test")).containsExactly("127.0.0.1");
	}

	@Test
	void delayBeyondTheTimeoutIsSilence() {
		this.server.set("slow.test", DnsAnswer.addresses("127.0.0.1").after(Duration.ofHours(1)));
		assertThatExceptionOfType(UnknownHostException.class)
			.isThrownBy(() -> this.server.client().withTimeout(Duration.ofMillis(50)).resolve("slow.test"))
			.withCauseInstanceOf(SocketTimeoutException.class);
	}

	@Test
	void countsQueriesByNameAndType() throws UnknownHostException {
		this.server.set("good.test", DnsAnswer.addresses("127.0.0.1"));
		this.server.client().resolve("good.test");
		this.server.client().resolve("GOOD.test.");
		assertThat(this.server.queries("good.test", "A")).isEqualTo(2);
		assertThat(this.server.queries("good.test", "AAAA")).isEqualTo(2);
		assertThat(this.server.queries("good.test", "SRV")).isZero();
		assertThat(this.server.queries("other.test", "A")).isZero();
	}

	@Test
	void answersCanBeChangedAndRemoved() throws UnknownHostException {
		this.server.set("moving.test", DnsAnswer.addresses("127.0.0.1"));
		assertThat(resolve(this.server.client(), "moving.test")).containsExactly("127.0.0.1");
		this.server.set("moving.test", DnsAnswer.addresses("127.0.0.2"));
		assertThat(resolve(this.server.client(), "moving.test")).containsExactly("127.0.0.2");
		this.server.remove("moving.test");
		assertUnknown("moving.test", "Name or service not known");
	}

	@Test
	void nameIsNoAddress() {
		assertThatIllegalArgumentException().isThrownBy(() -> DnsAnswer.addresses("good.test"))
			.withMessage("'literal' must be an IP address, not \"good.test\"");
	}

	private static List<String> resolve(DnsClient client, String host) throws UnknownHostException {
		return client.resolve(host).stream().map(InetAddress::getHostAddress).toList();
	}

}
