package io.nettrace.autoconfigure;

import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

import static org.assertj.core.api.Assertions.assertThat;

@ExtendWith(OutputCaptureExtension.class)
class UnknownPropertiesLoggerTests {

	@Test
	void aMisspeltVariableIsReported(CapturedOutput output) {
		check(Map.of("NETTRACE_OBSERVATION_MAXHOSTS", "5"));
		assertThat(output).contains("'NETTRACE_OBSERVATION_MAXHOSTS'", "'nettrace.observations.max-hosts'");
	}

	@Test
	void knownVariablesAreQuiet(CapturedOutput output) {
		check(Map.of("NETTRACE_OBSERVATIONS_MAXHOSTS", "5", "NETTRACE_OBSERVATIONS_REQUIRE_PARENT", "true",
				"NETTRACE_METERS_BUCKETS_0_", "5ms", "NETTRACE_METERS_BUCKETS_1", "10ms"));
		assertThat(output).doesNotContain("Unknown");
	}

	@Test
	void variablesOfOthersAreQuiet(CapturedOutput output) {
		check(Map.of("NETTRACE_SERVICE_HOST", "10.0.0.1", "NETTRACE_PORT_8080_TCP_ADDR", "10.0.0.1",
				"NETTRACE_JAEGER_REQUIRED", "true"));
		assertThat(output).doesNotContain("Unknown");
	}

	private static void check(Map<String, Object> variables) {
		StandardEnvironment environment = new StandardEnvironment();
		environment.getPropertySources()
			.replace(StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME, new SystemEnvironmentPropertySource(
					StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME, variables));
		new UnknownPropertiesLogger(environment).afterSingletonsInstantiated();
	}

}
