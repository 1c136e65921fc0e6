package io.nettrace.client.httpcomponents;

import io.nettrace.NetTrace;
import io.nettrace.instrument.RequestTrace;
import org.apache.hc.client5.http.EndpointInfo;
import org.apache.hc.client5.http.HttpRoute;
import org.apache.hc.client5.http.async.AsyncExecRuntime;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.core5.concurrent.CallbackContribution;
import org.apache.hc.core5.concurrent.Cancellable;
import org.apache.hc.core5.concurrent.FutureCallback;
import org.apache.hc.core5.http.nio.AsyncClientExchangeHandler;
import org.apache.hc.core5.util.TimeValue;
import org.jspecify.annotations.Nullable;

/**
 * What a request runs on: carries its trace to the dials that set up its connections.
 */
class TracedAsyncExecRuntime implements AsyncExecRuntime {

	private final AsyncExecRuntime delegate;

	private final RequestTrace request;

	private volatile @Nullable HttpRoute route;

	private volatile boolean needsTunnel;

	private volatile NetTrace dial = NetTrace.NONE;

	/**
	 * Create what a request runs on.
	 * @param delegate the library's
	 * @param request the trace of the request
	 */
	TracedAsyncExecRuntime(AsyncExecRuntime delegate, RequestTrace request) {
		this.delegate = delegate;
		this.request = request;
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
		this.needsTunnel = false; // unless it connects
		return this.delegate.acquireEndpoint(id, route, state, context, withThis(callback));
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
		HttpRoute executing = this.route;
		AsyncClientExchangeHandler traced = (this.needsTunnel && executing != null) ? new TunnelHandler(exchangeHandler,
				this.dial, executing.getTargetHost(), () -> this.needsTunnel = false) : traced(exchangeHandler);
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

	/**
	 * Return what executes an exchange through whatever proxy there is.
	 * @param exchangeHandler the library's
	 */
	AsyncClientExchangeHandler traced(AsyncClientExchangeHandler exchangeHandler) {
		return exchangeHandler;
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
