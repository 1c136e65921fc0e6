package io.nettrace.autoconfigure;

import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

import io.nettrace.DnsAnswerInfo;
import io.nettrace.DnsQueryInfo;
import io.nettrace.NetTrace;
import io.nettrace.RequestInfo;
import io.nettrace.instrument.ResolvConf;
import io.nettrace.observation.HostPatterns;
import org.jspecify.annotations.Nullable;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

/**
 * Tests for {@link RecentActivity}.
 */
class RecentActivityTests {

	private static final RequestInfo REQUEST = new RequestInfo("jetty", null, -1, 1);

	private static final Instant NOW = Instant.parse("2026-11-22T10:15:30Z");

	private final RecentActivity activity = activity(HostPatterns.all());

	private static RecentActivity activity(HostPatterns patterns) {
		return new RecentActivity(3, 2, patterns, Clock.fixed(NOW, ZoneOffset.UTC));
	}

	@Test
	void remembersTheLastLookupAndTheConnectsAfterIt() {
		NetTrace trace = this.activity.create(REQUEST).forDial();
		trace.dnsStart("api.test");
		trace.dnsDone(List.of(address(1), address(2)), true, null);
		connect(trace, 1, new ConnectException("Connection refused"));
		connect(trace, 2, null);
		HostActivity activity = activity("api.test");
		assertThat(activity.lookup()).usingRecursiveComparison()
			.ignoringFields("duration")
			.isEqualTo(new HostActivity.Lookup(NOW, Duration.ZERO, "jetty", List.of("10.0.0.1", "10.0.0.2"), true, null,
					null, null, null, null));
		assertThat(activity.connects()).usingRecursiveFieldByFieldElementComparatorIgnoringFields("duration")
			.containsExactly(new HostActivity.Connect(NOW, Duration.ZERO, "jetty", "10.0.0.2:443", "connected", null),
					new HostActivity.Connect(NOW, Duration.ZERO, "jetty", "10.0.0.1:443", "failed",
							"connection_refused"));
		assertThat(activity.connects()).allSatisfy((connect) -> assertThat(connect.duration().isNegative()).isFalse());
	}

	@Test
	void remembersTheQueriesOfALookup() {
		NetTrace trace = this.activity.create(REQUEST).forDial();
		trace.dnsStart("api.test");
		trace.dnsAnswer(DnsAnswerInfo
			.ofQueries(List.of(new DnsQueryInfo("api.test.", "A", new InetSocketAddress(address(53), 53), true, null,
					DnsQueryInfo.Outcome.NOT_FOUND, "NXDOMAIN", NOW, Duration.ofMillis(3)))));
		trace.dnsDone(List.of(), false, new UnknownHostException("api.test"));
		HostActivity activity = activity("api.test");
		assertThat(activity.lookup()).isNotNull().satisfies((lookup) -> {
			assertThat(lookup.source()).isEqualTo("name_server");
			assertThat(lookup.queries()).containsExactly(new HostActivity.Query("api.test.", "A", "10.0.0.53", "tcp",
					"not_found", "NXDOMAIN", Duration.ofMillis(3)));
			assertThat(lookup.hint()).isEqualTo(ResolvConf.current().hint("api.test"));
		});
		assertThat(activity.sanitize((key, value) -> key).lookup()).isNotNull()
			.extracting(HostActivity.Lookup::queries)
			.asInstanceOf(InstanceOfAssertFactories.list(HostActivity.Query.class))
			.extracting(HostActivity.Query::server)
			.containsExactly("nettrace.dns.server");
	}

	@Test
	void failedLookupReplacesTheOneBefore() {
		lookUp("api.test", null);
		lookUp("api.test", new UnknownHostException("api.test"));
		HostActivity.Lookup lookup = activity("api.test").lookup();
		assertThat(lookup).isNotNull().satisfies((it) -> {
			assertThat(it.answers()).isEmpty();
			assertThat(it.error()).isEqualTo("host_not_found");
		});
	}

