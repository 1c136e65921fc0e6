package io.nettrace.client.httpcomponents;

import java.lang.reflect.Field;

import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.HttpRoute;
import org.apache.hc.client5.http.SchemePortResolver;
import org.apache.hc.client5.http.impl.io.DefaultHttpClientConnectionOperator;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManager;
import org.apache.hc.client5.http.io.HttpClientConnectionOperator;
import org.apache.hc.client5.http.io.ManagedHttpClientConnection;
import org.apache.hc.client5.http.ssl.TlsSocketStrategy;
import org.apache.hc.core5.function.Resolver;
import org.apache.hc.core5.http.config.Lookup;
import org.apache.hc.core5.http.io.HttpConnectionFactory;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.pool.ManagedConnPool;
import org.jspecify.annotations.Nullable;

/**
 * Stands in for a connection manager that was built without a mark, and that no client
 * uses yet. It has the pool of that one, and asks it for the settings of each connection;
 * only its operator and its connections are traced. So nothing is built anew, and no
 * setting can be forgotten. What is set on the stand-in itself holds for the connections
 * that it leases, but not when the pool is asked to close what has expired.
 */
final class FinishedConnectionManager extends PoolingHttpClientConnectionManager {

	private final PoolingHttpClientConnectionManager finished;

	private FinishedConnectionManager(PoolingHttpClientConnectionManager finished,
			HttpClientConnectionOperator operator, ManagedConnPool<HttpRoute, ManagedHttpClientConnection> pool,
			HttpConnectionFactory<ManagedHttpClientConnection> connections) throws NoSuchFieldException {
		super(operator, pool, connections);
		this.finished = finished;
		setSocketConfigResolver(new Settings<>(finished, "socketConfigResolver"));
		setConnectionConfigResolver(new Settings<>(finished, "connectionConfigResolver"));
		setTlsConfigResolver(new Settings<>(finished, "tlsConfigResolver"));
	}

	/**
	 * Return what stands in for a connection manager.
	 * @param manager what no client uses yet
	 * @param netTrace what traces it
	 * @return {@code null} if the manager does something that its stand-in would not do
	 * @throws ReflectiveOperationException if it cannot be read
	 */
	@SuppressWarnings("unchecked")
	static @Nullable PoolingHttpClientConnectionManager standInFor(PoolingHttpClientConnectionManager manager,
			NetTraceHttpComponents netTrace) throws ReflectiveOperationException {
		Object operator = ofManager("connectionOperator", manager);
		if (manager.getClass() != PoolingHttpClientConnectionManager.class
				|| operator.getClass() != DefaultHttpClientConnectionOperator.class || makesSocketsItsWay(operator)
				|| closesOutsideOfItsLock(manager)) {
			return null;
		}
		Lookup<TlsSocketStrategy> tls = (Lookup<TlsSocketStrategy>) ofOperator("tlsSocketStrategyLookup", operator);
		HttpClientConnectionOperator traced = netTrace.connectionOperator(
				(SchemePortResolver) ofOperator("schemePortResolver", operator),
				(DnsResolver) ofOperator("dnsResolver", operator), (scheme) -> {
					TlsSocketStrategy strategy = tls.lookup(scheme);
					return (strategy != null) ? netTrace.traced(strategy) : null;
				});
		HttpConnectionFactory<ManagedHttpClientConnection> connections = (HttpConnectionFactory<ManagedHttpClientConnection>) ofManager(
				"connFactory", manager);
		return netTrace.built(new FinishedConnectionManager(manager, traced,
				(ManagedConnPool<HttpRoute, ManagedHttpClientConnection>) ofManager("pool", manager),
				(socket) -> netTrace.traced(connections.createConnection(socket))), traced);
	}

	/**
	 * A traced operator makes sockets as the library does.
	 */
	private static boolean makesSocketsItsWay(Object operator) throws ReflectiveOperationException {
		Object usual = new DefaultHttpClientConnectionOperator((SchemePortResolver) null, null, (scheme) -> null);
		return ofOperator("detachedSocketFactory", operator) != ofOperator("detachedSocketFactory", usual);
	}

	/**
	 * A setting of HttpClient 5.6 and later, off by default. A manager on the pool of
	 * another one does not have it.
	 */
	private static boolean closesOutsideOfItsLock(PoolingHttpClientConnectionManager manager)
			throws IllegalAccessException {
		for (Field field : PrivateFields.all(PoolingHttpClientConnectionManager.class)) {
			if (field.getName().equals("offLockDisposer")) {
				return field.get(manager) != null;
			}
		}
		return false;
	}

	private static Object ofManager(String name, Object manager) throws ReflectiveOperationException {
		return read(PoolingHttpClientConnectionManager.class, name, manager);
	}

	private static Object ofOperator(String name, Object operator) throws ReflectiveOperationException {
		return read(DefaultHttpClientConnectionOperator.class, name, operator);
	}

	private static Object read(Class<?> declaring, String name, Object target) throws ReflectiveOperationException {
		Object value = PrivateFields.get(declaring, name, target);
		if (value == null) {
			throw new NoSuchFieldException(name + " has no value");
		}
		return value;
	}

	@Override
	public void close(CloseMode closeMode) {
		this.finished.close(closeMode);
	}

	@Override
	public boolean isClosed() {
		return this.finished.isClosed();
	}

	/**
	 * What the finished manager says when it is asked: settings may still be made on it.
	 *
	 * @param <K> what settings are for
	 * @param <V> settings
	 */
	private static final class Settings<K, V> implements Resolver<K, V> {

		private final PoolingHttpClientConnectionManager finished;

		private final Field resolver;

		Settings(PoolingHttpClientConnectionManager finished, String resolver) throws NoSuchFieldException {
			this.finished = finished;
			this.resolver = PrivateFields.all(PoolingHttpClientConnectionManager.class, Resolver.class)
				.stream()
				.filter((field) -> field.getName().equals(resolver))
				.findFirst()
				.orElseThrow(() -> new NoSuchFieldException(resolver));
		}

		@Override
		@SuppressWarnings("unchecked")
		public @Nullable V resolve(K key) {
			try {
				Resolver<K, V> current = (Resolver<K, V>) this.resolver.get(this.finished);
				return (current != null) ? current.resolve(key) : null;
			}
			catch (IllegalAccessException ex) {
				throw new IllegalStateException(ex); // it was made accessible
			}
		}

	}

}
