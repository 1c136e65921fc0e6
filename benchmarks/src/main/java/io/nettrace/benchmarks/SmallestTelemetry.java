package io.nettrace.benchmarks;

import java.util.concurrent.TimeUnit;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.Tracer;
import org.jspecify.annotations.Nullable;

/**
 * The least that telemetry of a lookup and a connect can be: two timers that are held and
 * two spans without a parent, all written at one point of the request, without hooks in
 * the lookup or the connect. No instrumentation that does this work can cost less.
 */
final class SmallestTelemetry {

	private static final AttributeKey<String> HOST = AttributeKey.stringKey("server.address");

	private static final AttributeKey<String> PEER = AttributeKey.stringKey("network.peer.address");

	private static final AttributeKey<Long> ATTEMPT = AttributeKey.longKey("attempt");

	private final Timer lookups;

	private final Timer connects;

	private final @Nullable Tracer tracer;

	SmallestTelemetry(Application application) {
		MeterRegistry registry = application.bean(MeterRegistry.class);
		this.lookups = registry.timer("smallest.lookup", "server.address", "localhost", "error.type", "none");
		this.connects = registry.timer("smallest.connect", "server.address", "localhost", "error.type", "none");
		this.tracer = application.beanIfThere(Tracer.class);
	}

	void write() {
		write("DNS lookup", this.lookups);
		write("socket connect", this.connects);
	}

	private void write(String name, Timer timer) {
		long start = System.nanoTime();
		if (this.tracer != null) {
			Span span = this.tracer.spanBuilder(name).setNoParent().startSpan();
			span.setAttribute(HOST, "localhost").setAttribute(PEER, "127.0.0.1").setAttribute(ATTEMPT, 1L).end();
		}
		timer.record(System.nanoTime() - start, TimeUnit.NANOSECONDS);
	}

}