	@Test
	void loserOfARaceIsCancelledAndNoError() {
		NetTrace trace = this.activity.create(REQUEST).forDial();
		trace.dnsStart("api.test");
		connect(trace, 1, new CancellationException());
		assertThat(activity("api.test").connects())
			.extracting(HostActivity.Connect::outcome, HostActivity.Connect::error)
			.containsExactly(tuple("cancelled", null));
	}

	@Test
	void attemptsThatRaceAreToldApart() {
		NetTrace trace = this.activity.create(REQUEST).forDial();
		trace.dnsStart("api.test");
		trace.connectStart("tcp", peer(1));
		trace.connectStart("tcp", peer(2));
		trace.connectDone("tcp", peer(1), new CancellationException());
		trace.connectDone("tcp", peer(2), null);
		assertThat(activity("api.test").connects()).extracting((connect) -> connect.address() + " " + connect.outcome())
			.containsExactly("10.0.0.2:443 connected", "10.0.0.1:443 cancelled");
	}

	@Test
	void keepsTheNewestConnects() {
		for (int i = 1; i <= 3; i++) {
			connect(this.activity.create(REQUEST).forDial(), i, null);
			lookUpAndConnect("api.test", i);
		}
		assertThat(activity("api.test").connects()).extracting(HostActivity.Connect::address)
			.containsExactly("10.0.0.3:443", "10.0.0.2:443");
	}

	@Test
	void forgetsTheHostThatWasIdleForLongest() {
		lookUp("a.test", null);
		lookUp("b.test", null);
		lookUp("c.test", null);
		lookUp("a.test", null);
		lookUp("d.test", null);
		assertThat(this.activity.activities()).containsOnlyKeys("a.test", "c.test", "d.test");
	}

	@Test
	void readingDoesNotKeepAHost() {
		lookUp("a.test", null);
		lookUp("b.test", null);
		lookUp("c.test", null);
		activity("a.test");
		lookUp("d.test", null);
		assertThat(this.activity.activities()).doesNotContainKey("a.test");
	}

	@Test
	void hostIsOneWhateverItsCaseAndTrailingDot() {
		lookUp("API.test.", null);
		lookUp("api.TEST", null);
		assertThat(this.activity.activities()).containsOnlyKeys("api.test");
	}

	@Test
	void hostThatIsAnAddressHasConnectsOnly() {
		connect(this.activity.create(REQUEST).forDial(), 7, null);
		assertThat(activity("10.0.0.7").lookup()).isNull();
		assertThat(activity("10.0.0.7").connects()).hasSize(1);
	}

	@Test
	void ipv6AddressHasBrackets() throws UnknownHostException {
		NetTrace trace = this.activity.create(REQUEST).forDial();
		InetSocketAddress peer = new InetSocketAddress(InetAddress.getByName("::1"), 80);
		trace.dnsStart("six.test");
		trace.connectStart("tcp", peer);
		trace.connectDone("tcp", peer, null);
		assertThat(activity("six.test").connects()).extracting(HostActivity.Connect::address)
			.containsExactly("[::1]:80");
	}

	@Test
	void excludedHostIsNotRemembered() {
		RecentActivity filtered = activity(new HostPatterns(List.of(), List.of("secret.*")));
		NetTrace trace = filtered.create(REQUEST).forDial();
		trace.dnsStart("secret.test");
		trace.dnsDone(List.of(address(1)), false, null);
		connect(trace, 1, null);
		assertThat(filtered.activities()).isEmpty();
	}

	@Test
	void eachDialOfARequestIsItsOwn() {
		NetTrace request = this.activity.create(REQUEST);
		NetTrace first = request.forDial();
		NetTrace second = request.forDial();
		first.dnsStart("a.test");
		second.dnsStart("b.test");
		first.dnsDone(List.of(address(1)), false, null);
		assertThat(this.activity.activities()).containsOnlyKeys("a.test");
	}

	@Test
	void needsNothingThatIsBound() {
		NetTrace trace = this.activity.create(REQUEST, (key) -> {
			throw new AssertionError("asked for " + key);
		}).forDial();
		trace.dnsStart("a.test");
		trace.dnsDone(List.of(address(1)), false, null);
		assertThat(this.activity.activities()).containsOnlyKeys("a.test");
	}

