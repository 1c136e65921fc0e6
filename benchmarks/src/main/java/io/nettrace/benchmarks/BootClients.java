package io.nettrace.benchmarks;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.function.Function;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.observation.ObservationHandler.FirstMatchingCompositeObservationHandler;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.tracing.Tracer;
import io.micrometer.tracing.handler.DefaultTracingObservationHandler;
import io.nettrace.client.httpcomponents.NetTraceHttpComponentsAsync;
import io.nettrace.client.jetty.NetTraceJetty;
import io.nettrace.client.reactor.NetTraceReactorNetty;
import org.apache.hc.client5.http.SystemDefaultDnsResolver;
import org.apache.hc.client5.http.impl.async.CloseableHttpAsyncClient;
import org.apache.hc.client5.http.impl.async.HttpAsyncClients;
import org.apache.hc.client5.http.observation.HttpClientObservationSupport;
import org.apache.hc.client5.http.observation.MetricConfig;
import org.apache.hc.client5.http.observation.ObservingOptions;
import org.apache.hc.client5.http.observation.impl.MeteredDnsResolver;
import org.springframework.boot.http.client.ClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.HttpClientSettings;
import org.springframework.boot.http.client.HttpComponentsClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.reactive.ClientHttpConnectorBuilder;
import org.springframework.boot.http.client.reactive.ReactorClientHttpConnectorBuilder;
import org.springframework.http.client.ReactorResourceFactory;
import org.springframework.web.client.RestClient;
import org.springframework.web.reactive.function.client.WebClient;
import reactor.netty.Metrics;
import reactor.netty.http.client.HttpClient;
import reactor.netty.observability.ReactorNettyTracingObservationHandler;

/**
 * The clients of an application that has nettrace: with it, without it, and with a peer
 * in its place. There is one application, because Boot's tracing tells every application
 * about the scopes of all.
 */
final class BootClients {

	private final Application application;

	BootClients(Application application) {
		this.application = application;
	}

	RestClient restWithNetTrace() {
		return this.application.bean(RestClient.Builder.class).build();
	}

	RestClient rest() {
		return rest(ClientHttpRequestFactoryBuilder.httpComponents());
	}

	private RestClient rest(HttpComponentsClientHttpRequestFactoryBuilder builder) {
		NarrowPool pool = this.application.beanIfThere(NarrowPool.class);
		return this.application.bean(RestClient.Builder.class)
			.requestFactory(((pool != null) ? pool.customize(builder) : builder)
				.build(this.application.bean(HttpClientSettings.class)))
			.build();
	}

	/**
	 * With everything that httpclient5-observation has. Its resolver has to be set by
	 * hand.
	 */
	RestClient restWithHttpComponentsObservation() {
		ObservingOptions options = ObservingOptions.builder().metrics(ObservingOptions.allMetricSets()).build();
		MeterRegistry meters = this.application.bean(MeterRegistry.class);
		ObservationRegistry observations = this.application.bean(ObservationRegistry.class);
		return rest(ClientHttpRequestFactoryBuilder.httpComponents()
			.withConnectionManagerCustomizer((manager) -> manager.setDnsResolver(
					new MeteredDnsResolver(SystemDefaultDnsResolver.INSTANCE, meters, MetricConfig.DEFAULT, options)))
			.withHttpClientCustomizer((client) -> HttpClientObservationSupport.enable(client, observations, meters,
					options, MetricConfig.DEFAULT)));
	}

	/**
	 * Written where a name is looked up, once for each new connection.
	 */
	RestClient restWithSmallestTelemetry() {
		SmallestTelemetry telemetry = new SmallestTelemetry(this.application);
		return rest(ClientHttpRequestFactoryBuilder.httpComponents()
			.withConnectionManagerCustomizer((manager) -> manager.setDnsResolver(new SystemDefaultDnsResolver() {

				@Override
				public InetAddress[] resolve(String host) throws UnknownHostException {
					telemetry.write();
					return super.resolve(host);
				}

			})));
	}

