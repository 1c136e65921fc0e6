package io.nettrace.contract.stress;

import java.util.Locale;
import java.util.concurrent.ThreadLocalRandom;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * Whole requests under random faults of the server, cancels and time-outs. Whatever
 * becomes of a request, each start has one done, each hook is called for the request that
 * it belongs to, each connection that was opened is closed or open, and nothing of a
 * request is held. A failure prints the seed. Give it again with
 * {@code -Dnettrace.stress.seed=}, the number of requests with
 * {@code -Dnettrace.stress.requests=}, and one library with
 * {@code -Dnettrace.stress.library=}.
 */
class StressTests {

	private static final int REQUESTS = Integer.getInteger("nettrace.stress.requests", 100);

	private static final int ENOUGH_FOR_EVERY_HOOK = 1_000;

	private static final long SEED = Long.getLong("nettrace.stress.seed",
			ThreadLocalRandom.current().nextInt(1_000_000));

	private static final String LIBRARY = System.getProperty("nettrace.stress.library", "");

	@ParameterizedTest
	@EnumSource
	void everythingAddsUp(Library library) throws InterruptedException {
		assumeTrue(LIBRARY.isEmpty() || LIBRARY.equalsIgnoreCase(library.name()), "another library is asked for");
		try (StressRun run = new StressRun(library, SEED)) {
			long start = System.nanoTime();
			try {
				run.run(REQUESTS);
			}
			finally {
				System.out.println(summary(run, (System.nanoTime() - start) / 1_000_000_000));
			}
			check(run, library);
		}
	}

	private static void check(StressRun run, Library library) {
		assertThat(run.violations().count())
			.as("seed %d: %s %s", SEED, run.violations().byRule(), run.violations().examples())
			.isLessThanOrEqualTo(library.faults());
		assertThat(run.spans().orphans())
			.as("spans without their request, seed %d: %s", SEED, run.spans().firstOrphan())
			.isLessThanOrEqualTo(library.faults());
		if (REQUESTS >= ENOUGH_FOR_EVERY_HOOK) {
			assertThat(run.tally().hooks()).as("hooks that were called").containsAll(library.hooks());
		}
		assertThat(run.succeeded()).as("requests that succeeded").isGreaterThan(REQUESTS / 4);
		assertThat(run.failures().asPlanned()).as("requests that failed").isGreaterThan(REQUESTS / 20);
	}

	private static String summary(StressRun run, long seconds) {
		Tally tally = run.tally();
		ConnectionChecker connections = run.connections();
		return String.format(Locale.ROOT,
				"stress: %s %d requests, seed %d, %d s, %d succeeded, %d failed as planned, %d by others' faults %s,"
						+ " arrived %d, opened %d, closed %d %s, exchanges %d, waits %d, lookups %d, connects %d,"
						+ " handshakes %d, proxy steps %d, responses %d, put back %d, spans %d, without request %d, broken %s",
				run.library().client(), REQUESTS, SEED, seconds, run.succeeded(), run.failures().asPlanned(),
				run.failures().byOthers(), run.failures().byType(), tally.of(Moment.ARRIVED), connections.countOpened(),
				connections.countClosed(), connections.reasons(), tally.of(Moment.GOT_CONN),
				tally.of(Moment.WAIT_START), tally.of(Moment.DNS_START), tally.of(Moment.CONNECT_START),
				tally.of(Moment.TLS_START), tally.of(Moment.PROXY_START), tally.of(Moment.RESPONSE_DONE),
				tally.of(Moment.PUT_IDLE_CONN), run.spans().started(), run.spans().orphans(),
				run.violations().byRule());
	}

}
