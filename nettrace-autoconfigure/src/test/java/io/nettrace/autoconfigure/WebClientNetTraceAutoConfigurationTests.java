package io.nettrace.autoconfigure;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.observation.tck.TestObservationRegistry;
import io.nettrace.NetTraceContext;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.webclient.autoconfigure.WebClientAutoConfiguration;
import org.springframework.boot.webclient.autoconfigure.WebClientObservationAutoConfiguration;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DefaultDataBufferFactory;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.http.client.reactive.ClientHttpConnector;
import org.springframework.http.client.reactive.ClientHttpRequest;
import org.springframework.http.client.reactive.ClientHttpResponse;
import org.springframework.mock.http.client.reactive.MockClientHttpRequest;
import org.springframework.mock.http.client.reactive.MockClientHttpResponse;
import org.springframework.web.reactive.function.client.WebClient;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Schedulers;

import static org.assertj.core.api.Assertions.assertThat;

class WebClientNetTraceAutoConfigurationTests {

	private final TestObservationRegistry registry = TestObservationRegistry.create();

	private final NativeClient nativeClient = new NativeClient(this.registry);

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(
				AutoConfigurations.of(WebClientAutoConfiguration.class, WebClientObservationAutoConfiguration.class,
						NetTraceAutoConfiguration.class, WebClientNetTraceAutoConfiguration.class))
		.withBean(ObservationRegistry.class, () -> this.registry)
		.withBean(ClientHttpConnector.class, () -> this.nativeClient);

	private final NetTraceContext bound = NetTraceContext.empty().withTrace(new RecordingNetTrace());

	@Test
	void bindsWhatBelongsToTheCallToTheThreadThatSends() {
		this.contextRunner.run((context) -> {
			WebClient client = context.getBean(WebClient.Builder.class).build();
			Calls.withContext(this.bound,
					() -> client.get().uri("http://a.test/").retrieve().toBodilessEntity().block());
			assertThat(this.nativeClient.sent).containsExactly(new Sent("http.client.requests", this.bound, true));
		});
	}

	@Test
	void bindsItToTheThreadThatCompletesTheBody() {
		this.contextRunner.run((context) -> {
			WebClient client = context.getBean(WebClient.Builder.class).build();
			Sinks.One<DataBuffer> body = Sinks.one();
			CompletableFuture<Object> response = new CompletableFuture<>();
			Calls.withContext(this.bound,
					() -> client.post()
						.uri("http://a.test/")
						.body((output, inserterContext) -> output.writeWith(body.asMono()))
						.retrieve()
						.toBodilessEntity()
						.subscribe(response::complete, response::completeExceptionally));
			assertThat(this.nativeClient.sent).isEmpty();
			Schedulers.single()
				.schedule(() -> body.tryEmitValue(
						DefaultDataBufferFactory.sharedInstance.wrap("body".getBytes(StandardCharsets.UTF_8))));
			response.join();
			assertThat(this.nativeClient.sent).containsExactly(new Sent("http.client.requests", this.bound, false));
		});
	}

	@Test
	void bindsItBehindAFilterThatGoesToAnotherThread() {
		this.contextRunner.run((context) -> {
			WebClient client = context.getBean(WebClient.Builder.class)
				.filters((filters) -> filters.add(1,
						(request, next) -> Mono.defer(() -> next.exchange(request)).subscribeOn(Schedulers.single())))
				.build();
			Calls.withContext(this.bound,
					() -> client.get().uri("http://a.test/").retrieve().toBodilessEntity().block());
			assertThat(this.nativeClient.sent).containsExactly(new Sent("http.client.requests", this.bound, false));
		});
	}

	@Test
	void leavesNothingBoundToTheThreadsItUsed() {
		this.contextRunner.run((context) -> {
			WebClient client = context.getBean(WebClient.Builder.class).build();
			client.get().uri("http://a.test/").retrieve().toBodilessEntity().block();
			assertThat(this.registry.getCurrentObservation()).isNull();
			assertThat(NetTraceContext.current()).isSameAs(NetTraceContext.empty());
		});
	}

	@Test
	void doesNothingIfNetTraceIsDisabled() {
		this.contextRunner.withPropertyValues("nettrace.enabled=false")
			.run((context) -> assertThat(context).hasNotFailed()
				.doesNotHaveBean(WebClientNetTraceAutoConfiguration.class));
	}

	/**
	 * What a native client finds bound to the thread on which it is asked to send.
	 *
	 * @param observation name of the current observation
	 * @param context the current context
	 * @param caller whether it is the caller's thread
	 */
	record Sent(@Nullable String observation, NetTraceContext context, boolean caller) {
	}

	/**
	 * Starts to send when the body is complete, as the connectors of HttpComponents,
	 * Jetty and the JDK do.
	 */
	private static final class NativeClient implements ClientHttpConnector {

		private final ObservationRegistry registry;

		private final Thread caller = Thread.currentThread();

		private final List<Sent> sent = new CopyOnWriteArrayList<>();

		NativeClient(ObservationRegistry registry) {
			this.registry = registry;
		}

		@Override
		public Mono<ClientHttpResponse> connect(HttpMethod method, URI uri,
				Function<? super ClientHttpRequest, Mono<Void>> requestCallback) {
			MockClientHttpRequest request = new MockClientHttpRequest(method, uri);
			request.setWriteHandler(Flux::then);
			return requestCallback.apply(request).then(Mono.fromSupplier(this::send));
		}

		private ClientHttpResponse send() {
			Observation observation = this.registry.getCurrentObservation();
			this.sent.add(new Sent((observation != null) ? observation.getContext().getName() : null,
					NetTraceContext.current(), Thread.currentThread() == this.caller));
			return new MockClientHttpResponse(HttpStatus.NO_CONTENT);
		}

	}

}
