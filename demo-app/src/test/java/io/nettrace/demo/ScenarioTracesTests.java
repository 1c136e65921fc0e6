package io.nettrace.demo;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;

import io.micrometer.tracing.exporter.SpanExportingPredicate;
import io.micrometer.tracing.exporter.SpanFilter;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.support.StaticListableBeanFactory;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link ScenarioTraces}.
 */
class ScenarioTracesTests {

	private static final Duration NOT_AT_ALL = Duration.ZERO;

	private static final Duration LONG = Duration.ofSeconds(20);

	private final StaticListableBeanFactory beans = new StaticListableBeanFactory();

	private final ScenarioTraces traces;

	private final SdkTracerProvider provider;

	private final Tracer tracer;

	ScenarioTracesTests() {
		SpanExportingPredicate notHidden = (span) -> !span.getName().equals("hidden");
		this.beans.addBean("notHidden", notHidden);
		this.traces = new ScenarioTraces(this.beans.getBeanProvider(SpanExportingPredicate.class),
				this.beans.getBeanProvider(SpanFilter.class));
		this.provider = SdkTracerProvider.builder().addSpanProcessor(this.traces).build();
		this.tracer = this.provider.get("test");
	}

	@AfterEach
	void close() {
		this.provider.close();
	}

	@Test
	void isCompleteOnceEverySpanHasEnded() {
		Span root = root("root");
		Span child = child("child", root);
		root.end();
		child.end();
		TraceView trace = this.traces.await(id(root), NOT_AT_ALL);
		assertThat(trace.complete()).isTrue();
		assertThat(trace.spans()).extracting(SpanView::name).containsExactly("root", "child");
		assertThat(trace.spans()).extracting(SpanView::parentId)
			.containsExactly(null, root.getSpanContext().getSpanId());
	}

	@Test
	void isNotCompleteAsLongAsASpanIsOpen() {
		Span root = root("root");
		Span child = child("child", root);
		root.end();
		TraceView trace = this.traces.await(id(root), NOT_AT_ALL);
		assertThat(trace.complete()).isFalse();
		assertThat(trace.spans()).extracting(SpanView::name).containsExactly("root");
		child.end();
	}

	@Test
	void waitsForASpanThatEndsOnAnotherThread() {
		Span root = root("root");
		CompletableFuture<TraceView> waiting = CompletableFuture.supplyAsync(() -> this.traces.await(id(root), LONG),
				(task) -> new Thread(task).start());
		root.end();
		assertThat(waiting.join().complete()).isTrue();
	}

	@Test
	void spanThatAPredicateHoldsBackIsNotShownAndNotWaitedFor() {
		Span root = root("root");
		child("hidden", root).end();
		root.end();
		TraceView trace = this.traces.await(id(root), NOT_AT_ALL);
		assertThat(trace.complete()).isTrue();
		assertThat(trace.spans()).extracting(SpanView::name).containsExactly("root");
	}

	@Test
	void takenTraceIsKeptNoLonger() {
		Span root = root("root");
		this.traces.await(id(root), NOT_AT_ALL);
		child("late", root).end();
		root.end();
		assertThat(this.traces.await(id(root), NOT_AT_ALL).spans()).isEmpty();
	}

	@Test
	void traceThatIsNotAwaitedIsNotKept() {
		Span root = this.tracer.spanBuilder("request of the page").setNoParent().startSpan();
		root.end();
		assertThat(this.traces.await(id(root), NOT_AT_ALL))
			.isEqualTo(new TraceView(id(root), false, List.of(), List.of()));
	}

	@Test
	void traceOfTooManySpansIsCutAndNotComplete() {
		Span root = root("root");
		for (int i = 0; i < ScenarioTraces.MAX_SPANS; i++) {
			child("child", root).end();
		}
		root.end();
		TraceView trace = this.traces.await(id(root), NOT_AT_ALL);
		assertThat(trace.spans()).hasSize(ScenarioTraces.MAX_SPANS);
		assertThat(trace.complete()).isFalse();
	}

	private Span root(String name) {
		Span root = this.tracer.spanBuilder(name).setNoParent().startSpan();
		this.traces.keep(id(root));
		return root;
	}

	private Span child(String name, Span parent) {
		return this.tracer.spanBuilder(name).setParent(Context.root().with(parent)).startSpan();
	}

	private static String id(Span span) {
		return span.getSpanContext().getTraceId();
	}

}
