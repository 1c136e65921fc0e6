package io.nettrace.demo;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import com.jayway.jsonpath.JsonPath;
import org.jspecify.annotations.Nullable;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.Wait;

/**
 * Jaeger 2 with its built-in configuration, which stores in memory.
 */
record JaegerBackend(String otlp, String query, Runnable stop) implements TraceBackend {

	private static final int OTLP = 4318;

	private static final int QUERY = 16686;

	private static final int HEALTH = 13133;

	private static final int STATUS_ERROR = 2;

	/**
	 * The program uses the default ports; its built-in configuration takes no others.
	 */
	static JaegerBackend ofProgram(Path program) {
		try {
			Process process = new ProcessBuilder(program.toString()).redirectErrorStream(true)
				.redirectOutput(Path.of("target", "jaeger.log").toFile())
				.start();
			Runtime.getRuntime().addShutdownHook(new Thread(process::destroy));
			TraceBackend.awaitAnswer("http://127.0.0.1:" + HEALTH + "/status");
			return new JaegerBackend("http://127.0.0.1:" + OTLP, "http://127.0.0.1:" + QUERY, () -> {
				process.destroy();
				process.onExit().join(); // the next one uses the same ports
			});
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

	/**
	 * The API that answers in OTLP's JSON, with the types of attributes.
	 */
	@Override
	public List<StoredSpan> trace(String traceId) {
		String json = TraceBackend.get(this.query + "/api/v3/traces/" + traceId);
		if (json == null) {
			return List.of();
		}
		List<Map<String, Object>> resources = JsonPath.read(json, "$.result.resourceSpans");
		return resources.stream().flatMap(JaegerBackend::storedSpans).toList();
	}

	private static Stream<StoredSpan> storedSpans(Map<String, Object> resource) {
		String service = String.valueOf(attributes(resource, "$.resource.attributes").get("service.name"));
		List<Map<String, Object>> spans = JsonPath.read(resource, "$.scopeSpans[*].spans[*]");
		return spans.stream().map((span) -> storedSpan(span, service));
	}

	private static StoredSpan storedSpan(Map<String, Object> span, String service) {
		long start = number(span.get("startTimeUnixNano"));
		long end = number(span.get("endTimeUnixNano"));
		Map<String, Object> status = JsonPath.read(span, "$.status");
		return new StoredSpan(String.valueOf(span.get("spanId")), (String) span.get("parentSpanId"),
				String.valueOf(span.get("name")), service, TimeUnit.NANOSECONDS.toMicros(start),
				TimeUnit.NANOSECONDS.toMicros(end - start), Integer.valueOf(STATUS_ERROR).equals(status.get("code")),
				attributes(span, "$.attributes"), links(span));
	}

	private static List<String> links(Map<String, Object> span) {
		if (!span.containsKey("links")) {
			return List.of();
		}
		List<Map<String, Object>> links = JsonPath.read(span, "$.links");
		return links.stream().map((link) -> link.get("traceId") + "/" + link.get("spanId")).toList();
	}

	private static Map<String, Object> attributes(Map<String, Object> owner, String path) {
		Map<String, Object> result = new HashMap<>();
		List<Map<String, Object>> attributes = JsonPath.read(owner, path);
		attributes.forEach((attribute) -> result.put(String.valueOf(attribute.get("key")),
				value(JsonPath.read(attribute, "$.value"))));
		return result;
	}

	/**
	 * A value's only key is its type, and 64-bit integers are written as text.
	 */
	private static Object value(Map<String, Object> typed) {
		Map.Entry<String, Object> value = typed.entrySet().iterator().next();
		return switch (value.getKey()) {
			case "arrayValue" -> {
				List<Map<String, Object>> values = JsonPath.read(value.getValue(), "$.values");
				yield values.stream().map(JaegerBackend::value).toList();
			}
			case "intValue" -> number(value.getValue());
			case "doubleValue" -> ((Number) value.getValue()).doubleValue();
			default -> value.getValue();
		};
	}

	private static long number(@Nullable Object text) {
		return Long.parseLong(String.valueOf(text));
	}

	/**
	 * An array is an array, and a number a number.
	 */
	@Override
	public Object stored(Object attribute) {
		return (attribute instanceof Integer number) ? number.longValue() : attribute;
	}

	@Override
	public void close() {
		this.stop.run();
	}

}
