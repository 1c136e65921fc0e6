package io.nettrace.demo;

import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.tracing.Tracer;

import org.springframework.beans.factory.DisposableBean;
import org.springframework.boot.http.client.ClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.HttpClientSettings;
import org.springframework.http.client.ClientHttpRequestFactory;
import org.springframework.stereotype.Component;
import org.springframework.web.client.RestClient;

/**
 * Runs a scenario and waits for its trace.
 */
@Component
final class ScenarioRunner {

	private static final Duration PATIENCE = Duration.ofSeconds(10);

	private final ClientHttpRequestFactoryBuilder<?> pools;

	private final HttpClientSettings settings;

	private final RestClient.Builder clients;

	private final ObservationRegistry observations;

	private final Tracer tracer;

	private final RecentTraces traces;

	private final Targets targets;

	ScenarioRunner(ClientHttpRequestFactoryBuilder<?> pools, HttpClientSettings settings, RestClient.Builder clients,
			ObservationRegistry observations, Tracer tracer, RecentTraces traces, Targets targets) {
		this.pools = pools;
		this.settings = settings;
		this.clients = clients;
		this.observations = observations;
		this.tracer = tracer;
		this.traces = traces;
		this.targets = targets;
	}

	/**
	 * Run a scenario. It gets a thread of its own, because on the caller's thread the
	 * span of the page's request is current, and the scenario's would be its child.
	 * @param scenario what to run
	 * @return its trace
	 */
	TraceView run(Scenario scenario) {
		CompletableFuture<String> traceId = new CompletableFuture<>();
		Thread thread = new Thread(() -> observe(scenario, traceId), "scenario-" + scenario.name());
		thread.setDaemon(true);
		thread.start();
		return this.traces.await(traceId.join(), PATIENCE);
	}

	private void observe(Scenario scenario, CompletableFuture<String> traceId) {
		try {
			Observation.createNotStarted("scenario", this.observations)
				.contextualName("scenario " + scenario.name())
				.lowCardinalityKeyValue("scenario.name", scenario.name())
				.observe(() -> {
					traceId.complete(Objects.requireNonNull(this.tracer.currentSpan()).context().traceId());
					sendRequests(scenario);
				});
		}
		catch (RuntimeException failure) {
			// The trace shows it, unless there is none
			traceId.completeExceptionally(failure);
		}
	}

	private void sendRequests(Scenario scenario) {
		// A connection pool of its own, so that the first request has to connect
		ClientHttpRequestFactory pool = this.pools.build(this.settings);
		try {
			RestClient client = this.clients.clone().requestFactory(pool).build();
			for (int i = 0; i < scenario.requests(); i++) {
				client.get()
					.uri("http://{host}:{port}" + TargetController.PATH, scenario.host(), this.targets.port())
					.retrieve()
					.toBodilessEntity();
			}
		}
		finally {
			close(pool);
		}
	}

	private static void close(ClientHttpRequestFactory pool) {
		try {
			((DisposableBean) pool).destroy();
		}
		catch (Exception ex) {
			throw new IllegalStateException(ex);
		}
	}

}
