package io.nettrace.demo;

import java.time.Duration;
import java.util.ArrayList;
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
 * Tests for {@link RecentTraces}.
 */
class RecentTracesTests {

	private static final Duration NOT_AT_ALL = Duration.ZERO;

	private static final Duration LONG = Duration.ofSeconds(20);

	private final StaticListableBeanFactory beans = new StaticListableBeanFactory();

	private final RecentTraces traces;

	private final SdkTracerProvider provider;

	private final Tracer tracer;

	RecentTracesTests() {
		SpanExportingPredicate notHidden = (span) -> !span.getName().equals("hidden");
		this.beans.addBean("notHidden", notHidden);
		this.traces = new RecentTraces(this.beans.getBeanProvider(SpanExportingPredicate.class),
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
		TraceView before = this.traces.await(id(root), NOT_AT_ALL);
		assertThat(before.complete()).isFalse();
		assertThat(before.spans()).extracting(SpanView::name).containsExactly("root");
		child.end();
		TraceView after = this.traces.await(id(root), NOT_AT_ALL);
		assertThat(after.complete()).isTrue();
		assertThat(after.spans()).extracting(SpanView::name).containsExactly("root", "child");
		assertThat(after.spans()).extracting(SpanView::parentId)
			.containsExactly(null, root.getSpanContext().getSpanId());
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
	void keepsTheLastTracesOnly() {
		List<Span> roots = new ArrayList<>();
		for (int i = 0; i <= RecentTraces.MAX_TRACES; i++) {
			Span root = root("root " + i);
			root.end();
			roots.add(root);
		}
		assertThat(this.traces.await(id(roots.get(0)), LONG))
			.isEqualTo(new TraceView(id(roots.get(0)), false, List.of()));
		assertThat(roots.subList(1, roots.size()))
			.allSatisfy((root) -> assertThat(this.traces.await(id(root), LONG).complete()).isTrue());
	}

	@Test
	void traceThatBeganElsewhereIsNotKept() {
		SpanContext remote = SpanContext.createFromRemoteParent("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331",
				TraceFlags.getSampled(), TraceState.getDefault());
		Span span = child("span", Span.wrap(remote));
		span.end();
		assertThat(this.traces.await(id(span), LONG).spans()).isEmpty();
	}

	private Span root(String name) {
		return this.tracer.spanBuilder(name).setNoParent().startSpan();
	}

	private Span child(String name, Span parent) {
		return this.tracer.spanBuilder(name).setParent(Context.root().with(parent)).startSpan();
	}

	private static String id(Span span) {
		return span.getSpanContext().getTraceId();
	}

}
