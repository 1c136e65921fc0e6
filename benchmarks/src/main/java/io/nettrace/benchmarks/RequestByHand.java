package io.nettrace.benchmarks;

import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.observation.Observation;
import io.micrometer.observation.contextpropagation.ObservationThreadLocalAccessor;
import io.micrometer.tracing.handler.TracingObservationHandler.TracingContext;
import io.micrometer.tracing.otel.bridge.OtelSpan;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.Tracer;
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
 * Everything that a request with nettrace leaves behind, written at one point of the
 * request: its record, the timers of its phases, and for each step that has one a span
 * and a timer; with {@link EveryHook}, its timers too. It invents what it writes, and
 * follows nothing. No instrumentation that shows as much can cost less.
 */
final class RequestByHand implements ExecChainHandler, ExchangeFilterFunction {

	/**
	 * Queue, send, wait and receive, and the time in queue once more.
	 */
	private static final int TIMERS = 5;

	/**
	 * Queue, send, wait and receive.
	 */
	private static final int TIMERS_OF_THE_APPLICATION = 4;

	private final RecordByHand record = new RecordByHand();

	private final List<Timer> timers;

	private final Tracer tracer;

	private final List<StepByHand> steps;

	/**
	 * Prepare what is written.
	 * @param application where to
	 * @param steps the steps of a request that have a span
	 * @param everyHook whether the application has timers too
	 */
	RequestByHand(Application application, List<StepByHand> steps, boolean everyHook) {
		this.timers = timers(application.bean(MeterRegistry.class),
				TIMERS + steps.size() + (everyHook ? TIMERS_OF_THE_APPLICATION + steps.size() : 0));
		this.tracer = application.bean(Tracer.class);
		this.steps = steps;
	}

	private static List<Timer> timers(MeterRegistry registry, int count) {
		return IntStream.range(0, count)
			.mapToObj((number) -> registry.timer("request.by.hand", "server.address", "localhost", "nettrace.client",
					"by-hand", "number", Integer.toString(number)))
			.toList();
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
		for (Timer timer : this.timers) {
			timer.record(ended - started, TimeUnit.NANOSECONDS);
		}
		for (StepByHand step : this.steps) {
			step.write(this.tracer, request);
		}
	}

}
