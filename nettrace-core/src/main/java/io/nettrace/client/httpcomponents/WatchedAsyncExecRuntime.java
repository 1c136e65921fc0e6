package io.nettrace.client.httpcomponents;

import io.nettrace.NetTrace;
import io.nettrace.instrument.RequestTrace;
import org.apache.hc.client5.http.HttpRoute;
import org.apache.hc.client5.http.async.AsyncExecRuntime;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.core5.concurrent.Cancellable;
import org.apache.hc.core5.concurrent.CancellableDependency;
import org.apache.hc.core5.concurrent.FutureCallback;
import org.apache.hc.core5.http.nio.AsyncClientExchangeHandler;
import org.jspecify.annotations.Nullable;

/**
 * What a request runs on if something listens to its exchanges or to connections: begins
 * the exchanges, and hands each one to the connection that executes it.
 */
final class WatchedAsyncExecRuntime extends TracedAsyncExecRuntime {

	private final AsyncConnections connections;

	private final CancellableDependency operation;

	private volatile @Nullable ExchangeTrace exchange;

	/**
	 * Create what a request runs on.
	 * @param delegate the library's
	 * @param request the trace of the request
	 * @param connections the connections of the client
	 * @param operation what is cancelled if the application cancels the request
	 */
	WatchedAsyncExecRuntime(AsyncExecRuntime delegate, RequestTrace request, AsyncConnections connections,
			CancellableDependency operation) {
		super(delegate, request);
		this.connections = connections;
		this.operation = operation;
	}

	@Override
	public Cancellable acquireEndpoint(String id, HttpRoute route, @Nullable Object state, HttpClientContext context,
			FutureCallback<AsyncExecRuntime> callback) {
		NetTrace hooks = request().hooks();
		if (hooks == NetTrace.NONE) {
			return super.acquireEndpoint(id, route, state, context, callback);
		}
		ExchangeTrace next = ExchangeTrace.prepare(hooks, Routes.target(route, this.connections.tracing()));
		this.exchange = next;
		PoolWait wait = new PoolWait(next, this.connections, route, callback);
		ExchangeTrace outer = CarriedByThread.ASKING.begin(next);
		Cancellable acquiring;
		try {
			acquiring = super.acquireEndpoint(id, route, state, context, wait);
		}
		finally {
			CarriedByThread.ASKING.end(outer);
		}
		wait.asked();
		return acquiring;
	}

	@Override
	AsyncClientExchangeHandler traced(AsyncClientExchangeHandler exchangeHandler) {
		ExchangeTrace next = this.exchange;
		HttpRoute executing = route();
		if (next != null && !next.isNew() && executing != null) {
			// the library executes more than one on a connection if it authenticates
			next = ExchangeTrace.begin(request().hooks(), Routes.target(executing, this.connections.tracing()));
			this.exchange = next;
		}
		return new TracedExchangeHandler(exchangeHandler, next, this.operation);
	}

}
