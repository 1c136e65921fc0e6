package io.nettrace.demo;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.nettrace.demo.TraceBackend.StoredSpan;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.testcontainers.DockerClientFactory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * With Jaeger: the program that {@code JAEGER_BIN} names or that is on the path, or else
 * a container. Skipped if there is neither, unless {@code NETTRACE_JAEGER_REQUIRED} is
 * {@code true}.
 */
class JaegerTests extends AbstractTraceBackendTests {

	@Test
	void keptRequestHasItsRecordAndALinkToTheOneThatHasOpenedItsConnection() {
		withDemo((api, backend) -> List.of("RestClient", "WebClient").forEach((client) -> {
			TraceView trace = run(api, "pooled-reuse", client);
			List<StoredSpan> requests = await(trace, backend).stream()
				.filter((span) -> span.name().equals("http get"))
				.sorted(Comparator.comparingLong(StoredSpan::startMicros))
				.toList();
			assertThat(requests).hasSize(2);
			StoredSpan opener = requests.get(0);
			StoredSpan kept = requests.get(1);
			assertThat(opener.links()).isEmpty();
			assertThat(opener.attributes()).containsEntry("nettrace.connection.reused", false)
				.containsEntry("nettrace.connection.requests", 1L)
				.doesNotContainKey("nettrace.connection.idle");
			assertThat(phases(opener.attributes())).contains("queue", "dns", "connect", "send", "wait", "other");
			assertThat(kept.links()).as("%s after %s", kept, opener)
				.containsExactly(trace.traceId() + "/" + opener.spanId());
			assertThat(kept.attributes()).containsEntry("network.peer.address", "127.0.0.2")
				.containsEntry("network.peer.port", opener.attributes().get("network.peer.port"))
				.containsEntry("network.protocol.version", "1.1")
				.containsEntry("nettrace.connection.id", opener.attributes().get("nettrace.connection.id"))
				.containsEntry("nettrace.connection.reused", true)
				.containsEntry("nettrace.connection.requests", 2L)
				.containsEntry("nettrace.exchanges", 1L)
				.hasEntrySatisfying("network.peer.port", (port) -> assertThat(port).isInstanceOf(Long.class))
				.hasEntrySatisfying("nettrace.connection.id", (id) -> assertThat(id).isInstanceOf(Long.class))
				.hasEntrySatisfying("nettrace.connection.age", (age) -> assertThat(age).isInstanceOf(Double.class))
				.hasEntrySatisfying("nettrace.verdict",
						(verdict) -> assertThat(phases(kept.attributes())).contains((String) verdict));
			// with WebClient the next request may take the connection over before it is
			// idle
			assertThat(kept.attributes().get("nettrace.connection.idle"))
				.satisfiesAnyOf((idle) -> assertThat(idle).isInstanceOf(Double.class), (idle) -> {
					assertThat(idle).isNull();
					assertThat(client).isEqualTo("WebClient");
				});
			assertThat(phases(kept.attributes())).contains("queue", "send", "wait", "other")
				.doesNotContain("dns", "connect", "tls", "proxy");
		}));
	}

	/**
	 * The phases that a request was in, each a positive number of seconds.
	 */
	private static Set<String> phases(Map<String, Object> attributes) {
		String prefix = "nettrace.phase.";
		return attributes.entrySet()
			.stream()
			.filter((each) -> each.getKey().startsWith(prefix) && (Double) each.getValue() > 0)
			.map((each) -> each.getKey().substring(prefix.length()))
			.collect(Collectors.toSet());
	}

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
