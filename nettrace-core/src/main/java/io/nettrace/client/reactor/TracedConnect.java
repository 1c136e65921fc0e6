package io.nettrace.client.reactor;

import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;
import reactor.netty.Connection;
import reactor.util.context.Context;

/**
 * Makes a {@link ReactorRequest} of each request that asks for a connection, and tells it
 * when it is cancelled or has no socket. One operator, because every request passes it.
 */
final class TracedConnect extends Mono<Connection> {

	private final Mono<? extends Connection> connect;

	private final NetTraceReactorNetty client;

	// Whether one of its requests has been, guarded by this
	private boolean watched;

	TracedConnect(Mono<? extends Connection> connect, NetTraceReactorNetty client) {
		this.connect = connect;
		this.client = client;
	}

	Mono<? extends Connection> connect() {
		return this.connect;
	}

	NetTraceReactorNetty client() {
		return this.client;
	}

	@Override
	public void subscribe(CoreSubscriber<? super Connection> actual) {
		ReactorRequest request = ReactorRequest.of(this, actual.currentContext());
		observe(request.isWatched());
		RequestSubscriber subscriber = new RequestSubscriber(actual, request);
		if (request.waitsForProxy()) {
			AskedProxy.tell(request, () -> this.connect.subscribe(subscriber));
		}
		else {
			this.connect.subscribe(subscriber);
		}
	}

	/**
	 * An application may subscribe to this several times at once. Once a request has been
	 * watched, all are.
	 */
	private synchronized void observe(boolean watched) {
		this.watched |= watched;
		RequestSettings.observe(this.connect, this.watched);
	}

	private static final class RequestSubscriber implements CoreSubscriber<Connection>, Subscription {

		private final CoreSubscriber<? super Connection> actual;

		private final ReactorRequest request;

		private final Context context;

		private @Nullable Subscription upstream;

		RequestSubscriber(CoreSubscriber<? super Connection> actual, ReactorRequest request) {
			this.actual = actual;
			this.request = request;
			this.context = request.writeTo(actual.currentContext());
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
			this.request.gotResponse(connection);
			this.actual.onNext(connection);
		}

		@Override
		public void onError(Throwable failure) {
			try {
				this.request.fail(failure);
			}
			finally {
				this.request.letGo();
				this.actual.onError(failure);
			}
		}

		@Override
		public void onComplete() {
			this.request.letGo();
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
			this.request.cancel();
			try {
				if (this.upstream != null) {
					this.upstream.cancel();
				}
			}
			finally {
				this.request.letGo();
			}
		}

	}

}
