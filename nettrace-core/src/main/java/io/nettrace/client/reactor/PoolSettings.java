package io.nettrace.client.reactor;

import java.lang.System.Logger.Level;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.Map;
import java.util.function.BiFunction;

import io.nettrace.instrument.HookFailures;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.netty.resources.ConnectionProvider;
import reactor.netty.resources.ConnectionProvider.ConnectionPoolSpec;

/**
 * The settings of a pool. The library's builder has setters alone.
 */
final class PoolSettings {

	private static final System.Logger logger = System.getLogger(PoolSettings.class.getName());

	private static final String NOT_READABLE = "The settings of Reactor Netty's pools cannot be read: ";

	private final Field timer;

	private final Field timeout;

	private final Field maxIdleTime;

	private final Field maxLifeTime;

	private final Field perHost;

	private final Method poolOfHttp1;

	/**
	 * {@code null} if this version of the library has others.
	 */
	private static final @Nullable PoolSettings ACCESS = access();

	private PoolSettings() throws ReflectiveOperationException {
		this.timer = field(ConnectionPoolSpec.class, "pendingAcquireTimer");
		this.timeout = field(ConnectionPoolSpec.class, "pendingAcquireTimeout");
		this.maxIdleTime = field(ConnectionPoolSpec.class, "maxIdleTime");
		this.maxLifeTime = field(ConnectionPoolSpec.class, "maxLifeTime");
		this.perHost = field(ConnectionProvider.Builder.class, "confPerRemoteHost");
		this.poolOfHttp1 = Class.forName("reactor.netty.http.client.HttpConnectionProvider")
			.getDeclaredMethod("http1ConnectionProvider");
		this.poolOfHttp1.setAccessible(true);
	}

	private static Field field(Class<?> type, String name) throws NoSuchFieldException {
		Field field = type.getDeclaredField(name);
		field.setAccessible(true);
		return field;
	}

	private static @Nullable PoolSettings access() {
		try {
			return new PoolSettings();
		}
		catch (ReflectiveOperationException | RuntimeException ex) {
			logger.log(Level.WARNING,
					NOT_READABLE + "nettrace does not tell of waits, nor which connections were idle for too long", ex);
			return null;
		}
	}

	/**
	 * Have the pools that a builder builds tell of waits, and keep all its settings.
	 * @param builder the builder
	 */
	static void tellOfWaits(ConnectionProvider.Builder builder) {
		if (ACCESS == null) {
			return;
		}
		try {
			ACCESS.addTimer(builder);
			for (Object host : ((Map<?, ?>) ACCESS.perHost.get(builder)).values()) {
				ACCESS.addTimer((ConnectionPoolSpec<?>) host);
			}
		}
		catch (IllegalAccessException ex) {
			throw new IllegalStateException(ex); // they have been made accessible
		}
	}

	@SuppressWarnings("unchecked")
	private void addTimer(ConnectionPoolSpec<?> spec) throws IllegalAccessException {
		Object own = this.timer.get(spec);
		if (own instanceof PoolWaits) {
			return;
		}
		spec.pendingAcquireTimer(new PoolWaits((BiFunction<Runnable, Duration, Disposable>) own));
		if (Duration.ZERO.equals(this.timeout.get(spec))) {
			spec.pendingAcquireTimeout(PoolWaits.WITHOUT_LIMIT);
		}
	}

	/**
	 * Whether pools tell of waits.
	 * @param provider the pools
	 */
	static boolean tellsOfWaits(ConnectionProvider provider) throws IllegalAccessException {
		ConnectionProvider.Builder settings = (ACCESS != null) ? pool(provider).mutate() : null;
		return ACCESS != null && settings != null && ACCESS.timer.get(settings) instanceof PoolWaits;
	}

	/**
	 * Return how many connections a pool may have, as it says itself.
	 * @param provider the client's pools
	 * @param remote what the pool is for
	 * @return the number, -1 if there is no limit
	 */
	static int maxConnections(ConnectionProvider provider, SocketAddress remote) {
		Map<SocketAddress, Integer> perHost = provider.maxConnectionsPerHost();
		Integer ofHost = (perHost != null) ? perHost.get(remote) : null;
		int max = (ofHost != null) ? ofHost : provider.maxConnections();
		return (max > 0 && max < Integer.MAX_VALUE) ? max : -1;
	}

	/**
	 * Whether all pools of a client have been closed.
	 */
	static boolean isClosed(ConnectionProvider provider) {
		return pool(provider).isDisposed();
	}

	/**
	 * Return the limits of a connection's life.
	 * @param provider the client's pools
	 * @param remote what the pool is for
	 */
	static Limits limits(ConnectionProvider provider, SocketAddress remote) {
		ConnectionProvider.Builder settings = (ACCESS != null) ? pool(provider).mutate() : null;
		if (ACCESS == null || settings == null) {
			return Limits.NONE;
		}
		try {
			Object ofHost = ((Map<?, ?>) ACCESS.perHost.get(settings)).get(remote);
			Object spec = (ofHost != null) ? ofHost : settings;
			return new Limits((Duration) ACCESS.maxIdleTime.get(spec), (Duration) ACCESS.maxLifeTime.get(spec));
		}
		catch (IllegalAccessException ex) {
			throw new IllegalStateException(ex); // as above
		}
	}

	private static ConnectionProvider pool(ConnectionProvider provider) {
		if (ACCESS != null && ACCESS.poolOfHttp1.getDeclaringClass().isInstance(provider)) {
			try {
				return (ConnectionProvider) ACCESS.poolOfHttp1.invoke(provider);
			}
			catch (ReflectiveOperationException ex) {
				HookFailures.throwIfFatal(ex);
			}
		}
		return provider;
	}

	/**
	 * The limits of a connection's life.
	 *
	 * @param maxIdleTime how long it may be idle, {@code null} if it does not matter
	 * @param maxLifeTime how long it may live, {@code null} if it does not matter
	 */
	record Limits(@Nullable Duration maxIdleTime, @Nullable Duration maxLifeTime) {

		static final Limits NONE = new Limits(null, null);

	}

}