	/**
	 * With the attributes and the link of a request's record, and nothing to find them
	 * out.
	 */
	RestClient restWithRecordByHand() {
		return rest(ClientHttpRequestFactoryBuilder.httpComponents()
			.withHttpClientCustomizer((client) -> client.addExecInterceptorFirst("record", new RecordByHand())));
	}

	/**
	 * With everything that a request with nettrace leaves behind.
	 * @param steps as in {@link RequestByHand}
	 * @param everyHook as in {@link RequestByHand}
	 */
	RestClient restByHand(List<StepByHand> steps, boolean everyHook) {
		RequestByHand hand = new RequestByHand(this.application, steps, everyHook);
		return rest(ClientHttpRequestFactoryBuilder.httpComponents()
			.withHttpClientCustomizer((client) -> client.addExecInterceptorFirst("by hand", hand)));
	}

	/**
	 * With everything that a request with nettrace leaves behind.
	 * @param steps as in {@link RequestByHand}
	 * @param everyHook as in {@link RequestByHand}
	 */
	WebClient webByHand(List<StepByHand> steps, boolean everyHook) {
		return web().mutate().filter(new RequestByHand(this.application, steps, everyHook)).build();
	}

	WebClient webWithNetTrace() {
		return this.application.bean(WebClient.Builder.class).build();
	}

	WebClient web() {
		return web(ClientHttpConnectorBuilder.reactor());
	}

	/**
	 * With Boot's resources for Reactor Netty. Otherwise it would have its own resolver,
	 * with another event loop.
	 */
	private WebClient web(ReactorClientHttpConnectorBuilder builder) {
		return this.application.bean(WebClient.Builder.class)
			.filters((filters) -> filters
				.removeIf((filter) -> filter.getClass().getName().startsWith("io.nettrace.autoconfigure.")))
			.clientConnector(builder.withReactorResourceFactory(this.application.bean(ReactorResourceFactory.class))
				.build(this.application.bean(HttpClientSettings.class)))
			.build();
	}

	/**
	 * Written when a channel is made, once for each new connection.
	 */
	WebClient webWithSmallestTelemetry() {
		SmallestTelemetry telemetry = new SmallestTelemetry(this.application);
		return web(ClientHttpConnectorBuilder.reactor()
			.withHttpClientCustomizer(
					(client) -> client.doOnChannelInit((observer, channel, remote) -> telemetry.write())));
	}

	WebClient webWithReactorNettyMetrics() {
		return web(ClientHttpConnectorBuilder.reactor()
			.withHttpClientCustomizer((client) -> client.metrics(true, Function.identity())));
	}

	/**
	 * A client that is not Boot's.
	 */
	HttpClient reactorNettyWithNetTrace() {
		return this.application.bean(NetTraceReactorNetty.class).instrument(HttpClient.create());
	}

	/**
	 * A client that is not Boot's.
	 */
	CloseableHttpAsyncClient asyncWithNetTrace() {
		return this.application.bean(NetTraceHttpComponentsAsync.class).instrument(HttpAsyncClients.custom()).build();
	}

	/**
	 * A client that is not Boot's.
	 */
	org.eclipse.jetty.client.HttpClient jettyWithNetTrace() {
		return this.application.bean(NetTraceJetty.class).instrument(new org.eclipse.jetty.client.HttpClient());
	}

	/**
	 * Set the observations that Reactor Netty has for the whole JVM before each turn. As
	 * its manual has it they go to a registry of their own, to which it adds its timers.
	 */
	SentBy observedByReactorNetty(boolean tracing, SentBy client) {
		ObservationRegistry registry = ObservationRegistry.create();
		if (tracing) {
			Tracer tracer = this.application.bean(Tracer.class);
			registry.observationConfig()
				.observationHandler(
						new FirstMatchingCompositeObservationHandler(new ReactorNettyTracingObservationHandler(tracer),
								new DefaultTracingObservationHandler(tracer)));
		}
		return (path, requests) -> {
			Metrics.observationRegistry(registry);
			return client.send(path, requests);
		};
	}

}
