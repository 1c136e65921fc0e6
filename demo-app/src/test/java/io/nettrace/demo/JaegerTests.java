package io.nettrace.demo;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;
import org.testcontainers.DockerClientFactory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * With Jaeger: the program that {@code JAEGER_BIN} names or that is on the path, or else
 * a container. Skipped if there is neither, unless {@code NETTRACE_JAEGER_REQUIRED} is
 * {@code true}.
 */
class JaegerTests extends AbstractTraceBackendTests {

	@Override
	TraceBackend start() {
		Path program = program();
		if (program != null) {
			return JaegerBackend.ofProgram(program);
		}
		if (DockerClientFactory.instance().isDockerAvailable()) {
			return JaegerBackend.ofContainer();
		}
		String reason = "no Jaeger: JAEGER_BIN is not set, no jaeger in the path, no Docker";
		assertThat(Boolean.parseBoolean(System.getenv("NETTRACE_JAEGER_REQUIRED"))).as(reason).isFalse();
		System.out.println("JaegerTests skipped: " + reason);
		assumeTrue(false, reason);
		throw new AssertionError(reason);
	}

	private static @Nullable Path program() {
		String named = System.getenv("JAEGER_BIN");
		if (named != null && !named.isEmpty()) {
			return Path.of(named);
		}
		return Stream.of(System.getenv("PATH").split(":"))
			.map((directory) -> Path.of(directory, "jaeger"))
			.filter(Files::isExecutable)
			.findFirst()
			.orElse(null);
	}

}
