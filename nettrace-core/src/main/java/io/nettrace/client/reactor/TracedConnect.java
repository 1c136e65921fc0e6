package io.nettrace.client.reactor;

import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;
import reactor.netty.Connection;
import reactor.util.context.Context;

/**
 * Gives each request that asks for a connection its {@link RequestTraces}, and tells them
 * when it is cancelled or has no socket. One operator, because it is in the way of every
 * request.
 */
final class TracedConnect extends Mono<Connection> {

	private final Mono<? extends Connection> connect;

	private final NetTraceReactorNetty client;

	TracedConnect(Mono<? extends Connection> connect, NetTraceReactorNetty client) {
		this.connect = connect;
		this.client = client;
	}

	@Override
	public void subscribe(CoreSubscriber<? super Connection> actual) {
		this.connect.subscribe(new RequestSubscriber(actual, this.connect, this.client));
	}

	/**
	 * One object with the traces, because each request has it.
	 */
	private static final class RequestSubscriber extends RequestTraces
			implements CoreSubscriber<Connection>, Subscription {

		private final CoreSubscriber<? super Connection> actual;

		private final Mono<? extends Connection> connect;

		private final Context context;

		private @Nullable Subscription upstream;

		RequestSubscriber(CoreSubscriber<? super Connection> actual, Mono<? extends Connection> connect,
				NetTraceReactorNetty client) {
			super(client, actual.currentContext());
			this.actual = actual;
			this.connect = connect;
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
			try {
				if (UnmadeSocket.isCauseOf(failure)) {
					connectWithoutSocket(this.connect, failure);
				}
			}
			finally {
				this.actual.onError(failure);
			}
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
