package io.nettrace.autoconfigure;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.observation.contextpropagation.ObservationThreadLocalAccessor;
import io.micrometer.observation.tck.TestObservationRegistry;
import io.nettrace.NetTraceContext;
import io.nettrace.NetTraceContextAccessor;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
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
import org.springframework.web.reactive.function.client.ClientRequest;
import org.springframework.web.reactive.function.client.ExchangeStrategies;
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

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void handlerThatThrowsChangesNothingAndLeavesNothingBound(boolean opened) {
		this.registry.observationConfig().observationHandler(new ThrowingHandler(opened));
		this.contextRunner.run((context) -> {
			WebClient client = context.getBean(WebClient.Builder.class).build();
			Calls.withContext(this.bound,
					() -> client.get().uri("http://a.test/").retrieve().toBodilessEntity().block());
			assertThat(this.nativeClient.sent).extracting(Sent::context).containsExactly(this.bound);
			assertThat(this.registry.getCurrentObservationScope()).isNull();
			assertThat(NetTraceContext.current()).isSameAs(NetTraceContext.empty());
		});
	}

	/**
	 * An observation's key is Spring's own affair.
	 */
	@Test
	void somethingElseUnderTheKeyOfReactorsContextChangesNothing() {
		this.contextRunner.run((context) -> {
			WebClient client = context.getBean(WebClient.Builder.class).build();
			client.get()
				.uri("http://a.test/")
				.retrieve()
				.toBodilessEntity()
				.contextWrite((written) -> written.put(NetTraceContextAccessor.KEY, "a context?"))
				.block();
			assertThat(this.nativeClient.sent)
				.containsExactly(new Sent("http.client.requests", NetTraceContext.empty(), true));
		});
	}

	@Test
	void requestForwardsAllMethodsThatSpringHas() throws ReflectiveOperationException {
		assertThat(CallScopeFilter.ScopedRequest.forwardsAll(ClientRequest.class)).isTrue();
		ClientRequest request = ClientRequest.create(HttpMethod.GET, URI.create("http://a.test/"))
			.httpRequest((nativeRequest) -> {
			})
			.build();
		ClientRequest scoped = new CallScopeFilter.ScopedRequest(request);
		for (Method method : ClientRequest.class.getMethods()) {
			if (!Modifier.isStatic(method.getModifiers()) && method.getParameterCount() == 0
					&& !method.getName().equals("body")) {
				assertThat(method.invoke(scoped)).as(method.getName()).isEqualTo(method.invoke(request));
			}
		}
	}

	@Test
	void requestIsCopiedIfSpringHasMore() {
		assertThat(CallScopeFilter.ScopedRequest.forwardsAll(NewerClientRequest.class)).isFalse();
		ClientRequest request = ClientRequest.create(HttpMethod.GET, URI.create("http://a.test/"))
			.header("a", "b")
			.cookie("c", "d")
			.attribute("e", "f")
			.build();
		ClientRequest copy = CallScopeFilter.ScopedRequest.copy(request);
		assertThat(copy).isNotInstanceOf(CallScopeFilter.ScopedRequest.class);
		assertThat(copy.method()).isEqualTo(request.method());
		assertThat(copy.url()).isEqualTo(request.url());
		assertThat(copy.headers()).isEqualTo(request.headers());
		assertThat(copy.cookies()).isEqualTo(request.cookies());
		assertThat(copy.attributes()).isEqualTo(request.attributes());
		Observation observation = Observation.start("call", this.registry);
		List<@Nullable Observation> current = new ArrayList<>();
		copy.writeTo(new MockClientHttpRequest(HttpMethod.GET, request.url()), ExchangeStrategies.withDefaults())
			.doOnSuccess((done) -> current.add(this.registry.getCurrentObservation()))
			.contextWrite((context) -> context.put(ObservationThreadLocalAccessor.KEY, observation))
			.block();
		observation.stop();
		assertThat(current).containsExactly(observation);
	}

	@Test
	void doesNothingIfNetTraceIsDisabled() {
		this.contextRunner.withPropertyValues("nettrace.enabled=false")
			.run((context) -> assertThat(context).hasNotFailed()
				.doesNotHaveBean(WebClientNetTraceAutoConfiguration.class));
	}

	/**
	 * What Spring may add one day.
	 */
	interface NewerClientRequest extends ClientRequest {

		default String added() {
			return "";
		}

	}

	/**
	 * Throws on scopes.
	 */
	private record ThrowingHandler(boolean opened) implements ObservationHandler<Observation.Context> {

		@Override
		public void onScopeOpened(Observation.Context context) {
			if (this.opened) {
				throw new IllegalStateException("opened");
			}
		}

		@Override
		public void onScopeClosed(Observation.Context context) {
			if (!this.opened) {
				throw new IllegalStateException("closed");
			}
		}

		@Override
		public boolean supportsContext(Observation.Context context) {
			return true;
		}

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
