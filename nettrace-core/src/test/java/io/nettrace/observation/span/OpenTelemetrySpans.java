package io.nettrace.observation.span;

import java.util.List;
import java.util.function.UnaryOperator;

import io.micrometer.observation.ObservationHandler;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.tracing.handler.DefaultTracingObservationHandler;
import io.micrometer.tracing.handler.TracingObservationHandler;
import io.micrometer.tracing.otel.bridge.OtelCurrentTraceContext;
import io.micrometer.tracing.otel.bridge.OtelTracer;
import io.nettrace.NetTrace;
import io.nettrace.RequestInfo;
import io.nettrace.observation.ObservationNetTraceFactory;
import io.nettrace.observation.ObservationSettings;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import io.opentelemetry.sdk.trace.samplers.Sampler;

/**
 * A registry whose observations become OpenTelemetry spans in memory.
 */
public final class OpenTelemetrySpans {

	private final InMemorySpanExporter exporter = InMemorySpanExporter.create();

	private final OtelTracer tracer;

	private final ObservationRegistry registry = ObservationRegistry.create();

	public OpenTelemetrySpans() {
		this(Sampler.alwaysOn());
	}

	public OpenTelemetrySpans(Sampler sampler) {
		SdkTracerProvider provider = SdkTracerProvider.builder()
			.setSampler(sampler)
			.addSpanProcessor(SimpleSpanProcessor.create(this.exporter))
			.build();
		this.tracer = new OtelTracer(provider.get("test"), new OtelCurrentTraceContext(), (event) -> {
		});
	}

	public OtelTracer tracer() {
		return this.tracer;
	}

	public ObservationRegistry registry() {
		return this.registry;
	}

	/**
	 * As Spring Boot groups them: the first that supports a context gets it.
	 */
	public OpenTelemetrySpans handledBy(TracingObservationHandler<?> handler) {
		this.registry.observationConfig()
			.observationHandler(new ObservationHandler.FirstMatchingCompositeObservationHandler(handler,
					new DefaultTracingObservationHandler(this.tracer)));
		return this;
	}

	/**
	 * A request, whose exchanges and dials have hooks.
	 */
	public NetTrace request(UnaryOperator<ObservationSettings> settings) {
		return new ObservationNetTraceFactory(() -> this.registry,
				settings.apply(ObservationSettings.defaults().withExchanges(true)))
			.create(new RequestInfo("reactor-netty", null, -1, 1));
	}

	/**
	 * A dial of a request.
	 */
	public NetTrace trace(UnaryOperator<ObservationSettings> settings) {
		return request(settings).forDial();
	}

	public NetTrace trace() {
		return trace(UnaryOperator.identity());
	}

	public List<SpanData> finished() {
		return this.exporter.getFinishedSpanItems();
	}

	public void reset() {
		this.exporter.reset();
	}

	public SpanData finished(String name) {
		return finished().stream().filter((span) -> span.getName().equals(name)).findFirst().orElseThrow();
	}

}
