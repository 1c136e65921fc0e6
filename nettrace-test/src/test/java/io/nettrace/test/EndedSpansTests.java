package io.nettrace.test;

import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class EndedSpansTests {

	private static final int SPANS = 10_000;

	@Test
	void eachSpanIsExportedRightAfterAnExport() {
		InMemorySpanExporter exporter = InMemorySpanExporter.create();
		BatchSpanProcessor processor = BatchSpanProcessor.builder(exporter).build();
		try (SdkTracerProvider provider = SdkTracerProvider.builder().addSpanProcessor(processor).build()) {
			Tracer tracer = provider.get("test");
			for (int i = 0; i < SPANS; i++) {
				tracer.spanBuilder("span " + i).startSpan().end();
				EndedSpans.export(processor);
				assertThat(exporter.getFinishedSpanItems()).as("span %d", i).hasSize(1);
				exporter.reset();
			}
		}
	}

}
