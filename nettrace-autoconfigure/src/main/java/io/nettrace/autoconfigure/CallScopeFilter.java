package io.nettrace.autoconfigure;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.net.URI;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;

import io.micrometer.observation.Observation;
import io.micrometer.observation.contextpropagation.ObservationThreadLocalAccessor;
import io.nettrace.NetTraceContext;
import io.nettrace.NetTraceContextAccessor;
import io.nettrace.client.ObservationScopes;
import io.nettrace.instrument.OptionalType;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.client.reactive.ClientHttpRequest;
import org.springframework.util.MultiValueMap;
import org.springframework.util.ReflectionUtils;
import org.springframework.web.reactive.function.BodyInserter;
import org.springframework.web.reactive.function.client.ClientRequest;
import org.springframework.web.reactive.function.client.ClientResponse;
import org.springframework.web.reactive.function.client.ExchangeFilterFunction;
import org.springframework.web.reactive.function.client.ExchangeFunction;
import org.springframework.web.reactive.function.client.ExchangeStrategies;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;
import reactor.util.context.ContextView;

/**
 * The innermost filter: binds WebClient's observation and the {@link NetTraceContext} of
 * Reactor's context to the thread that starts the native request. HttpComponents, Jetty
 * and the JDK's client do not read Reactor's context, and by default ({@code
 * spring.reactor.context-propagation=limited}) nothing else binds it. On these clients
 * the native request starts when the request's body is complete.
 * <p>
 * On Reactor Netty it starts earlier, when the exchange is subscribed to, and reads
 * Reactor's context itself if context-propagation is present. Binding the context anyway
 * would cost more than everything else on a pooled connection. The exception is the
 * OpenTelemetry Java agent, which creates a span there and reads only the thread's
 * context.
 */
final class CallScopeFilter implements ExchangeFilterFunction {

	private static final boolean SUBSCRIBES_IN_SCOPE = !OptionalType.CONTEXT_SNAPSHOT_FACTORY.isPresent()
			|| OptionalType.OPENTELEMETRY_AGENT.isPresent();

	@Override
	public Mono<ClientResponse> filter(ClientRequest request, ExchangeFunction next) {
		ClientRequest scoped = ScopedRequest.of(request);
		if (!SUBSCRIBES_IN_SCOPE) {
			return next.exchange(scoped);
		}
		return Mono.deferContextual((context) -> Mono.fromDirect(
				(subscriber) -> CallScope.from(context).run(() -> next.exchange(scoped).subscribe(subscriber))));
	}

	/**
	 * What is bound to a thread.
	 */
	private record CallScope(@Nullable Observation observation, @Nullable NetTraceContext netTraceContext) {

		static CallScope from(ContextView context) {
			Object observation = context.getOrDefault(ObservationThreadLocalAccessor.KEY, null);
			Object netTraceContext = context.getOrDefault(NetTraceContextAccessor.KEY, null);
			return new CallScope((observation instanceof Observation found) ? found : null,
					(netTraceContext instanceof NetTraceContext found) ? found : null);
		}

		void run(Runnable action) {
			Observation.Scope outer = (this.observation != null) ? ObservationScopes.open(this.observation) : null;
			NetTraceContext.Scope inner = (this.netTraceContext != null) ? this.netTraceContext.open() : null;
			try {
				action.run();
			}
			finally {
				if (inner != null) {
					inner.close();
				}
				ObservationScopes.close(outer);
			}
		}

	}

	/**
	 * A request whose body is completed in a scope. A copy would work too, but costs four
	 * times as much.
	 */
	record ScopedRequest(ClientRequest delegate) implements ClientRequest {

		private static final boolean FORWARDS_ALL = forwardsAll(ClientRequest.class);

		static ClientRequest of(ClientRequest request) {
			return FORWARDS_ALL ? new ScopedRequest(request) : copy(request);
		}

		/**
		 * A method that Spring adds to the interface later would not be delegated.
		 */
		static boolean forwardsAll(Class<? extends ClientRequest> type) {
			return Stream.of(type.getMethods())
				.filter((method) -> !Modifier.isStatic(method.getModifiers()))
				.allMatch(ScopedRequest::isDeclared);
		}

		private static boolean isDeclared(Method method) {
			Method own = ReflectionUtils.findMethod(ScopedRequest.class, method.getName(), method.getParameterTypes());
			return own != null && own.getDeclaringClass() == ScopedRequest.class;
		}

		static ClientRequest copy(ClientRequest request) {
			return ClientRequest.from(request).body(new ScopedRequest(request).body()).build();
		}

		private static final String REACTOR_NETTY_REQUEST = "org.springframework.http.client.reactive.ReactorClientHttpRequest";

		@Override
		public HttpMethod method() {
			return this.delegate.method();
		}

		@Override
		public URI url() {
			return this.delegate.url();
		}

		@Override
		public HttpHeaders headers() {
			return this.delegate.headers();
		}

		@Override
		public MultiValueMap<String, String> cookies() {
			return this.delegate.cookies();
		}

		/**
		 * For code that copies this request anyway.
		 */
		@Override
		public BodyInserter<?, ? super ClientHttpRequest> body() {
			return (output, context) -> completeInScope(this.delegate.body().insert(output, context));
		}

		@Override
		public Map<String, Object> attributes() {
			return this.delegate.attributes();
		}

		@Override
		public Optional<Object> attribute(String name) {
			return this.delegate.attribute(name);
		}

		@Override
		public @Nullable Consumer<ClientHttpRequest> httpRequest() {
			return this.delegate.httpRequest();
		}

		@Override
		public String logPrefix() {
			return this.delegate.logPrefix();
		}

		@Override
		public Mono<Void> writeTo(ClientHttpRequest request, ExchangeStrategies strategies) {
			Mono<Void> written = this.delegate.writeTo(request, strategies);
			return isReactorNetty(request) ? written : completeInScope(written);
		}

		/**
		 * By name, because the class cannot be loaded without Reactor Netty.
		 */
		private static boolean isReactorNetty(ClientHttpRequest request) {
			return request.getClass().getName().equals(REACTOR_NETTY_REQUEST);
		}

		private static Mono<Void> completeInScope(Mono<Void> body) {
			return body.transform(Operators.<Void, Void>lift((source, actual) -> new CompletingInScope<>(actual)));
		}

	}

	/**
	 * The native request starts when the body is complete.
	 */
	private record CompletingInScope<T>(CoreSubscriber<? super T> actual) implements CoreSubscriber<T> {

		@Override
		public Context currentContext() {
			return this.actual.currentContext();
		}

		@Override
		public void onSubscribe(Subscription subscription) {
			this.actual.onSubscribe(subscription);
		}

		@Override
		public void onNext(T value) {
			this.actual.onNext(value);
		}

		@Override
		public void onError(Throwable failure) {
			this.actual.onError(failure);
		}

		@Override
		public void onComplete() {
			CallScope.from(currentContext()).run(this.actual::onComplete);
		}

	}

}
