package io.nettrace.client.httpcomponents;

import io.nettrace.PoolInfo;
import io.nettrace.TlsInfo;
import org.apache.hc.client5.http.HttpRoute;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.util.TimeValue;
import org.jspecify.annotations.Nullable;

/**
 * A connection that the current thread sets up: what its manager, its operator and its
 * TLS strategy know of it, each a part.
 */
final class ConnectionSetup {

	private final TracedConnectionManager manager;

	private @Nullable HttpRoute route;

	private @Nullable ConnectionConfig config;

	private @Nullable TlsInfo tls;

	ConnectionSetup(TracedConnectionManager manager) {
		this.manager = manager;
	}

	/**
	 * Take note of what the manager asks the settings for.
	 */
	void along(HttpRoute route, @Nullable ConnectionConfig config) {
		this.route = route;
		this.config = config;
	}

	/**
	 * Take note of a handshake. That with the server comes last.
	 */
	void secured(TlsInfo tls) {
		this.tls = tls;
	}

	@Nullable TlsInfo tls() {
		return this.tls;
	}

	TracedConnectionManager manager() {
		return this.manager;
	}

	/**
	 * Return what the request is for that the connection is set up for, {@code null} if
	 * the library does not tell.
	 */
	@Nullable HttpHost target() {
		return (this.route != null) ? this.route.getTargetHost() : null;
	}

	/**
	 * Whether the connection is not ready yet when it is connected: behind a proxy, the
	 * dial goes on.
	 */
	boolean isTunnelled() {
		return this.route != null && this.route.isTunnelled();
	}

	/**
	 * Return the pool, {@code null} if the library does not tell.
	 */
	@Nullable PoolInfo pool() {
		return (this.route != null) ? Routes.pool(NetTraceHttpComponents.CLIENT, this.route, this.manager) : null;
	}

	/**
	 * Return for how long the connection may be used, {@code null} if for ever.
	 */
	@Nullable TimeValue timeToLive() {
		return (this.config != null) ? this.config.getTimeToLive() : null;
	}

	/**
	 * Return for how long the connection may be idle, {@code null} if for ever.
	 */
	@Nullable TimeValue idleTimeout() {
		return (this.config != null) ? this.config.getIdleTimeout() : null;
	}

}
