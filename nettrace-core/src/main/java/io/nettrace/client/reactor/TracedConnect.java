package io.nettrace.client.reactor;

import io.nettrace.NetTracing;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;
import reactor.netty.Connection;
import reactor.util.context.Context;

/**
 * Gives each request that asks for a connection its {@link RequestTraces}, and tells them
 * when it is cancelled. One operator, because it is in the way of every request.
 */
final class TracedConnect extends Mono<Connection> {

	private final Mono<? extends Connection> connect;

	private final NetTracing tracing;

	private final NetTraceReactorNetty client;

	TracedConnect(Mono<? extends Connection> connect, NetTracing tracing, NetTraceReactorNetty client) {
		this.connect = connect;
		this.tracing = tracing;
		this.client = client;
	}

	@Override
	public void subscribe(CoreSubscriber<? super Connection> actual) {
		this.connect.subscribe(new RequestSubscriber(actual, this.tracing, this.client));
	}

	/**
	 * One object with the traces, because each request has it.
	 */
	private static final class RequestSubscriber extends RequestTraces
			implements CoreSubscriber<Connection>, Subscription {

		private final CoreSubscriber<? super Connection> actual;

		private final Context context;

		private @Nullable Subscription upstream;

		RequestSubscriber(CoreSubscriber<? super Connection> actual, NetTracing tracing, NetTraceReactorNetty client) {
			super(tracing, client, actual.currentContext());
			this.actual = actual;
			this.context = writeTo(actual.currentContext());
		}

		@Override
		public Context currentContext() {
			return this.context;
		}

		@Override
		public void onSubscribe(Subscription upstream) {
			this.upstream = upstream;
			this.actual.onSubscribe(this);
		}

		@Override
		public void onNext(Connection connection) {
			this.actual.onNext(connection);
		}

		@Override
		public void onError(Throwable failure) {
			this.actual.onError(failure);
		}

		@Override
		public void onComplete() {
			this.actual.onComplete();
		}

		@Override
		public void request(long count) {
			if (this.upstream != null) {
				this.upstream.request(count);
			}
		}

		@Override
		public void cancel() {
			endOperation();
			if (this.upstream != null) {
				this.upstream.cancel();
			}
		}

	}

}
