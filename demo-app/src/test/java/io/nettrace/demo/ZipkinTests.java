package io.nettrace.demo;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

import com.jayway.jsonpath.JsonPath;
import io.nettrace.test.OtlpReceiver;
import io.nettrace.test.ReceivedSpan;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * With Zipkin, for machines without Jaeger. {@code ZIPKIN_JAR} says where its server is.
 * Zipkin does not speak OTLP, so the test's receiver forwards the spans. Skipped where
 * there is none, unless {@code NETTRACE_ZIPKIN_REQUIRED} is {@code true}.
 */
class ZipkinTests extends AbstractTraceBackendTests {

	@Override
	TraceBackend start() {
		String jar = System.getenv("ZIPKIN_JAR");
		if (jar == null || jar.isEmpty()) {
			String reason = "no Zipkin: ZIPKIN_JAR is not set";
			assertThat(Boolean.parseBoolean(System.getenv("NETTRACE_ZIPKIN_REQUIRED"))).as(reason).isFalse();
			System.out.println("ZipkinTests skipped: " + reason);
			assumeTrue(false, reason);
		}
		return ZipkinBackend.start(Path.of(String.valueOf(jar)));
	}

	private record ZipkinBackend(String url, OtlpReceiver receiver, Process process,
			Set<String> handedOn) implements TraceBackend {

		private static final JsonMapper JSON = new JsonMapper();

		static ZipkinBackend start(Path jar) {
			try {
				int port = freePort();
				ProcessBuilder builder = new ProcessBuilder(
						Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx256m",
						"-Darmeria.ports[0].ip=127.0.0.1", "-Darmeria.ports[0].port=" + port,
						"-Darmeria.ports[0].protocols[0]=http", "-jar", jar.toString())
					.redirectErrorStream(true)
					.redirectOutput(Path.of("target", "zipkin.log").toFile());
				builder.environment().put("QUERY_PORT", String.valueOf(port));
				Process process = builder.start();
				Runtime.getRuntime().addShutdownHook(new Thread(process::destroy));
				String url = "http://127.0.0.1:" + port;
				TraceBackend.awaitAnswer(url + "/health");
				return new ZipkinBackend(url, OtlpReceiver.start(), process, new HashSet<>());
			}
			catch (IOException ex) {
				throw new UncheckedIOException(ex);
			}
		}

		private static int freePort() throws IOException {
			try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
				return socket.getLocalPort();
			}
		}

		@Override
		public String otlpTracesUrl() {
			return this.receiver.tracesUrl();
		}

		@Override
		public List<StoredSpan> trace(String traceId) {
			handOn();
			String json = TraceBackend.get(this.url + "/api/v2/trace/" + traceId);
			if (json == null) {
				return List.of();
			}
			List<Map<String, Object>> spans = JsonPath.read(json, "$");
			return spans.stream().map(ZipkinBackend::storedSpan).toList();
		}

		private void handOn() {
			List<ReceivedSpan> spans = this.receiver.spans()
				.stream()
				.filter((span) -> this.handedOn.add(span.spanId()))
				.toList();
			if (spans.isEmpty()) {
				return;
			}
			String json = JSON.writeValueAsString(spans.stream().map(ZipkinBackend::zipkinSpan).toList());
			TraceBackend.send(HttpRequest.newBuilder(URI.create(this.url + "/api/v2/spans"))
				.header("Content-Type", "application/json")
				.timeout(Duration.ofSeconds(10))
				.POST(BodyPublishers.ofString(json))
				.build());
		}

		private static Map<String, Object> zipkinSpan(ReceivedSpan span) {
			Map<String, Object> result = new LinkedHashMap<>();
			result.put("traceId", span.traceId());
			result.put("id", span.spanId());
			if (!span.parentId().isEmpty()) {
				result.put("parentId", span.parentId());
			}
			result.put("name", span.name());
			result.put("timestamp", TimeUnit.NANOSECONDS.toMicros(span.startNanos()));
			result.put("duration", TimeUnit.NANOSECONDS.toMicros(span.duration().toNanos()));
			result.put("localEndpoint", Map.of("serviceName", span.resource().getOrDefault("service.name", "")));
			Map<String, String> tags = new HashMap<>();
			span.attributes().forEach((key, value) -> tags.put(key, text(value)));
			if (span.status().name().equals("STATUS_CODE_ERROR")) {
				tags.put("error", "true");
			}
			result.put("tags", tags);
			return result;
		}

		private static StoredSpan storedSpan(Map<String, Object> span) {
			Map<String, Object> tags = JsonPath.read(span, "$.tags");
			return new StoredSpan(String.valueOf(span.get("id")), parent(span), String.valueOf(span.get("name")),
					JsonPath.read(span, "$.localEndpoint.serviceName"), number(span, "timestamp"),
					number(span, "duration"), tags.containsKey("error"), tags, List.of());
		}

		private static @Nullable String parent(Map<String, Object> span) {
			return (span.get("parentId") instanceof String parent) ? parent : null;
		}

		private static long number(Map<String, Object> span, String key) {
			return (span.get(key) instanceof Number number) ? number.longValue() : -1;
		}

		@Override
		public String storedName(String name) {
			return name.toLowerCase(Locale.ROOT);
		}

		/**
		 * Zipkin stores every value as text.
		 */
		@Override
		public Object stored(Object attribute) {
			return text(attribute);
		}

		private static String text(Object attribute) {
			return (attribute instanceof List<?> list) ? JSON.writeValueAsString(list) : String.valueOf(attribute);
		}

		@Override
		public void close() {
			this.receiver.close();
			this.process.destroy();
		}

	}

}
