package io.nettrace.benchmarks;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import io.nettrace.benchmarks.Allocation.Call;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.api.parallel.ResourceAccessMode;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What lookups and connects may allocate, compared with peers in the same environment.
 * Bytes, unlike times, do not depend on the machine. Most of them take a JVM each and
 * {@code -Dnettrace.tests=all}.
 */
@EnabledIfSystemProperty(named = "nettrace.tests", matches = "all", disabledReason = AllocationTests.NOT_ALL)
class AllocationTests {

	static final String NOT_ALL = "takes minutes: -Dnettrace.tests=all";

	/**
	 * Less than the smallest object: loading a class late is spread over the calls.
	 */
	private static final double NOTHING = 16;

	/**
	 * As above, where the JVM sends thousands of requests and the compiler removes an
	 * object of some of them only.
	 */
	private static final double NOTHING_OF_MANY = 8;

	/**
	 * What single flight may add to the reference, which has none.
	 */
	private static final double SINGLE_FLIGHT = 120;

	private static final String PROCESSORS = "processors";

	@SuppressWarnings("NullAway.Init")
	private static OpenConnections openConnections;

	@BeforeAll
	static void startServer() {
		openConnections = new OpenConnections();
	}

	@AfterAll
	static void stopServer() {
		openConnections.close();
	}

	@Test
	@OnOneProcessor
	void lookupAllocatesNothingIfNothingListens() {
		assertThat(Call.LOOKUP.bytes(Watching.NONE)).isLessThan(NOTHING);
		assertThat(Call.CONNECT.bytes(Watching.NONE)).isLessThan(NOTHING);
	}

	@Test
	@OnOneProcessor
	void uncontendedSingleFlightAllocatesLittle() {
		assertThat(Call.LOOKUP.bytes(Watching.NONE, true)).isLessThanOrEqualTo(SINGLE_FLIGHT);
	}

	@Test
	@OnOneProcessor
	void hooksAllocateNoMoreThanListenersOfOkHttp() {
		double lookup = Call.OKHTTP_LOOKUP.bytes(Watching.HOOKS);
		assertThat(Call.LOOKUP.bytes(Watching.HOOKS)).isLessThanOrEqualTo(lookup);
		assertThat(Call.LOOKUP.bytes(Watching.HOOKS, true)).isLessThanOrEqualTo(lookup + SINGLE_FLIGHT);
		assertThat(Call.CONNECT.bytes(Watching.HOOKS)).isLessThanOrEqualTo(Call.OKHTTP_CONNECT.bytes(Watching.HOOKS));
	}

	@Test
	@OnOneProcessor
	void metersOfLookupAllocateNoMoreThanThoseOfPeers() {
		double httpComponents = Call.HTTPCLIENT5_OBSERVATION_LOOKUP.bytes(Watching.METERS);
		double reactorNetty = Call.REACTOR_NETTY_LOOKUP.bytes(Watching.METERS)
				- Call.NETTY_LOOKUP.bytes(Watching.METERS);
		double peers = Math.min(httpComponents, reactorNetty);
		assertThat(Call.LOOKUP.leastBytes(Watching.METERS, false, peers)).isLessThanOrEqualTo(peers);
		assertThat(Call.LOOKUP.leastBytes(Watching.METERS, true, peers + SINGLE_FLIGHT))
			.isLessThanOrEqualTo(peers + SINGLE_FLIGHT);
	}

	@Test
	@OnOneProcessor
	void metersAndSpanOfLookupAllocateNoMoreThanThoseOfPeers() {
		double reactorNetty = Call.REACTOR_NETTY_LOOKUP.bytes(Watching.SAMPLED)
				- Call.NETTY_LOOKUP.bytes(Watching.SAMPLED);
		assertThat(Call.LOOKUP.bytes(Watching.SAMPLED, true)).isLessThanOrEqualTo(reactorNetty)
			.isLessThanOrEqualTo(0.8 * Call.KEYED_OBSERVATION.bytes(Watching.SAMPLED));
	}

