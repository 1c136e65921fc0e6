package io.nettrace.benchmarks;

import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.observation.Observation;
import io.micrometer.observation.contextpropagation.ObservationThreadLocalAccessor;
import io.micrometer.tracing.handler.TracingObservationHandler.TracingContext;
import io.micrometer.tracing.otel.bridge.OtelSpan;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import org.apache.hc.client5.http.classic.ExecChain;
import org.apache.hc.client5.http.classic.ExecChainHandler;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpException;
import reactor.core.publisher.Mono;
import reactor.util.context.ContextView;

import org.springframework.web.reactive.function.client.ClientRequest;
import org.springframework.web.reactive.function.client.ClientResponse;
import org.springframework.web.reactive.function.client.ExchangeFilterFunction;
import org.springframework.web.reactive.function.client.ExchangeFunction;

/**
 * Everything that a request with nettrace and {@link EveryHook} leaves behind, written at
 * one point of the request: its record, the timers of its phases, those of the
 * application, and for each step that has one a span and two timers. It invents what it
 * writes, and follows nothing. No instrumentation that shows as much can cost less.
 */
final class RequestByHand implements ExecChainHandler, ExchangeFilterFunction {

	/**
	 * Queue, send, wait and receive, the time in queue once more, and what the
	 * application times.
	 */
	private static final int TIMERS = 9;

	private static final AttributeKey<String> HOST = AttributeKey.stringKey("server.address");

	private static final AttributeKey<String> PEER = AttributeKey.stringKey("network.peer.address");

	private static final AttributeKey<String> CLIENT = AttributeKey.stringKey("nettrace.client");

	private static final AttributeKey<String> OUTCOME = AttributeKey.stringKey("outcome");

	private static final AttributeKey<Long> NUMBER = AttributeKey.longKey("number");

	private final RecordByHand record = new RecordByHand();

	private final List<Timer> timers;

	private final List<Timer> stepTimers;

	private final Tracer tracer;

	private final int steps;

	/**
	 * Prepare what is written.
	 * @param application where to
	 * @param steps how many steps of a request have a span
	 */
	RequestByHand(Application application, int steps) {
		MeterRegistry registry = application.bean(MeterRegistry.class);
		this.timers = timers(registry, "request.by.hand", TIMERS).toList();
		this.stepTimers = timers(registry, "step.by.hand", 2 * steps).toList();
		this.tracer = application.bean(Tracer.class);
		this.steps = steps;
	}

	private static Stream<Timer> timers(MeterRegistry registry, String name, int count) {
		return IntStream.range(0, count)
			.mapToObj((number) -> registry.timer(name, "server.address", "localhost", "nettrace.client", "by-hand",
					"number", Integer.toString(number)));
	}

	@Override
	public ClassicHttpResponse execute(ClassicHttpRequest request, ExecChain.Scope scope, ExecChain chain)
			throws IOException, HttpException {
		long started = System.nanoTime();
		ClassicHttpResponse response = chain.proceed(request, scope);
		write(Span.current(), started);
		return response;
	}

	@Override
	public Mono<ClientResponse> filter(ClientRequest request, ExchangeFunction next) {
		return Mono.deferContextual((context) -> {
			long started = System.nanoTime();
			return next.exchange(request).doOnNext((response) -> write(span(context), started));
		});
	}

	private static Span span(ContextView context) {
		Observation observation = context.get(ObservationThreadLocalAccessor.KEY);
		TracingContext tracing = observation.getContextView().getRequired(TracingContext.class);
		return OtelSpan.toOtel(Objects.requireNonNull(tracing.getSpan()));
	}

	private void write(Span request, long started) {
		long ended = System.nanoTime();
		this.record.write(request, started, ended);
		record(this.timers, ended - started);
		record(this.stepTimers, ended - started);
		for (int step = 0; step < this.steps; step++) {
			this.tracer.spanBuilder("step")
				.setParent(Context.root().with(request))
				.startSpan()
				.setAttribute(HOST, "localhost")
				.setAttribute(PEER, "127.0.0.1")
				.setAttribute(CLIENT, "by-hand")
				.setAttribute(OUTCOME, "success")
				.setAttribute(NUMBER, step)
				.end();
		}
	}

	private static void record(List<Timer> timers, long nanos) {
		for (Timer timer : timers) {
			timer.record(nanos, TimeUnit.NANOSECONDS);
		}
	}

}
