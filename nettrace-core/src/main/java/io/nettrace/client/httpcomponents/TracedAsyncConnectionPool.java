package io.nettrace.client.httpcomponents;

import java.util.Set;

import io.nettrace.instrument.NetTracing;
import org.apache.hc.client5.http.HttpRoute;
import org.apache.hc.client5.http.nio.AsyncClientConnectionManager;
import org.apache.hc.core5.pool.ConnPoolControl;
import org.apache.hc.core5.pool.PoolStats;
import org.apache.hc.core5.util.TimeValue;

/**
 * Wraps a connection manager that is also the control of its pool, as HttpComponents' own
 * is.
 */
final class TracedAsyncConnectionPool extends TracedAsyncConnectionManager implements ConnPoolControl<HttpRoute> {

	private final ConnPoolControl<HttpRoute> pool;

	TracedAsyncConnectionPool(AsyncClientConnectionManager delegate, ConnPoolControl<HttpRoute> pool,
			NetTracing tracing) {
		super(delegate, new AsyncConnections(tracing, pool));
		this.pool = pool;
	}

	@Override
	public PoolStats getTotalStats() {
		return this.pool.getTotalStats();
	}

	@Override
	public PoolStats getStats(HttpRoute route) {
		return this.pool.getStats(route);
	}

	@Override
	public void setMaxTotal(int max) {
		this.pool.setMaxTotal(max);
	}

	@Override
	public int getMaxTotal() {
		return this.pool.getMaxTotal();
	}

	@Override
	public void setDefaultMaxPerRoute(int max) {
		this.pool.setDefaultMaxPerRoute(max);
	}

	@Override
	public int getDefaultMaxPerRoute() {
		return this.pool.getDefaultMaxPerRoute();
	}

	@Override
	public void setMaxPerRoute(HttpRoute route, int max) {
		this.pool.setMaxPerRoute(route, max);
	}

	@Override
	public int getMaxPerRoute(HttpRoute route) {
		return this.pool.getMaxPerRoute(route);
	}

	@Override
	public void closeIdle(TimeValue idleTime) {
		connections().evictIdle(() -> this.pool.closeIdle(idleTime));
	}

	@Override
	public void closeExpired() {
		this.pool.closeExpired();
	}

	@Override
	public Set<HttpRoute> getRoutes() {
		return this.pool.getRoutes();
	}

}
