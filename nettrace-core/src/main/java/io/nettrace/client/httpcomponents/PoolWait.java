package io.nettrace.client.httpcomponents;

import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;

import io.nettrace.WaitInfo.Outcome;
import io.nettrace.WaitInfo.Reason;
import io.nettrace.instrument.ConnectionWait;
import org.apache.hc.client5.http.HttpRoute;
import org.apache.hc.client5.http.async.AsyncExecRuntime;
import org.apache.hc.core5.concurrent.FutureCallback;
import org.jspecify.annotations.Nullable;

/**
 * Sees whether an exchange that has asked the pool for a connection has to wait. It does
 * not if the pool answers before it returns.
 */
final class PoolWait implements FutureCallback<AsyncExecRuntime> {

	private enum State {

		ASKING, STARTING, WAITING, ANSWERED

	}

	private final ExchangeTrace exchange;

	private final AsyncConnections connections;

	private final HttpRoute route;

	private final FutureCallback<AsyncExecRuntime> callback;

	private final AtomicReference<State> state = new AtomicReference<>(State.ASKING);

	private volatile @Nullable ConnectionWait wait;

	private @Nullable Runnable answer;

	PoolWait(ExchangeTrace exchange, AsyncConnections connections, HttpRoute route,
			FutureCallback<AsyncExecRuntime> callback) {
		this.exchange = exchange;
		this.connections = connections;
		this.route = route;
		this.callback = callback;
	}

	/**
	 * The pool has returned. If it answers while the hook is being called, the thread
	 * that has asked goes on in place of the one that answers: the hook is not overtaken,
	 * and no thread waits for it.
	 */
	void asked() {
		if (!this.state.compareAndSet(State.ASKING, State.STARTING)) {
			return;
		}
		Reason reason = this.connections.reasonToWait(this.route);
		if (reason != null) {
			this.wait = this.exchange.waits(reason);
			this.connections.waits(this);
		}
		if (!this.state.compareAndSet(State.STARTING, State.WAITING) && this.answer != null) {
			this.answer.run();
		}
	}

	@Override
	public void completed(AsyncExecRuntime runtime) {
		if (isImmediate()) {
			this.callback.completed(runtime);
			return;
		}
		answer(() -> {
			done(runtime.isEndpointConnected() ? Outcome.REUSED : Outcome.NEW, null);
			this.callback.completed(runtime);
		});
	}

	@Override
	public void failed(Exception ex) {
		if (isImmediate()) {
			this.callback.failed(ex);
			return;
		}
		answer(() -> {
			done((ex instanceof TimeoutException) ? Outcome.TIMED_OUT : Outcome.FAILED, ex);
			this.callback.failed(ex);
		});
	}

	/**
	 * A pool that is closed cancels what waits for it.
	 */
	@Override
	public void cancelled() {
		if (isImmediate()) {
			this.callback.cancelled();
			return;
		}
		answer(() -> {
			done(this.connections.isClosing() ? Outcome.FAILED : Outcome.CANCELLED, Failures.cancelled());
			this.callback.cancelled();
		});
	}

	private boolean isImmediate() {
		return this.state.compareAndSet(State.ASKING, State.ANSWERED);
	}

	private void answer(Runnable goOn) {
		this.answer = goOn;
		if (!this.state.compareAndSet(State.STARTING, State.ANSWERED)) {
			goOn.run();
		}
	}

	void poolIsClosed() {
		done(Outcome.FAILED, Failures.cancelled());
	}

	private void done(Outcome outcome, @Nullable Throwable error) {
		ConnectionWait started = this.wait;
		if (started != null) {
			this.connections.waited(this);
			started.done(outcome, error);
		}
	}

}
