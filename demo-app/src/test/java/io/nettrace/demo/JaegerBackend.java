package io.nettrace.demo;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import com.jayway.jsonpath.DocumentContext;
import com.jayway.jsonpath.JsonPath;
import org.jspecify.annotations.Nullable;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.Wait;
import tools.jackson.databind.json.JsonMapper;

/**
 * Jaeger 2 with its built-in configuration, which stores in memory.
 */
record JaegerBackend(String otlp, String query, Runnable stop) implements TraceBackend {

	private static final int OTLP = 4318;

	private static final int QUERY = 16686;

	private static final int HEALTH = 13133;

	/**
	 * A program has the default ports; the built-in configuration takes no others.
	 */
	static JaegerBackend ofProgram(Path program) {
		try {
			Process process = new ProcessBuilder(program.toString()).redirectErrorStream(true)
				.redirectOutput(Path.of("target", "jaeger.log").toFile())
				.start();
			Runtime.getRuntime().addShutdownHook(new Thread(process::destroy));
			TraceBackend.awaitAnswer("http://127.0.0.1:" + HEALTH + "/status");
			return new JaegerBackend("http://127.0.0.1:" + OTLP, "http://127.0.0.1:" + QUERY, process::destroy);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	@SuppressWarnings("resource")
	static JaegerBackend ofContainer() {
		GenericContainer<?> container = new GenericContainer<>("jaegertracing/jaeger:2.20.0")
			.withEnv("JAEGER_LISTEN_HOST", "0.0.0.0")
			.withExposedPorts(OTLP, QUERY, HEALTH)
			.waitingFor(Wait.forHttp("/status").forPort(HEALTH));
		container.start();
		return new JaegerBackend("http://" + container.getHost() + ":" + container.getMappedPort(OTLP),
				"http://" + container.getHost() + ":" + container.getMappedPort(QUERY), container::stop);
	}

	@Override
	public String otlpTracesUrl() {
		return this.otlp + "/v1/traces";
	}

	@Override
	public List<StoredSpan> trace(String traceId) {
		String json = TraceBackend.get(this.query + "/api/traces/" + traceId);
		if (json == null) {
			return List.of();
		}
		DocumentContext trace = JsonPath.parse(json);
		List<Map<String, Object>> spans = trace.read("$.data[0].spans");
		return spans.stream().map((span) -> storedSpan(span, trace)).toList();
	}

	private static StoredSpan storedSpan(Map<String, Object> span, DocumentContext trace) {
		Map<String, Object> attributes = new HashMap<>();
		List<Map<String, Object>> tags = JsonPath.read(span, "$.tags");
		tags.forEach((tag) -> attributes.put(String.valueOf(tag.get("key")), tag.get("value")));
		List<String> parents = JsonPath.read(span, "$.references[?(@.refType == 'CHILD_OF')].spanID");
		return new StoredSpan(String.valueOf(span.get("spanID")), first(parents),
				String.valueOf(span.get("operationName")),
				trace.read("$.data[0].processes." + span.get("processID") + ".serviceName"), number(span, "startTime"),
				number(span, "duration"), Boolean.TRUE.equals(attributes.get("error")), attributes);
	}

	private static @Nullable String first(List<String> parents) {
		return parents.isEmpty() ? null : parents.get(0);
	}

	private static long number(Map<String, Object> span, String key) {
		return (span.get(key) instanceof Number number) ? number.longValue() : -1;
	}

	/**
	 * This API has an array as its JSON text.
	 */
	@Override
	public Object stored(Object attribute) {
		return (attribute instanceof List<?> list) ? new JsonMapper().writeValueAsString(list) : attribute;
	}

	@Override
	public void close() {
		this.stop.run();
	}

}
