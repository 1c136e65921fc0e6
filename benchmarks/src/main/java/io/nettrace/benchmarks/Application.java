package io.nettrace.benchmarks;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Consumer;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.nettrace.NetTrace;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.http.client.ReactorResourceFactory;

/**
 * An application as Spring Boot sets it up, with the handlers, processors and registries
 * that users have. Its spans are dropped and its meters stay in memory. The thread that
 * created it is inside a request's observation until it closes the application.
 */
final class Application implements AutoCloseable {

	private static final String OBSERVATIONS = "io.nettrace.autoconfigure.NetTraceObservationAutoConfiguration,"
			+ "io.nettrace.autoconfigure.NetTraceMetricsAutoConfiguration";

	private static final String TRACING = "org.springframework.boot.micrometer.tracing.autoconfigure.MicrometerTracingAutoConfiguration,"
			+ "org.springframework.boot.micrometer.tracing.autoconfigure.NoopTracerAutoConfiguration,"
			+ "org.springframework.boot.micrometer.tracing.opentelemetry.autoconfigure.OpenTelemetryTracingAutoConfiguration";

	private static final String DIALS = "nettrace.observations.exchanges=false";

	private final ConfigurableApplicationContext context;

	private final Observation request;

	private final Observation.Scope scope;

	/**
	 * Start an application.
	 * @param watching what listens
	 * @param properties more properties, as {@code key=value}
	 */
	Application(Watching watching, String... properties) {
		this((starting) -> addHooks(starting, watching), watching, properties);
	}

	private Application(Consumer<GenericApplicationContext> beans, Watching watching, String... properties) {
		this.context = new SpringApplicationBuilder(Beans.class).web(WebApplicationType.NONE)
			.initializers((GenericApplicationContext starting) -> beans.accept(starting))
			.properties(all(watching, properties))
			.run();
		this.request = Observation.start("http.client.requests", bean(ObservationRegistry.class));
		this.scope = this.request.openScope();
	}

	/**
	 * Start an application that samples every trace and shows all that nettrace can.
	 * @param everyHook whether it has an {@link EveryHook} of its own
	 * @param pool the pools of its clients, or {@code null} for those of Boot
	 * @param properties more properties, as {@code key=value}
	 */
	static Application withRecord(boolean everyHook, @Nullable NarrowPool pool, String... properties) {
		return new Application((starting) -> {
			if (everyHook) {
				starting.registerBean(EveryHook.class, () -> new EveryHook(starting.getBean(MeterRegistry.class)));
			}
			if (pool != null) {
				starting.registerBean(NarrowPool.class, () -> pool);
				starting.registerBean(ReactorResourceFactory.class, pool::reactor);
			}
		}, Watching.RECORD, properties);
	}

	private static void addHooks(GenericApplicationContext starting, Watching watching) {
		if (watching == Watching.HOOKS) {
			starting.registerBean(NetTrace.Factory.class, () -> new TimingHooks(starting.getBean(MeterRegistry.class)));
		}
	}

	private static String[] all(Watching watching, String... properties) {
		List<String> all = new ArrayList<>();
		all.add("nettrace.dns.single-flight=always"); // the resolvers are the benchmarks'
														// own
		all.addAll(List.of(properties));
		all.add("spring.main.banner-mode=off");
		all.add("spring.main.register-shutdown-hook=false");
		all.add("logging.level.root=error");
		all.add("management.otlp.metrics.export.enabled=false");
		switch (watching) {
			// Boot's tracing tells each application of the scopes of all
			case NONE, HOOKS -> all.add("spring.autoconfigure.exclude=" + OBSERVATIONS + "," + TRACING);
			case METERS -> all.addAll(List.of("spring.autoconfigure.exclude=" + TRACING, DIALS));
			case ALL_METERS -> all.add("spring.autoconfigure.exclude=" + TRACING);
			case SAMPLED -> all.addAll(List.of("management.tracing.sampling.probability=1", DIALS));
			case RECORD -> all.add("management.tracing.sampling.probability=1");
			case UNSAMPLED -> all.addAll(List.of("management.tracing.sampling.probability=0", DIALS));
		}
		return all.toArray(String[]::new);
	}

	<T> T bean(Class<T> type) {
		return this.context.getBean(type);
	}

	<T> @Nullable T beanIfThere(Class<T> type) {
		return this.context.getBeanProvider(type).getIfAvailable();
	}

	@Override
	public void close() {
		this.scope.close();
		this.request.stop();
		this.context.close();
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Beans {

		@Bean
		SpanExporter nowhere() {
			return new SpanExporter() {

				@Override
				public CompletableResultCode export(Collection<SpanData> spans) {
					return CompletableResultCode.ofSuccess();
				}

				@Override
				public CompletableResultCode flush() {
					return CompletableResultCode.ofSuccess();
				}

				@Override
				public CompletableResultCode shutdown() {
					return CompletableResultCode.ofSuccess();
				}

			};
		}

	}

}
