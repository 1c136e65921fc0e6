package io.nettrace.client.httpcomponents;

import java.io.IOException;
import java.util.Set;

import org.apache.hc.client5.http.HttpRoute;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.TlsConfig;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManager;
import org.apache.hc.client5.http.io.ConnectionEndpoint;
import org.apache.hc.client5.http.io.HttpClientConnectionOperator;
import org.apache.hc.client5.http.io.LeaseRequest;
import org.apache.hc.client5.http.io.ManagedHttpClientConnection;
import org.apache.hc.core5.function.Resolver;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.io.SocketConfig;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.pool.ManagedConnPool;
import org.apache.hc.core5.pool.PoolStats;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;

/**
 * Is a connection manager by way of another one, and of its class: applications cast to
 * it what they find in a client's builder. What a later release adds finds the same pool
 * here.
 */
abstract class ForwardingConnectionManager extends PoolingHttpClientConnectionManager {

	private final PoolingHttpClientConnectionManager delegate;

	/**
	 * Create an instance.
	 * @param delegate the manager that does the work
	 * @param operator its operator
	 * @throws ReflectiveOperationException if its pool cannot be read
	 */
	ForwardingConnectionManager(PoolingHttpClientConnectionManager delegate, HttpClientConnectionOperator operator)
			throws ReflectiveOperationException {
		super(operator, poolOf(delegate), null);
		this.delegate = delegate;
	}

	@SuppressWarnings("unchecked")
	private static ManagedConnPool<HttpRoute, ManagedHttpClientConnection> poolOf(
			PoolingHttpClientConnectionManager manager) throws ReflectiveOperationException {
		Object pool = PrivateFields.get(PoolingHttpClientConnectionManager.class, "pool", manager);
		if (pool == null) {
			throw new NoSuchFieldException("the pool");
		}
		return (ManagedConnPool<HttpRoute, ManagedHttpClientConnection>) pool;
	}

	@Override
	public LeaseRequest lease(@Nullable String id, HttpRoute route, @Nullable Timeout requestTimeout,
			@Nullable Object state) {
		return this.delegate.lease(id, route, requestTimeout, state);
	}

	@Override
	public void release(ConnectionEndpoint endpoint, @Nullable Object state, @Nullable TimeValue keepAlive) {
		this.delegate.release(endpoint, state, keepAlive);
	}

	@Override
	public void connect(ConnectionEndpoint endpoint, @Nullable TimeValue timeout, HttpContext context)
			throws IOException {
		this.delegate.connect(endpoint, timeout, context);
	}

	@Override
	public void upgrade(ConnectionEndpoint endpoint, HttpContext context) throws IOException {
		this.delegate.upgrade(endpoint, context);
	}

	@Override
	public void close() {
		this.delegate.close();
	}

	@Override
	public void close(CloseMode closeMode) {
		this.delegate.close(closeMode);
	}

	@Override
	public boolean isClosed() {
		return this.delegate.isClosed();
	}

	@Override
	public void closeIdle(TimeValue idleTime) {
		this.delegate.closeIdle(idleTime);
	}

	@Override
	public void closeExpired() {
		this.delegate.closeExpired();
	}

	@Override
	public Set<HttpRoute> getRoutes() {
		return this.delegate.getRoutes();
	}

	@Override
	public int getMaxTotal() {
		return this.delegate.getMaxTotal();
	}

	@Override
	public void setMaxTotal(int max) {
		this.delegate.setMaxTotal(max);
	}

	@Override
	public int getDefaultMaxPerRoute() {
		return this.delegate.getDefaultMaxPerRoute();
	}

	@Override
	public void setDefaultMaxPerRoute(int max) {
		this.delegate.setDefaultMaxPerRoute(max);
	}

	@Override
	public int getMaxPerRoute(HttpRoute route) {
		return this.delegate.getMaxPerRoute(route);
	}

	@Override
	public void setMaxPerRoute(HttpRoute route, int max) {
		this.delegate.setMaxPerRoute(route, max);
	}

	@Override
	public PoolStats getTotalStats() {
		return this.delegate.getTotalStats();
	}

	@Override
	public PoolStats getStats(HttpRoute route) {
		return this.delegate.getStats(route);
	}

	@Override
	public void setDefaultSocketConfig(SocketConfig config) {
		this.delegate.setDefaultSocketConfig(config);
	}

	@Override
	public void setSocketConfigResolver(@Nullable Resolver<HttpRoute, SocketConfig> resolver) {
		this.delegate.setSocketConfigResolver(resolver);
	}

	@Override
	public void setDefaultConnectionConfig(ConnectionConfig config) {
		this.delegate.setDefaultConnectionConfig(config);
	}

	@Override
	public void setConnectionConfigResolver(@Nullable Resolver<HttpRoute, ConnectionConfig> resolver) {
		this.delegate.setConnectionConfigResolver(resolver);
	}

	@Override
	public void setDefaultTlsConfig(TlsConfig config) {
		this.delegate.setDefaultTlsConfig(config);
	}

	@Override
	public void setTlsConfigResolver(@Nullable Resolver<HttpHost, TlsConfig> resolver) {
		this.delegate.setTlsConfigResolver(resolver);
	}

}
