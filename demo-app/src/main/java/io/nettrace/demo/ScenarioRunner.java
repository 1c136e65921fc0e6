package io.nettrace.demo;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.locks.LockSupport;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.tracing.Tracer;

import org.springframework.stereotype.Component;

/**
 * Runs a scenario and waits for its trace.
 */
@Component
final class ScenarioRunner {

	private static final Duration PATIENCE = Duration.ofSeconds(25);

	private final ObservationRegistry observations;

	private final Tracer tracer;

	private final ScenarioTraces traces;

	private final ScenarioRequests requests;

	private final Targets targets;

	private final Pools pools;

	ScenarioRunner(ObservationRegistry observations, Tracer tracer, ScenarioTraces traces, ScenarioRequests requests,
			Targets targets, Pools pools) {
		this.observations = observations;
		this.tracer = tracer;
		this.traces = traces;
		this.requests = requests;
		this.targets = targets;
		this.pools = pools;
	}

	/**
	 * Run a scenario. It runs on a thread of its own, because on the caller's thread the
	 * span of the page's request is current and would become its parent.
	 * @param scenario what to run
	 * @param callers makes what sends the requests
	 * @return its trace
	 */
	TraceView run(Scenario scenario, Caller.Factory callers) {
		CompletableFuture<String> traceId = new CompletableFuture<>();
		start("scenario-" + scenario.name(), () -> observe(scenario, callers, traceId));
		TraceView trace = this.traces.await(traceId.join(), PATIENCE);
		return trace.with(this.requests.await(trace));
	}

	/**
	 * The client is built before the scenario begins.
	 */
	private void observe(Scenario scenario, Caller.Factory callers, CompletableFuture<String> traceId) {
		Observation observation = Observation.createNotStarted("scenario", this.observations)
			.contextualName("scenario " + scenario.name())
			.lowCardinalityKeyValue("scenario.name", scenario.name())
			.lowCardinalityKeyValue("scenario.client", callers.client());
		try {
			Caller caller = this.pools.open(callers, scenario.client());
			observation.observe(() -> {
				String trace = Objects.requireNonNull(this.tracer.currentSpan()).context().traceId();
				this.traces.keep(trace);
				traceId.complete(trace);
				sendRequests(scenario, caller, observation);
			});
		}
		catch (RuntimeException failure) {
			// the trace shows the failure, unless there is no trace
			traceId.completeExceptionally(failure);
		}
	}

	private void sendRequests(Scenario scenario, Caller caller, Observation observation) {
		Scenario.Requests requests = scenario.requests();
		List<String> urls = requests.paths().stream().map((path) -> this.targets.url(scenario, path)).toList();
		if (requests.atOnce()) {
			urls.stream()
				.map((url) -> CompletableFuture.runAsync(() -> observation.scoped(() -> caller.get(url)),
						(task) -> start("request", task)))
				.toList()
				.forEach(ScenarioRunner::join);
			return;
		}
		caller.get(urls.get(0));
		for (String url : urls.subList(1, urls.size())) {
			LockSupport.parkNanos(requests.pause().toNanos());
			caller.get(url);
		}
	}

	private static void start(String name, Runnable task) {
		Thread thread = new Thread(task, name);
		thread.setDaemon(true);
		thread.start();
	}

	private static void join(CompletableFuture<Void> request) {
		try {
			request.join();
		}
		catch (CompletionException ex) {
			throw (ex.getCause() instanceof RuntimeException failure) ? failure : ex;
		}
	}

}
