package io.nettrace.benchmarks;

import java.time.Duration;
import java.util.List;
import java.util.Map;

import io.nettrace.benchmarks.Cardinality.Kept;
import io.nettrace.benchmarks.Dialing.Alive;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The programs beside JMH work, with few repetitions. Their counts must be right;
 * durations do not matter here.
 */
@EnabledIfSystemProperty(named = "nettrace.tests", matches = "all", disabledReason = AllocationTests.NOT_ALL)
class ProgramsTests {

	@Test
	void requestsAreMeasured() {
		Section section = new Section("smoke", EndToEnd.class, "");
		EndToEnd.measure(section, false, 0, 1, 8);
		assertThat(section.lines()).filteredOn((line) -> line.startsWith("| nettrace |")).hasSize(11);
	}

	@Test
	void everyPhaseIsMeasured() throws Exception {
		Section section = new Section("smoke", EveryPhase.class, "");
		EveryPhase.measure(section, 0, 1, 50);
		assertThat(section.lines()).filteredOn((line) -> line.startsWith("| nettrace |")).hasSize(12);
	}

	@Test
	void uninstrumentedClientsOfAnotherJvmAreMeasured() {
		try (ChildJvm server = ChildJvm.start(List.of(), List.of(), EndToEndServer.class);
				ChildJvm clients = ChildJvm.start(List.of(), List.of(), UninstrumentedJvm.class,
						"http://localhost:" + server.read())) {
			assertThat(Cost.parse(clients.ask("rest " + TinyServer.CLOSE + " 4")).bytes()).isPositive();
			assertThat(Cost.parse(clients.ask("web " + TinyServer.KEEP + " 4")).bytes()).isPositive();
		}
	}

	@Test
	void callersOfOneNameShareCallsOfTheResolver() throws Exception {
		Map<String, List<Coalescing.Result>> results = Coalescing.measure(Coalescing::platformThread, 20, 1);
		assertThat(results).hasSize(6);
		assertThat(calls(results, Coalescing.RAW)).isEqualTo(20);
		assertThat(calls(results, Coalescing.NETTRACE)).isLessThan(20);
		assertThat(calls(results, Coalescing.NETTRACE_DISTINCT)).isEqualTo(20);
	}

	private static int calls(Map<String, List<Coalescing.Result>> results, String path) {
		return results.getOrDefault(path, List.of()).get(0).calls();
	}

	@Test
	void callersOfOneNameShareLookupsOfTheJdk() throws Exception {
		Map<String, List<Coalescing.Result>> results = Coalescing.jdkLookups(20, false, 1);
		assertThat(calls(results, Coalescing.JDK)).isEqualTo(20);
		assertThat(calls(results, Coalescing.NETTRACE)).isLessThan(20);
	}

	@Test
	void noSecondAttemptWhereTheFirstAddressAnswers() throws Exception {
		try (Targets targets = new Targets(0)) {
			assertThat(Dialing.measureAlive(targets, Duration.ofMinutes(1), 0, 1, 5)).hasSize(5)
				.extracting(Alive::attempts)
				.containsOnly(1.0);
		}
	}

	@Test
	void everyClientGetsPastAnAddressThatDoesNotAnswer() throws Exception {
		try (Targets targets = new Targets(0)) {
			for (DialingClient client : List.of(DialingClient.netTrace(Dialing.RFC8305),
					DialingClient.reactorNetty(Dialing.RFC8305), DialingClient.okHttp())) {
				client.get(targets.deadIpv6());
			}
			for (DialingClient client : List.of(DialingClient.httpComponents(), DialingClient.reactorNetty(null))) {
				client.get(targets.alive(1));
			}
		}
	}

	@Test
	void hostsBeyondTheMostAreNotToldApart() {
		assertThat(Cardinality.measure(300, 200)).hasSize(4)
			.filteredOn((kept) -> kept.name().equals("nettrace"))
			.singleElement()
			.returns(101, Kept::tagValues)
			.returns(0, Kept::inFlight);
	}

}