	/**
	 * Each host is written by one thread only, so its last state is known; every reader
	 * must see a state in which the bounds hold and the entries fit their host.
	 */
	@Test
	void isConsistentUnderLoad() {
		int writers = 8;
		int rounds = 2_000;
		RecentActivity shared = new RecentActivity(writers, 5, HostPatterns.all(), Clock.systemUTC());
		CountDownLatch start = new CountDownLatch(1);
		ExecutorService threads = Executors.newCachedThreadPool();
		try {
			List<CompletableFuture<?>> writing = new ArrayList<>();
			for (int writer = 1; writer <= writers; writer++) {
				int number = writer;
				writing.add(CompletableFuture.runAsync(() -> {
					await(start);
					for (int round = 0; round < rounds; round++) {
						write(shared, number, round);
					}
				}, threads));
			}
			CompletableFuture<?> written = CompletableFuture.allOf(writing.toArray(CompletableFuture<?>[]::new));
			CompletableFuture<Integer> reader = CompletableFuture.supplyAsync(() -> {
				int snapshots = 0;
				start.countDown();
				do {
					check(shared.activities());
					snapshots++;
				}
				while (!written.isDone());
				return snapshots;
			}, threads);
			written.join();
			assertThat(reader.join()).isPositive();
			Map<String, HostActivity> last = shared.activities();
			check(last);
			assertThat(last).hasSize(writers).allSatisfy((host, activity) -> {
				assertThat(activity.connects()).hasSize(5)
					.extracting(HostActivity.Connect::address)
					.startsWith("10.0.0." + host.substring(4) + ":" + rounds)
					.endsWith("10.0.0." + host.substring(4) + ":" + (rounds - 4));
			});
		}
		finally {
			threads.shutdownNow();
		}
	}

	private static void write(RecentActivity shared, int number, int round) {
		NetTrace trace = shared.create(REQUEST).forDial();
		trace.dnsStart("host" + number);
		trace.dnsDone(List.of(address(number)), false, null);
		InetSocketAddress peer = new InetSocketAddress(address(number), round + 1);
		trace.connectStart("tcp", peer);
		trace.connectDone("tcp", peer, null);
	}

	private static void check(Map<String, HostActivity> snapshot) {
		snapshot.forEach((host, activity) -> {
			String address = "10.0.0." + host.substring(4);
			assertThat(activity.connects().size()).isLessThanOrEqualTo(5);
			assertThat(activity.connects()).allMatch((connect) -> connect.address().startsWith(address + ":"));
			assertThat(activity.lookup()).isNotNull()
				.extracting(HostActivity.Lookup::answers)
				.isEqualTo(List.of(address));
		});
		assertThat(snapshot.size()).isLessThanOrEqualTo(8);
	}

	private static void await(CountDownLatch latch) {
		try {
			latch.await();
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private HostActivity activity(String host) {
		HostActivity activity = this.activity.activities().get(host);
		assertThat(activity).isNotNull();
		return Objects.requireNonNull(activity);
	}

	private void lookUp(String host, @Nullable Throwable error) {
		NetTrace trace = this.activity.create(REQUEST).forDial();
		trace.dnsStart(host);
		trace.dnsDone((error != null) ? List.of() : List.of(address(1)), false, error);
	}

	private void lookUpAndConnect(String host, int number) {
		NetTrace trace = this.activity.create(REQUEST).forDial();
		trace.dnsStart(host);
		trace.dnsDone(List.of(address(number)), false, null);
		connect(trace, number, null);
	}

	private static void connect(NetTrace trace, int number, @Nullable Throwable error) {
		InetSocketAddress peer = peer(number);
		trace.connectStart("tcp", peer);
		trace.connectDone("tcp", peer, error);
	}

	private static InetSocketAddress peer(int number) {
		return new InetSocketAddress(address(number), 443);
	}

	private static InetAddress address(int number) {
		try {
			return InetAddress.getByAddress(new byte[] { 10, 0, 0, (byte) number });
		}
		catch (UnknownHostException ex) {
			throw new IllegalStateException(ex);
		}
	}

}
