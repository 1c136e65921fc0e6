package io.nettrace.client.netty;

import java.util.ArrayList;
import java.util.List;

import io.nettrace.instrument.RequestTrace;
import io.netty.util.concurrent.DefaultPromise;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.GenericFutureListener;
import io.netty.util.concurrent.Promise;
import org.jspecify.annotations.Nullable;

/**
 * Calls each listener for the request of the thread that has added it, as several may
 * wait for one thing. A listener is called for no request if what it has waited for has
 * failed or is nothing, as when a connection is given back: what a pool then does, it
 * does for others.
 *
 * @param <V> the type of result
 */
final class CarryingPromise<V> extends DefaultPromise<V> {

	// those that can still be removed; guarded by this
	private final List<Carrying<V>> listeners = new ArrayList<>(1);

	CarryingPromise(EventExecutor executor) {
		super(executor);
	}

	@Override
	public Promise<V> addListener(GenericFutureListener<? extends Future<? super V>> listener) {
		return super.addListener((listener != null) ? carrying(listener) : listener);
	}

	@Override
	@SafeVarargs
	public final Promise<V> addListeners(GenericFutureListener<? extends Future<? super V>>... listeners) {
		for (GenericFutureListener<? extends Future<? super V>> listener : listeners) {
			if (listener == null) {
				break; // as Netty does
			}
			addListener(listener);
		}
		return this;
	}

	@Override
	public Promise<V> removeListener(GenericFutureListener<? extends Future<? super V>> listener) {
		Carrying<V> carrying = forget(listener);
		return super.removeListener((carrying != null) ? carrying : listener);
	}

	@Override
	@SafeVarargs
	public final Promise<V> removeListeners(GenericFutureListener<? extends Future<? super V>>... listeners) {
		for (GenericFutureListener<? extends Future<? super V>> listener : listeners) {
			if (listener == null) {
				break;
			}
			removeListener(listener);
		}
		return this;
	}

	private synchronized Carrying<V> carrying(GenericFutureListener<? extends Future<? super V>> listener) {
		Carrying<V> carrying = new Carrying<>(this, CarriedRequest.current(), listener);
		this.listeners.add(carrying);
		return carrying;
	}

	private synchronized @Nullable Carrying<V> forget(GenericFutureListener<?> listener) {
		for (int i = 0; i < this.listeners.size(); i++) {
			if (this.listeners.get(i).listener == listener) {
				return this.listeners.remove(i);
			}
		}
		return null;
	}

	private static final class Carrying<V> implements GenericFutureListener<Future<V>> {

		private final CarryingPromise<V> promise;

		private final @Nullable RequestTrace request;

		private final GenericFutureListener<? extends Future<? super V>> listener;

		Carrying(CarryingPromise<V> promise, @Nullable RequestTrace request,
				GenericFutureListener<? extends Future<? super V>> listener) {
			this.promise = promise;
			this.request = request;
			this.listener = listener;
		}

		@Override
		@SuppressWarnings("unchecked") // as Netty does
		public void operationComplete(Future<V> future) throws Exception {
			this.promise.forget(this.listener);
			boolean hasResult = future.isSuccess() && future.getNow() != null;
			RequestTrace before = CarriedRequest.exchange(hasResult ? this.request : null);
			try {
				((GenericFutureListener<Future<V>>) this.listener).operationComplete(future);
			}
			finally {
				CarriedRequest.exchange(before);
			}
		}

	}

}
