package io.nettrace.demo;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiConsumer;

import io.nettrace.demo.TraceBackend.StoredSpan;
import org.junit.jupiter.api.Test;

import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.web.client.RestClient;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The demo with the profile {@code jaeger} and a real trace backend: for every scenario
 * on every client, the stored trace matches what happened.
 */
abstract class AbstractTraceBackendTests {

	private static final long PATIENCE = Duration.ofSeconds(30).toNanos();

	abstract TraceBackend start();

	/**
	 * Start the backend and the demo.
	 */
	final void withDemo(BiConsumer<RestClient, TraceBackend> test) {
		try (TraceBackend backend = start();
				ConfigurableApplicationContext context = new SpringApplicationBuilder(DemoApplication.class)
					.profiles("jaeger")
					.run("--server.port=0", "--management.otlp.metrics.export.enabled=false",
							"--management.opentelemetry.tracing.export.otlp.endpoint=" + backend.otlpTracesUrl(),
							"--management.opentelemetry.tracing.export.schedule-delay=100ms")) {
			test.accept(
					RestClient.create("http://127.0.0.1:"
							+ context.getEnvironment().getRequiredProperty("local.server.port") + "/api/scenarios"),
					backend);
		}
	}

	static TraceView run(RestClient api, String scenario, String client) {
		return api.post().uri("/{name}?client={client}", scenario, client).retrieve().requiredBody(TraceView.class);
	}

	@Test
	void everyTraceIsStoredAsItHappened() {
		withDemo((api, backend) -> {
			List<TraceView> traces = new ArrayList<>();
			for (String client : Runs.CLIENTS) {
				Runs.on(client).forEach((scenario) -> traces.add(run(api, scenario.name(), client)));
			}
			assertThat(traces).allSatisfy((trace) -> assertThat(trace.complete()).isTrue());
			traces.forEach((trace) -> isStored(trace, backend));
			// The compared traces have every kind of span and attribute
			assertThat(traces).flatExtracting(TraceView::spans)
				.anySatisfy((span) -> assertThat(span.status().name()).isEqualTo("ERROR"))
				.anySatisfy((span) -> assertThat(span.attributes()).containsEntry("dns.answers",
						List.of("127.0.0.3", "127.0.0.2")))
				.anySatisfy((span) -> assertThat(span.attributes()).containsEntry("nettrace.connection.reused", true)
					.containsKeys("nettrace.connection.idle", "nettrace.phase.wait"));
		});
	}

	private static void isStored(TraceView trace, TraceBackend backend) {
		Map<String, StoredSpan> stored = new HashMap<>();
		await(trace, backend).forEach((span) -> stored.put(span.spanId(), span));
		assertThat(stored).hasSameSizeAs(trace.spans());
		assertThat(trace.spans()).allSatisfy((span) -> {
			assertThat(stored).containsKey(span.spanId());
			StoredSpan found = Objects.requireNonNull(stored.get(span.spanId()));
			assertThat(found.parentId()).isEqualTo(span.parentId());
			assertThat(found.name()).isEqualTo(backend.storedName(span.name()));
			assertThat(found.service()).isEqualTo("nettrace-demo");
			assertThat(found.startMicros()).isEqualTo(span.startMicros());
			// Start and end are each cut to microseconds
			assertThat(found.durationMicros()).isBetween(span.durationMicros() - 1, span.durationMicros() + 1);
			assertThat(found.error()).isEqualTo(span.status().name().equals("ERROR"));
			assertThat(span.attributes()).isNotEmpty()
				.allSatisfy((key, value) -> assertThat(found.attributes()).containsEntry(key, backend.stored(value)));
		});
	}

	static List<StoredSpan> await(TraceView trace, TraceBackend backend) {
		long deadline = System.nanoTime() + PATIENCE;
		List<StoredSpan> stored = backend.trace(trace.traceId());
		while (stored.size() < trace.spans().size() && System.nanoTime() < deadline) {
			stored = backend.trace(trace.traceId());
		}
		return stored;
	}

}
