package io.nettrace.jvm;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.nettrace.test.EndedSpans;
import io.opentelemetry.api.trace.SpanId;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;

/**
 * A Spring Boot application whose spans are kept.
 */
final class JvmApplication implements AutoCloseable {

	private final ConfigurableApplicationContext context;

	private JvmApplication(ConfigurableApplicationContext context) {
		this.context = context;
	}

	static JvmApplication start(List<Class<?>> configurations, String... properties) {
		List<Class<?>> sources = new ArrayList<>(configurations);
		sources.add(Application.class);
		return new JvmApplication(new SpringApplicationBuilder(sources.toArray(Class<?>[]::new))
			.web(WebApplicationType.NONE)
			.properties("management.tracing.sampling.probability=1.0", "management.otlp.metrics.export.enabled=false",
					"spring.main.banner-mode=off", "spring.reactor.context-propagation=auto")
			.run(Stream.of(properties).map((property) -> "--" + property).toArray(String[]::new)));
	}

	<T> T bean(Class<T> type) {
		return this.context.getBean(type);
	}

	/**
	 * The spans since the last call, one line each: the name, {@code !} for an error, the
	 * parent's name, and what is known of a lookup. Some spans end after the call that
	 * made them, so that this waits for that many.
	 */
	List<String> spans(int count) {
		InMemorySpanExporter exporter = bean(InMemorySpanExporter.class);
		long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
		do {
			EndedSpans.export(bean(BatchSpanProcessor.class));
		}
		while (!areComplete(exporter.getFinishedSpanItems(), count) && System.nanoTime() < deadline);
		List<SpanData> spans = exporter.getFinishedSpanItems()
			.stream()
			.sorted(Comparator.comparingLong(SpanData::getStartEpochNanos))
			.toList();
		exporter.reset();
		return spans.stream().map((span) -> describe(span, spans)).toList();
	}

	/**
	 * There may be more than are known to come, and the parent is the last of them.
	 */
	private static boolean areComplete(List<SpanData> spans, int count) {
		return spans.size() >= count && spans.stream()
			.map(SpanData::getParentSpanId)
			.filter(SpanId::isValid)
			.allMatch((parent) -> spans.stream().anyMatch((span) -> span.getSpanId().equals(parent)));
	}

	private static String describe(SpanData span, List<SpanData> spans) {
		String parent = spans.stream()
			.filter((other) -> other.getSpanId().equals(span.getParentSpanId()))
			.map(SpanData::getName)
			.findFirst()
			.orElse("nothing");
		String error = (span.getStatus().getStatusCode() == StatusCode.ERROR) ? " !" : "";
		return span.getName() + error + " below " + parent
				+ Stream.of("nettrace.client", "dns.question.name", "error.type", "dns.answers")
					.map((key) -> attribute(span, key))
					.filter((value) -> span.getName().startsWith("DNS") && !value.isEmpty())
					.map((value) -> " " + value)
					.collect(Collectors.joining());
	}

	private static String attribute(SpanData span, String name) {
		return span.getAttributes()
			.asMap()
			.entrySet()
			.stream()
			.filter((entry) -> entry.getKey().getKey().equals(name))
			.map((entry) -> String.valueOf(entry.getValue()).replaceAll("[\\[\\] ]|^none$", ""))
			.findFirst()
			.orElse("");
	}

	@Override
	public void close() {
		this.context.close();
	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

		@Bean
		InMemorySpanExporter spanExporter() {
			return InMemorySpanExporter.create();
		}

	}

}
