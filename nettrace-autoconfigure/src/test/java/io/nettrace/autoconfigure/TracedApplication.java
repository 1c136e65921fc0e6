package io.nettrace.autoconfigure;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

import io.nettrace.test.EndedSpans;
import io.nettrace.test.SpanTree;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import org.awaitility.Awaitility;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A Spring Boot application with everything auto-configured, whose spans are kept.
 */
final class TracedApplication implements AutoCloseable {

	private final ConfigurableApplicationContext context;

	private TracedApplication(ConfigurableApplicationContext context) {
		this.context = context;
	}

	static TracedApplication start(Class<?> configuration, String... properties) {
		return start(List.of(configuration), properties);
	}

	static TracedApplication start(List<Class<?>> configurations, String... properties) {
		List<Class<?>> sources = new ArrayList<>(configurations);
		sources.add(Application.class);
		SpringApplicationBuilder builder = new SpringApplicationBuilder(sources.toArray(Class<?>[]::new))
			.web(WebApplicationType.NONE)
			.properties("management.tracing.sampling.probability=1.0", "management.otlp.metrics.export.enabled=false",
					"spring.main.banner-mode=off");
		return new TracedApplication(
				builder.run(Stream.of(properties).map((property) -> "--" + property).toArray(String[]::new)));
	}

	<T> T bean(Class<T> type) {
		return this.context.getBean(type);
	}

	<T> List<T> beans(Class<T> type) {
		return this.context.getBeanProvider(type).stream().toList();
	}

	List<SpanData> spans() {
		EndedSpans.export(bean(BatchSpanProcessor.class));
		return bean(InMemorySpanExporter.class).getFinishedSpanItems();
	}

	/**
	 * Wait until that many spans have ended; some end after the call that made them.
	 */
	void awaitSpans(int count) {
		Awaitility.await()
			.atMost(Duration.ofSeconds(20))
			.pollInterval(Duration.ofMillis(2))
			.untilAsserted(() -> assertThat(spans()).hasSizeGreaterThanOrEqualTo(count));
	}

	/**
	 * The spans since the last call, as text.
	 */
	String tree() {
		String tree = SpanTree.render(spans());
		bean(InMemorySpanExporter.class).reset();
		return tree;
	}

	/**
	 * Wait until the spans since the last call are as expected: on an event loop they may
	 * end after the caller has its response.
	 */
	void awaitTree(String expected) {
		Awaitility.await()
			.atMost(Duration.ofSeconds(20))
			.untilAsserted(() -> assertThat(SpanTree.render(spans())).isEqualTo(expected));
		bean(InMemorySpanExporter.class).reset();
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
