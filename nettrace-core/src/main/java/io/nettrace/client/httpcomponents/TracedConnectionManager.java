package io.nettrace.client.httpcomponents;

import java.io.IOException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

import io.nettrace.CloseReason;
import io.nettrace.Hook;
import io.nettrace.WaitInfo.Reason;
import io.nettrace.instrument.NetTracing;
import org.apache.hc.client5.http.HttpRoute;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManager;
import org.apache.hc.client5.http.io.ConnectionEndpoint;
import org.apache.hc.client5.http.io.HttpClientConnectionOperator;
import org.apache.hc.client5.http.io.LeaseRequest;
import org.apache.hc.core5.function.Resolver;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;

/**
 * Watches the pool: who waits for it, which route a connection is set up for, and when
 * idle connections are closed.
 */
final class TracedConnectionManager extends ForwardingConnectionManager {

	private static final long SHARED_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

	private final NetTracing tracing;

	private final LeaseFutures futures;

	private volatile @Nullable FoundReason lastReason;

	private record FoundReason(HttpRoute route, Reason reason, long foundAt) {
	}

	/**
	 * Create an instance.
	 * @param delegate the manager that does the work
	 * @param operator its operator
	 * @param tracing tells whether a wait is watched
	 * @param futures finds what a lease waits for
	 * @throws ReflectiveOperationException if the manager cannot be read
	 */
	@SuppressWarnings("unchecked")
	TracedConnectionManager(PoolingHttpClientConnectionManager delegate, HttpClientConnectionOperator operator,
			NetTracing tracing, LeaseFutures futures) throws ReflectiveOperationException {
		super(delegate, operator);
		this.tracing = tracing;
		this.futures = futures;
		delegate.setConnectionConfigResolver(watched((Resolver<HttpRoute, ConnectionConfig>) PrivateFields
			.get(PoolingHttpClientConnectionManager.class, "connectionConfigResolver", delegate)));
	}

	/**
	 * The manager asks for the settings of a route when it sets up a connection, and
	 * tells the route nowhere else.
	 */
	private static Resolver<HttpRoute, ConnectionConfig> watched(
			@Nullable Resolver<HttpRoute, ConnectionConfig> resolver) {
		return (route) -> {
			ConnectionConfig config = (resolver != null) ? resolver.resolve(route) : null;
			ConnectionSetup setup = CarriedByThread.SETUP.get();
			if (setup != null) {
				setup.along(route, config);
			}
			return config;
		};
	}

	@Override
	public void setDefaultConnectionConfig(ConnectionConfig config) {
		setConnectionConfigResolver((route) -> config);
	}

	@Override
	public void setConnectionConfigResolver(@Nullable Resolver<HttpRoute, ConnectionConfig> resolver) {
		super.setConnectionConfigResolver(watched(resolver));
	}

	@Override
	public LeaseRequest lease(@Nullable String id, HttpRoute route, @Nullable Timeout requestTimeout,
			@Nullable Object state) {
		ExchangeTrace exchange = CarriedByThread.EXCHANGE.get();
		if (exchange != null) {
			exchange.asks();
		}
		LeaseRequest lease = super.lease(id, route, requestTimeout, state);
		if (exchange == null || !this.tracing.watches(Hook.WAIT)) {
			return lease;
		}
		Future<?> future = this.futures.of(lease);
		return (future != null && !future.isDone()) ? new TracedLease(lease, future, this, route, exchange) : lease;
	}

	/**
	 * Return what an exchange waits for. To find out takes the lock of the pool, for
	 * which all who wait contend already: those that begin to wait for the same route at
	 * about the same time share the answer.
	 */
	Reason reasonToWait(HttpRoute route) {
		long now = System.nanoTime();
		FoundReason last = this.lastReason;
		if (last != null && now - last.foundAt() < SHARED_NANOS && last.route().equals(route)) {
			return last.reason();
		}
		Reason reason = Routes.reasonToWait(route, this);
		if (reason != Reason.UNKNOWN) { // it is about to be served
			this.lastReason = new FoundReason(route, reason, now);
		}
		return reason;
	}

	@Override
	public void connect(ConnectionEndpoint endpoint, @Nullable TimeValue timeout, HttpContext context)
			throws IOException {
		ConnectionSetup outer = CarriedByThread.SETUP.begin(new ConnectionSetup(this));
		try {
			super.connect(endpoint, timeout, context);
		}
		finally {
			CarriedByThread.SETUP.end(outer);
		}
	}

	@Override
	public void upgrade(ConnectionEndpoint endpoint, HttpContext context) throws IOException {
		ConnectionSetup outer = CarriedByThread.SETUP.begin(new ConnectionSetup(this));
		try {
			super.upgrade(endpoint, context);
		}
		finally {
			CarriedByThread.SETUP.end(outer);
		}
	}

	@Override
	public void release(ConnectionEndpoint endpoint, @Nullable Object state, @Nullable TimeValue keepAlive) {
		if (keepAlive == null || !this.tracing.watchesConnections()) {
			super.release(endpoint, state, keepAlive);
			return;
		}
		TimeValue outer = CarriedByThread.KEEP_ALIVE.begin(keepAlive);
		try {
			super.release(endpoint, state, keepAlive);
		}
		finally {
			CarriedByThread.KEEP_ALIVE.end(outer);
		}
	}

	@Override
	public void closeIdle(TimeValue idleTime) {
		CloseReason outer = CarriedByThread.CLOSING.begin(CloseReason.IDLE);
		try {
			super.closeIdle(idleTime);
		}
		finally {
			CarriedByThread.CLOSING.end(outer);
		}
	}

	@Override
	public void closeExpired() {
		CloseReason outer = CarriedByThread.CLOSING.begin(CloseReason.IDLE);
		try {
			super.closeExpired();
		}
		finally {
			CarriedByThread.CLOSING.end(outer);
		}
	}

}
