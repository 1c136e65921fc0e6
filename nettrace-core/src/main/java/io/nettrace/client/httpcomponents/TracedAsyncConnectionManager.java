package io.nettrace.client.httpcomponents;

import java.io.IOException;
import java.util.concurrent.Future;

import io.nettrace.NetTrace;
import io.nettrace.NetTraceContext;
import io.nettrace.instrument.NetTracing;
import io.nettrace.instrument.RequestTrace;
import org.apache.hc.client5.http.HttpRoute;
import org.apache.hc.client5.http.impl.nio.DefaultAsyncClientConnectionOperator;
import org.apache.hc.client5.http.impl.nio.PoolingAsyncClientConnectionManager;
import org.apache.hc.client5.http.nio.AsyncClientConnectionManager;
import org.apache.hc.client5.http.nio.AsyncConnectionEndpoint;
import org.apache.hc.core5.concurrent.FutureCallback;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.pool.ConnPoolControl;
import org.apache.hc.core5.reactor.ConnectionInitiator;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;

/**
 * Begins dials: hands the trace of a dial to the resolver, which is called by the same
 * thread but does not see the request, and to the attempts, which the connection
 * initiator makes.
 */
class TracedAsyncConnectionManager implements AsyncClientConnectionManager {

	private final AsyncClientConnectionManager delegate;

	private final NetTracing tracing;

	private final AsyncConnections connections;

	private final ConnectAttempts attempts = new ConnectAttempts();

	TracedAsyncConnectionManager(AsyncClientConnectionManager delegate, AsyncConnections connections) {
		this.delegate = delegate;
		this.tracing = connections.tracing();
		this.connections = connections;
	}

	/**
	 * Wrap a manager. The client evicts idle connections only from one that has
	 * {@link ConnPoolControl}.
	 */
	@SuppressWarnings("unchecked")
	static TracedAsyncConnectionManager wrap(AsyncClientConnectionManager manager, NetTracing tracing) {
		return (manager instanceof ConnPoolControl<?> pool)
				? new TracedAsyncConnectionPool(manager, (ConnPoolControl<HttpRoute>) pool, tracing)
				: new TracedAsyncConnectionManager(manager, new AsyncConnections(tracing, null));
	}

	AsyncConnections connections() {
		return this.connections;
	}

	/**
	 * Whether the delegate has a traced resolver.
	 * @throws ReflectiveOperationException if the delegate cannot be read
	 */
	boolean tracesLookups() throws ReflectiveOperationException {
		if (!(this.delegate instanceof PoolingAsyncClientConnectionManager)) {
			return false;
		}
		Object operator = PrivateFields.get(PoolingAsyncClientConnectionManager.class, "connectionOperator",
				this.delegate);
		if (!(operator instanceof DefaultAsyncClientConnectionOperator)) {
			return false;
		}
		Object requester = PrivateFields.get(DefaultAsyncClientConnectionOperator.class, "sessionRequester", operator);
		return requester != null && NetTraceHttpComponentsAsync
			.isTraced(PrivateFields.get(requester.getClass(), "dnsResolver", requester));
	}

	@Override
	public Future<AsyncConnectionEndpoint> connect(AsyncConnectionEndpoint endpoint,
			ConnectionInitiator connectionInitiator, @Nullable Timeout connectTimeout, @Nullable Object attachment,
			@Nullable HttpContext context, @Nullable FutureCallback<AsyncConnectionEndpoint> callback) {
		TracedAsyncExecRuntime connecting = CarriedByThread.CONNECTING.get();
		RequestTrace request = (connecting != null) ? connecting.request()
				: this.tracing.request(NetTraceHttpComponentsAsync.CLIENT, null, -1);
		NetTrace dial = (connecting != null) ? connecting.beginDial() : request.dial();
		this.connections.connectsWith(connectionInitiator);
		AsyncDial asyncDial = new AsyncDial(this.connections, dial, (connecting != null) ? connecting.route() : null,
				callback);
		ConnectionInitiator attempts = this.attempts.traced(connectionInitiator, dial);
		RacingInitiator race = this.connections.race(attempts);
		NetTrace outer = CarriedByThread.DIAL.begin(dial);
		RacingInitiator outerRace = CarriedByThread.RACE.begin(race);
		NetTraceContext.Scope scope = request.context().open();
		try {
			return this.delegate.connect(endpoint, asyncDial.initiator((race != null) ? race : attempts),
					connectTimeout, attachment, context, asyncDial);
		}
		finally {
			scope.close();
			CarriedByThread.RACE.end(outerRace);
			CarriedByThread.DIAL.end(outer);
		}
	}

	@Override
	public Future<AsyncConnectionEndpoint> lease(@Nullable String id, HttpRoute route, @Nullable Object state,
			@Nullable Timeout requestTimeout, @Nullable FutureCallback<AsyncConnectionEndpoint> callback) {
		ExchangeTrace asking = CarriedByThread.ASKING.get();
		if (asking != null) {
			asking.asks();
		}
		return this.delegate.lease(id, route, state, requestTimeout, callback);
	}

	@Override
	public void release(AsyncConnectionEndpoint endpoint, @Nullable Object newState, TimeValue validDuration) {
		this.delegate.release(endpoint, newState, validDuration);
	}

	@Override
	public void upgrade(AsyncConnectionEndpoint endpoint, @Nullable Object attachment, @Nullable HttpContext context) {
		this.delegate.upgrade(endpoint, attachment, context);
	}

	@Override
	public void upgrade(AsyncConnectionEndpoint endpoint, @Nullable Object attachment, @Nullable HttpContext context,
			@Nullable FutureCallback<AsyncConnectionEndpoint> callback) {
		this.delegate.upgrade(endpoint, attachment, context, callback);
	}

	@Override
	public void close(CloseMode closeMode) {
		this.connections.close();
		this.delegate.close(closeMode);
		this.attempts.cancelAll();
		this.connections.closed();
	}

	@Override
	public void close() throws IOException {
		this.connections.close();
		this.delegate.close();
		this.attempts.cancelAll();
		this.connections.closed();
	}

}
