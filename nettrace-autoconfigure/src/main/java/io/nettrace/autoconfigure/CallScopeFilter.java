package io.nettrace.autoconfigure;

import io.micrometer.observation.Observation;
import io.micrometer.observation.contextpropagation.ObservationThreadLocalAccessor;
import io.nettrace.NetTraceContext;
import io.nettrace.NetTraceContextAccessor;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import org.springframework.web.reactive.function.client.ClientRequest;
import org.springframework.web.reactive.function.client.ClientResponse;
import org.springframework.web.reactive.function.client.ExchangeFilterFunction;
import org.springframework.web.reactive.function.client.ExchangeFunction;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;
import reactor.util.context.ContextView;

/**
 * The innermost filter: binds what is in Reactor's context, WebClient's observation and a
 * {@link NetTraceContext}, to the thread that starts the native request. HttpComponents,
 * Jetty and the JDK's client know nothing of Reactor's context, and by default
 * ({@code spring.reactor.context-propagation=limited}) nobody else binds it.
 * <p>
 * The native request starts either where the exchange is subscribed to or where the
 * request body is complete, so both are covered.
 */
final class CallScopeFilter implements ExchangeFilterFunction {

	@Override
	public Mono<ClientResponse> filter(ClientRequest request, ExchangeFunction next) {
		return Mono.deferContextual((context) -> {
			CallScope scope = CallScope.from(context);
			if (scope == null) {
				return next.exchange(request);
			}
			ClientRequest scoped = ClientRequest.from(request)
				.body((output, inserterContext) -> request.body()
					.insert(output, inserterContext)
					.transform(Operators.<Void, Void>lift((source, actual) -> new CompletingInScope<>(actual, scope))))
				.build();
			return Mono.fromDirect((subscriber) -> scope.run(() -> next.exchange(scoped).subscribe(subscriber)));
		});
	}

	/**
	 * What to bind to a thread.
	 */
	private record CallScope(@Nullable Observation observation, @Nullable NetTraceContext netTraceContext) {

		static @Nullable CallScope from(ContextView context) {
			Observation observation = context.getOrDefault(ObservationThreadLocalAccessor.KEY, null);
			NetTraceContext netTraceContext = context.getOrDefault(NetTraceContextAccessor.KEY, null);
			return (observation != null || netTraceContext != null) ? new CallScope(observation, netTraceContext)
					: null;
		}

		void run(Runnable action) {
			Observation.Scope outer = (this.observation != null) ? this.observation.openScope() : null;
			NetTraceContext.Scope inner = (this.netTraceContext != null) ? this.netTraceContext.open() : null;
			try {
				action.run();
			}
			finally {
				if (inner != null) {
					inner.close();
				}
				if (outer != null) {
					outer.close();
				}
			}
		}

	}

	/**
	 * The native request starts when the body is complete.
	 */
	private record CompletingInScope<T>(CoreSubscriber<? super T> actual,
			CallScope scope) implements CoreSubscriber<T> {

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
			this.scope.run(this.actual::onComplete);
		}

	}

}
