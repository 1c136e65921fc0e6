package io.nettrace.client.httpcomponents;

import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.impl.nio.PoolingAsyncClientConnectionManagerBuilder;
import org.apache.hc.client5.http.io.HttpClientConnectionManager;

/**
 * For the builders of Spring Boot and of others that create the library's builders of
 * connection managers themselves, so that {@code connectionManagerBuilder()} cannot take
 * their place. Not for applications.
 */
public final class BootConnectionManagers {

	private BootConnectionManagers() {
	}

	/**
	 * Prepare a connection manager that is about to be built, so that
	 * {@link NetTraceHttpComponents#instrument} knows it again. Settings may still be
	 * made on the builder afterwards.
	 * @param netTrace what instruments the client
	 * @param builder the library's builder
	 */
	public static void prepare(NetTraceHttpComponents netTrace, PoolingHttpClientConnectionManagerBuilder builder) {
		netTrace.prepare(builder);
	}

	/**
	 * As
	 * {@link #prepare(NetTraceHttpComponents, PoolingHttpClientConnectionManagerBuilder)},
	 * for the asynchronous client.
	 * @param netTrace what instruments the client
	 * @param builder the library's builder
	 */
	public static void prepare(NetTraceHttpComponentsAsync netTrace,
			PoolingAsyncClientConnectionManagerBuilder builder) {
		netTrace.prepare(builder);
	}

	/**
	 * Return the traced one of a prepared connection manager, with the same settings and
	 * a pool of its own. For a connection manager that others will find as a bean, which
	 * must be the one in use.
	 * @param netTrace what instruments the client
	 * @param manager a connection manager that no client uses yet
	 * @return the traced one, which is not traced again; the given one if it was not
	 * prepared or cannot be traced
	 */
	public static HttpClientConnectionManager traced(NetTraceHttpComponents netTrace,
			HttpClientConnectionManager manager) {
		return netTrace.traced(manager);
	}

	/**
	 * Return a traced connection manager in the place of one that a library has built by
	 * itself. It uses the pool of the given one, closes it, and asks it for the settings
	 * of each connection, with the same resolver, ports, TLS strategies and connection
	 * factory.
	 * @param netTrace what instruments the client
	 * @param manager a connection manager that no client uses yet
	 * @return the traced one; the given one if it is traced already, or cannot be traced
	 */
	public static HttpClientConnectionManager standInFor(NetTraceHttpComponents netTrace,
			HttpClientConnectionManager manager) {
		return netTrace.standInFor(manager);
	}

	/**
	 * Return whether {@link NetTraceHttpComponents#instrument} takes a connection manager
	 * as it is.
	 * @param netTrace what instruments the client
	 * @param manager any connection manager
	 * @return whether it is a traced one
	 */
	public static boolean isTraced(NetTraceHttpComponents netTrace, HttpClientConnectionManager manager) {
		return netTrace.isTraced(manager);
	}

}
