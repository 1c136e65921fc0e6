package io.nettrace.client.httpcomponents;

import io.nettrace.ConnectionTarget;
import io.nettrace.NetTrace;
import io.nettrace.instrument.RequestTrace;
import org.apache.hc.client5.http.EndpointInfo;
import org.apache.hc.client5.http.HttpRoute;
import org.apache.hc.client5.http.async.AsyncExecRuntime;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.core5.concurrent.CallbackContribution;
import org.apache.hc.core5.concurrent.Cancellable;
import org.apache.hc.core5.concurrent.CancellableDependency;
import org.apache.hc.core5.concurrent.FutureCallback;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.nio.AsyncClientExchangeHandler;
import org.apache.hc.core5.util.TimeValue;
import org.jspecify.annotations.Nullable;

/**
 * Begins the exchanges of a request, and hands each one to the connection that executes
 * it.
 */
final class TracedAsyncExecRuntime implements AsyncExecRuntime {

	private final AsyncExecRuntime delegate;

	private final AsyncConnections connections;

	private final RequestTrace request;

	private final boolean watched;

	private final CancellableDependency operation;

	private volatile @Nullable HttpRoute route;

	private volatile @Nullable ExchangeTrace exchange;

	private volatile boolean needsTunnel;

	private volatile NetTrace dial = NetTrace.NONE;

	/**
	 * Create what a request runs on.
	 * @param delegate the library's
	 * @param connections the connections of the client
	 * @param request the trace of the request
	 * @param watched whether something listens to its exchanges
	 * @param operation what is cancelled if the application cancels the request
	 */
	TracedAsyncExecRuntime(AsyncExecRuntime delegate, AsyncConnections connections, RequestTrace request,
			boolean watched, CancellableDependency operation) {
		this.delegate = delegate;
		this.connections = connections;
		this.request = request;
		this.watched = watched;
		this.operation = operation;
	}

	RequestTrace request() {
		return this.request;
	}

	/**
	 * The request is about to connect.
	 * @return the trace of the dial
	 */
	NetTrace beginDial() {
		NetTrace begun = this.request.dial();
		this.dial = begun;
		return begun;
	}

	/**
	 * Return the trace of the dial that began last.
	 */
	NetTrace dial() {
		return this.dial;
	}

	/**
	 * What the request asks for a connection to.
	 */
	@Nullable HttpRoute route() {
		return this.route;
	}

	@Override
	public Cancellable acquireEndpoint(String id, HttpRoute route, @Nullable Object state, HttpClientContext context,
			FutureCallback<AsyncExecRuntime> callback) {
		this.route = route;
		FutureCallback<AsyncExecRuntime> acquired = withThis(callback);
		NetTrace hooks = this.request.hooks();
		if (!this.watched || hooks == NetTrace.NONE) {
			return this.delegate.acquireEndpoint(id, route, state, context, acquired);
		}
		ExchangeTrace next = ExchangeTrace.begin(hooks, target(route));
		this.exchange = next;
		PoolWait wait = new PoolWait(next, this.connections, route, acquired);
		Cancellable acquiring = this.delegate.acquireEndpoint(id, route, state, context, wait);
		wait.asked();
		return acquiring;
	}

	private static ConnectionTarget target(HttpRoute route) {
		HttpHost firstHop = (route.getProxyHost() != null) ? route.getProxyHost() : route.getTargetHost();
		return new ConnectionTarget(firstHop.getHostName(), firstHop.getPort(), route.isSecure());
	}

	/**
	 * What the library is called back with is what it goes on with.
	 */
	private FutureCallback<AsyncExecRuntime> withThis(FutureCallback<AsyncExecRuntime> callback) {
		return new CallbackContribution<AsyncExecRuntime>(callback) {

			@Override
			public void completed(AsyncExecRuntime runtime) {
				callback.completed(TracedAsyncExecRuntime.this);
			}

		};
	}

	@Override
	public Cancellable connectEndpoint(HttpClientContext context, FutureCallback<AsyncExecRuntime> callback) {
		HttpRoute connecting = this.route;
		this.needsTunnel = connecting != null && connecting.isTunnelled();
		TracedAsyncExecRuntime outer = CarriedByThread.CONNECTING.begin(this);
		try {
			return this.delegate.connectEndpoint(context, withThis(callback));
		}
		finally {
			CarriedByThread.CONNECTING.end(outer);
		}
	}

	/**
	 * The library connects here, too, if the connection was closed in the meantime.
	 */
	@Override
	public Cancellable execute(String id, AsyncClientExchangeHandler exchangeHandler, HttpClientContext context) {
		AsyncClientExchangeHandler traced = (this.watched || this.needsTunnel) ? traced(exchangeHandler)
				: exchangeHandler;
		if (this.delegate.isEndpointConnected()) {
			return this.delegate.execute(id, traced, context);
		}
		TracedAsyncExecRuntime outer = CarriedByThread.CONNECTING.begin(this);
		try {
			return this.delegate.execute(id, traced, context);
		}
		finally {
			CarriedByThread.CONNECTING.end(outer);
		}
	}

	private SessionHandler traced(AsyncClientExchangeHandler exchangeHandler) {
		HttpRoute executing = this.route;
		if (this.needsTunnel && executing != null) {
			return new TunnelHandler(exchangeHandler, this.dial, executing.getTargetHost(),
					() -> this.needsTunnel = false);
		}
		ExchangeTrace next = this.exchange;
		if (next != null && !next.isNew() && executing != null) {
			// the library executes more than one on a connection if it authenticates
			next = ExchangeTrace.begin(this.request.hooks(), target(executing));
			this.exchange = next;
		}
		return new TracedExchangeHandler(exchangeHandler, next, this.operation);
	}

	@Override
	public boolean isEndpointAcquired() {
		return this.delegate.isEndpointAcquired();
	}

	@Override
	public void releaseEndpoint() {
		this.delegate.releaseEndpoint();
	}

	@Override
	public void discardEndpoint() {
		this.delegate.discardEndpoint();
	}

	@Override
	public boolean isEndpointConnected() {
		return this.delegate.isEndpointConnected();
	}

	@Override
	public void disconnectEndpoint() {
		this.delegate.disconnectEndpoint();
	}

	@Override
	public void upgradeTls(HttpClientContext context) {
		this.delegate.upgradeTls(context);
	}

	@Override
	public void upgradeTls(HttpClientContext context, @Nullable FutureCallback<AsyncExecRuntime> callback) {
		TracedAsyncExecRuntime outer = CarriedByThread.CONNECTING.begin(this);
		try {
			this.delegate.upgradeTls(context, (callback != null) ? withThis(callback) : null);
		}
		finally {
			CarriedByThread.CONNECTING.end(outer);
		}
	}

	@Override
	public @Nullable EndpointInfo getEndpointInfo() {
		return this.delegate.getEndpointInfo();
	}

	@Override
	public boolean validateConnection() {
		return this.delegate.validateConnection();
	}

	@Override
	public void markConnectionReusable(Object state, TimeValue validityTime) {
		this.delegate.markConnectionReusable(state, validityTime);
	}

	@Override
	public void markConnectionNonReusable() {
		this.delegate.markConnectionNonReusable();
	}

	/**
	 * For something that goes on in the background, as the refreshing of a cache. It is
	 * not part of the request.
	 */
	@Override
	public AsyncExecRuntime fork() {
		return this.delegate.fork();
	}

}
