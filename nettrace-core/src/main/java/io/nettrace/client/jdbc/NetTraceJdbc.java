package io.nettrace.client.jdbc;

import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

import io.nettrace.instrument.NetTracing;
import org.jspecify.annotations.Nullable;

/**
 * Traces the connections of PostgreSQL's JDBC driver: lookup, attempt and TLS handshake.
 * The driver makes its socket factory by the name of the class, so what is set are
 * properties of a connection, or of a pool:
 *
 * <pre class="code">
 * netTrace.postgresql().forEach(hikariDataSource::addDataSourceProperty);
 * </pre>
 *
 * Do not set those that the application has set itself. A connection belongs to what the
 * thread does that asks the driver for it, which of a pool is often one of the pool's
 * own. One instance serves an application; close it when the application ends. The
 * connections of a pool that outlives it are not traced. Safe for use by several threads.
 */
public final class NetTraceJdbc implements AutoCloseable {

	/**
	 * By their ids: a driver hands text to its factories, and nothing else. Those of
	 * applications that have ended are not in it.
	 */
	private static final Map<String, NetTracing> APPLICATIONS = new ConcurrentHashMap<>();

	private final String id = UUID.randomUUID().toString();

	/**
	 * Create an instance.
	 * @param tracing where connections get their trace
	 */
	public NetTraceJdbc(NetTracing tracing) {
		APPLICATIONS.put(this.id, Objects.requireNonNull(tracing, "'tracing' must not be null"));
	}

	/**
	 * Return the properties of PostgreSQL's driver that trace a connection:
	 * {@code socketFactory} and {@code socketFactoryArg}; {@code sslfactory}, for the
	 * handshake; {@code connectExecutor}, which with a login timeout carries the trace to
	 * the driver's thread (drivers older than that property ignore it).
	 * @return the properties, with their values
	 */
	public Map<String, String> postgresql() {
		return Map.of("socketFactory", PostgresqlSocketFactory.class.getName(), PostgresqlSocketFactory.ARGUMENT,
				this.id, "sslfactory", PostgresqlSslFactory.class.getName(), "connectExecutor",
				PostgresqlConnectExecutor.class.getName());
	}

	/**
	 * Find the application that a factory is for.
	 * @param id the factory's argument
	 * @return the application's tracing, or {@code null} if it has ended
	 */
	static @Nullable NetTracing tracing(@Nullable String id) {
		return (id != null) ? APPLICATIONS.get(id) : null;
	}

	/**
	 * Let go of the application: its factories make plain sockets from now on.
	 */
	@Override
	public void close() {
		APPLICATIONS.remove(this.id);
	}

}
