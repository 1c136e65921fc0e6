package io.nettrace.client.reactor;

import java.lang.System.Logger.Level;
import java.lang.reflect.Field;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;
import reactor.netty.http.client.HttpClientConfig;
import reactor.netty.transport.ClientTransportConfig;
import reactor.netty.transport.ProxyProvider;

/**
 * Hears which proxy a request gets. What the application has set may tell another one for
 * each request, so it is asked as often as before: the library does it on the thread that
 * subscribes, before it asks the pool.
 */
final class AskedProxy implements Supplier<ProxyProvider> {

	private static final System.Logger logger = System.getLogger(AskedProxy.class.getName());

	private static final @Nullable Field SUPPLIER = supplier();

	/**
	 * The request that is being subscribed to.
	 */
	private static final ThreadLocal<@Nullable ReactorRequest> SUBSCRIBING = new ThreadLocal<>();

	private final Supplier<ProxyProvider> own;

	private AskedProxy(Supplier<ProxyProvider> own) {
		this.own = own;
	}

	private static @Nullable Field supplier() {
		try {
			Field field = ClientTransportConfig.class.getDeclaredField("proxyProviderSupplier");
			field.setAccessible(true);
			return field;
		}
		catch (ReflectiveOperationException | RuntimeException ex) {
			logger.log(Level.DEBUG, "The proxy of a request will not be known before it has a connection", ex);
			return null;
		}
	}

	/**
	 * Listen in on the settings of one request.
	 */
	static void hearOf(HttpClientConfig request) throws IllegalAccessException {
		Supplier<ProxyProvider> own = request.proxyProviderSupplier();
		if (SUPPLIER != null && own != null && request.proxyProvider() == null && !(own instanceof AskedProxy)) {
			SUPPLIER.set(request, new AskedProxy(own));
		}
	}

	/**
	 * Subscribe to a request.
	 * @param request is told of its proxy
	 * @param subscription subscribes
	 */
	static void tell(ReactorRequest request, Runnable subscription) {
		ReactorRequest outer = SUBSCRIBING.get();
		SUBSCRIBING.set(request);
		try {
			subscription.run();
		}
		finally {
			if (outer != null) {
				SUBSCRIBING.set(outer);
			}
			else {
				SUBSCRIBING.remove();
			}
		}
	}

	@Override
	public ProxyProvider get() {
		ProxyProvider proxy = this.own.get();
		ReactorRequest request = SUBSCRIBING.get();
		if (request != null) {
			request.goesThrough(proxy);
		}
		return proxy;
	}

}
