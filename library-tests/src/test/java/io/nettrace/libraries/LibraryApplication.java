package io.nettrace.libraries;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.nettrace.test.EndedSpans;
import io.nettrace.test.SpanTree;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.core.ResolvableType;
import org.springframework.http.client.ReactorResourceFactory;

/**
 * A Spring Boot application with one library, whose spans are kept.
 */
final class LibraryApplication implements AutoCloseable {

	private final ConfigurableApplicationContext context;

	private LibraryApplication(ConfigurableApplicationContext context) {
		this.context = context;
	}

	static LibraryApplication start(Class<?> configuration, WebApplicationType type, Names names,
			List<String> autoConfigurations, List<String> properties) {
		List<String> arguments = new ArrayList<>(properties);
		arguments.add(OnlyAutoConfigurations.PROPERTY + "=" + String.join(",", autoConfigurations));
		SpringApplicationBuilder builder = new SpringApplicationBuilder(configuration, Application.class).web(type)
			.properties("server.port=0", "management.tracing.sampling.probability=1.0",
					"management.otlp.metrics.export.enabled=false", "spring.main.banner-mode=off",
					"spring.cloud.config.enabled=false")
			.initializers((context) -> context.getBeanFactory().registerSingleton("namesOfTheTest", names));
		return new LibraryApplication(
				builder.run(arguments.stream().map((property) -> "--" + property).toArray(String[]::new)));
	}

	<T> T bean(Class<T> type) {
		return this.context.getBean(type);
	}

	<T> T bean(String name, Class<T> type) {
		return this.context.getBean(name, type);
	}

	/**
	 * Beans of a type with generics.
	 */
	<T> ObjectProvider<T> beans(ResolvableType type) {
		return this.context.getBeanProvider(type);
	}

	/**
	 * Call a library below an observation, as an application does that serves a request.
	 * @return the result, in words
	 */
	String business(Call call) throws Exception {
		return Observation.createNotStarted("business", bean(ObservationRegistry.class))
			.observeChecked(() -> String.valueOf(call.call()));
	}

	/**
	 * The port of its server, if it is a web application.
	 */
	int port() {
		return this.context.getEnvironment().getRequiredProperty("local.server.port", Integer.class);
	}

	/**
	 * The spans that have ended since the last reset.
	 */
	List<SpanData> spans() {
		EndedSpans.export(bean(BatchSpanProcessor.class));
		return bean(InMemorySpanExporter.class).getFinishedSpanItems();
	}

	void reset() {
		spans();
		bean(InMemorySpanExporter.class).reset();
	}

	/**
	 * The spans as a tree, in a few words each:
	 *
	 * <pre>
	 * http get
	 *   DNS lookup two.test: 127.0.0.8, 127.0.0.9
	 *   socket connect ! 127.0.0.8: connection_refused
	 *   socket connect 127.0.0.9
	 * </pre>
	 */
	String tree() {
		return SpanTree.render(spans(), LibraryApplication::line);
	}

	private static String line(SpanData span) {
		String failed = (span.getStatus().getStatusCode() == StatusCode.ERROR) ? " !" : "";
		String answers = value(span, AttributeKey.stringArrayKey("dns.answers")).replaceAll("[\\[\\]]", "");
		String more = Stream.of(answers, value(span, AttributeKey.stringKey("error.type")))
			.filter((text) -> !text.isEmpty())
			.reduce("", (all, text) -> all + ": " + text);
		return switch (span.getName()) {
			case "DNS lookup" ->
				span.getName() + failed + " " + value(span, AttributeKey.stringKey("dns.question.name")) + more;
			case "socket connect" ->
				span.getName() + failed + " " + value(span, AttributeKey.stringKey("network.peer.address")) + more;
			case "TLS handshake", "proxy connect" ->
				span.getName() + failed + " " + value(span, AttributeKey.stringKey("server.address")) + more;
			default -> span.getName() + failed;
		};
	}

	private static String value(SpanData span, AttributeKey<?> key) {
		Object value = span.getAttributes().get(key);
		return (value != null) ? value.toString() : "";
	}

	@Override
	public void close() {
		this.context.close();
	}

	/**
	 * A call of a library.
	 */
	interface Call {

		@Nullable Object call() throws Exception;

	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

		@Bean
		InMemorySpanExporter spanExporter() {
			return InMemorySpanExporter.create();
		}

		/**
		 * Boot's waits two seconds when it is closed, and ends what all clients of this
		 * JVM share that are made by hand, also those of another application.
		 */
		@Bean
		ReactorResourceFactory reactorResourceFactory() {
			ReactorResourceFactory resources = new ReactorResourceFactory();
			resources.setUseGlobalResources(false);
			resources.setShutdownQuietPeriod(Duration.ZERO);
			return resources;
		}

	}

}
