package io.nettrace.client.httpcomponents;

import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeoutException;

import io.nettrace.WaitInfo.Outcome;
import io.nettrace.WaitInfo.Reason;
import io.nettrace.instrument.ConnectionWait;
import org.apache.hc.client5.http.HttpRoute;
import org.apache.hc.client5.http.io.ConnectionEndpoint;
import org.apache.hc.client5.http.io.LeaseRequest;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;

/**
 * A lease that the pool could not grant at once. It tells its exchange if that has to
 * wait.
 */
final class TracedLease implements LeaseRequest {

	private final LeaseRequest delegate;

	private final Future<?> future;

	private final TracedConnectionManager manager;

	private final HttpRoute route;

	// Not beyond its wait: the request that was sent keeps this object
	private @Nullable ExchangeTrace exchange;

	TracedLease(LeaseRequest delegate, Future<?> future, TracedConnectionManager manager, HttpRoute route,
			ExchangeTrace exchange) {
		this.delegate = delegate;
		this.future = future;
		this.manager = manager;
		this.route = route;
		this.exchange = exchange;
	}

	@Override
	public ConnectionEndpoint get(Timeout timeout) throws InterruptedException, ExecutionException, TimeoutException {
		ExchangeTrace exchange = this.exchange;
		this.exchange = null;
		Reason reason = (exchange != null && isPending()) ? this.manager.reasonToWait(this.route) : null;
		if (exchange == null || reason == null || !isPending()) { // it was only a moment
			return this.delegate.get(timeout);
		}
		ConnectionWait wait = exchange.waits(reason);
		ConnectionEndpoint endpoint;
		try {
			endpoint = this.delegate.get(timeout);
		}
		catch (Throwable ex) {
			Throwable error = (ex instanceof ExecutionException && ex.getCause() != null) ? ex.getCause() : ex;
			wait.done(outcome(error), error);
			throw ex;
		}
		try {
			wait.done(endpoint.isConnected() ? Outcome.REUSED : Outcome.NEW, null);
			return endpoint;
		}
		catch (Throwable ex) { // an error of the JVM, of a hook's
			endpoint.close(CloseMode.IMMEDIATE);
			this.manager.release(endpoint, null, TimeValue.ZERO_MILLISECONDS);
			throw ex;
		}
	}

	private boolean isPending() {
		return !this.future.isDone();
	}

	private Outcome outcome(Throwable error) {
		if (this.manager.isClosed()) {
			return Outcome.FAILED;
		}
		if (error instanceof TimeoutException) {
			return Outcome.TIMED_OUT;
		}
		return (error instanceof InterruptedException || error instanceof CancellationException) ? Outcome.CANCELLED
				: Outcome.FAILED;
	}

	@Override
	public boolean cancel() {
		return this.delegate.cancel();
	}

}