	@Test
	@OnOneProcessor
	void metersAndSpanOfConnectAllocateNoMoreThanThoseOfPeers() {
		double reactorNetty = Call.REACTOR_NETTY_CONNECT.bytes(Watching.SAMPLED)
				- Call.NETTY_CONNECT.bytes(Watching.SAMPLED);
		assertThat(Call.CONNECT.bytes(Watching.SAMPLED)).isLessThanOrEqualTo(reactorNetty)
			.isLessThanOrEqualTo(0.8 * Call.KEYED_OBSERVATION.bytes(Watching.SAMPLED));
	}

	@Test
	@OnOneProcessor
	void metersAndSpansOfOneConnectionAllocateAtMost4400Bytes() {
		assertThat(Call.LOOKUP_AND_CONNECT.bytes(Watching.SAMPLED, true)).isLessThanOrEqualTo(4_400);
	}

	/**
	 * What is aimed at is nothing on HttpComponents and 300 B on WebClient.
	 */
	@Test
	@OnBothProcessors
	void requestOnAPooledConnectionAllocatesLittleIfNothingListens() {
		assertAtMost("rest", Watching.NONE, NOTHING_OF_MANY);
		assertAtMost("web", Watching.NONE, 300);
		assertAtMost("reactorNetty", Watching.NONE, 300);
		assertAtMost("async", Watching.NONE, 100);
		assertAtMost("jetty", Watching.NONE, 100);
	}

	@ParameterizedTest
	@EnumSource(names = { "METERS", "SAMPLED" })
	@OnBothProcessors
	void metersAndSpansOfAPooledConnectionAllocateAtMost150BytesMore(Watching watching) {
		assertAtMost("rest", watching, NOTHING_OF_MANY + 150);
		assertAtMost("web", watching, 300 + 150);
	}

	/**
	 * What is aimed at is 150 B more than if nothing listens. The objects that stand in
	 * for the library's, for it to have anything to call, are more.
	 */
	@Test
	@OnBothProcessors
	void metersOfExchangesAllocateLittle() {
		assertAtMost("rest", Watching.ALL_METERS, 600);
		assertAtMost("web", Watching.ALL_METERS, 300 + 600);
		assertAtMost("async", Watching.ALL_METERS, 900);
		assertAtMost("jetty", Watching.ALL_METERS, 1_000);
	}

	/**
	 * The reference writes the same attributes and link, and knows what it writes. The
	 * other clients have no span here to write to.
	 */
	@Test
	@OnBothProcessors
	void recordOfARequestAllocatesAtMost1Point3TimesTheBytesOfAReference() {
		double reference = openConnections.moreBytes("restByHand", Watching.RECORD, 0);
		assertThat(reference).isGreaterThan(1_000);
		assertAtMost("rest", Watching.RECORD, 1.3 * reference);
		assertAtMost("web", Watching.RECORD, 300 + 1.3 * reference);
	}

	private static void assertAtMost(String client, Watching watching, double bar) {
		assertThat(Bytes.leastOfJvms(() -> openConnections.moreBytes(client, watching, bar), bar)).as(client)
			.isLessThan(bar);
	}

	/**
	 * Measures calls of one thread, beside another test that does.
	 */
	@Target(ElementType.METHOD)
	@Retention(RetentionPolicy.RUNTIME)
	@Execution(ExecutionMode.CONCURRENT)
	@ResourceLock(value = PROCESSORS, mode = ResourceAccessMode.READ)
	@interface OnOneProcessor {

	}

	/**
	 * Sends requests, with no other test beside it.
	 */
	@Target(ElementType.METHOD)
	@Retention(RetentionPolicy.RUNTIME)
	@ResourceLock(PROCESSORS)
	@interface OnBothProcessors {

	}

}
