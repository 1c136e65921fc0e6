package io.nettrace.autoconfigure;

import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;

/**
 * What the operator reads at start.
 */
@ExtendWith(OutputCaptureExtension.class)
class PropertiesTests {

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '"',
			textBlock = """
					nettrace.dns.timeout=-1s                  | 'nettrace.dns.timeout' must be a duration of more than zero, not PT-1S
					nettrace.observations.max-hosts=0         | 'nettrace.observations.max-hosts' must be at least 1, not 0
					nettrace.observations.include-hosts=a,,b  | 'nettrace.observations.include-hosts' must be a list of host patterns such as *.example.org, none of them empty
					nettrace.observations.exclude-hosts[0]=   | 'nettrace.observations.exclude-hosts' must be a list of host patterns such as *.example.org, none of them empty
					nettrace.spans.min-duration=-1ms          | 'nettrace.spans.min-duration' must be a duration of zero or more, not PT-0.001S
					nettrace.meters.buckets=5ms,0ms           | 'nettrace.meters.buckets' must be a list of durations of more than zero, not [PT0.005S, PT0S]
					nettrace.endpoint.max-hosts=0             | 'nettrace.endpoint.max-hosts' must be at least 1, not 0
					nettrace.endpoint.max-entries=0           | 'nettrace.endpoint.max-entries' must be at least 1, not 0
					""")
	void startFailsOnAValueOutOfRange(String property, String message, CapturedOutput output) {
		startAndFail(property);
		assertThat(output).contains("APPLICATION FAILED TO START", message);
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
			nettrace.spans.as=bananas          | nettrace.spans.as          | EVENTS SPANS
			nettrace.spans.names=bananas       | nettrace.spans.names       | LOW_CARDINALITY SEMCONV
			nettrace.spans.min-duration=soon   | nettrace.spans.min-duration| java.time.Duration
			nettrace.meters.buckets=soon       | nettrace.meters.buckets    | java.time.Duration
			nettrace.meters.active=perhaps     | nettrace.meters.active     | Invalid boolean value 'perhaps'
			nettrace.observations.max-hosts=x  | nettrace.observations.max-hosts | int
			""")
	void startFailsOnAValueOfTheWrongType(String property, String name, String accepted, CapturedOutput output) {
		startAndFail(property);
		assertThat(output).contains("APPLICATION FAILED TO START", name);
		assertThat(output).contains(accepted.split(" (?=[A-Z]+$)"));
	}

	private static void startAndFail(String property) {
		assertThatException().isThrownBy(() -> TracedApplication.start(List.of(), property).close());
	}

	@Test
	void anUnknownPropertyIsOneWarningWithTheNearest(CapturedOutput output) {
		TracedApplication
			.start(List.of(), "nettrace.observation.maxhosts=5", "nettrace.dns.timeuot=1s",
					"nettrace.meters.bucket[0]=5ms")
			.close();
		assertThat(output.getOut().lines().filter((line) -> line.contains("WARN") && line.contains("nettrace")))
			.satisfiesExactlyInAnyOrder(
					(line) -> assertThat(line).contains("'nettrace.observation.maxhosts'",
							"the nearest that exists is 'nettrace.observations.max-hosts'"),
					(line) -> assertThat(line).contains("'nettrace.dns.timeuot'",
							"the nearest that exists is 'nettrace.dns.timeout'"),
					(line) -> assertThat(line).contains("'nettrace.meters.bucket[0]'",
							"the nearest that exists is 'nettrace.meters.buckets'"));
	}

	@Test
	void everyWayToWriteAKnownPropertyIsQuiet(CapturedOutput output) {
		TracedApplication
			.start(List.of(), "nettrace.observations.maxHosts=5", "nettrace.observations.require_parent=true",
					"nettrace.meters.buckets[0]=5ms", "nettrace.observations.exclude-hosts=a,b")
			.close();
		assertThat(output).doesNotContain("Unknown property");
	}

}
