package io.nettrace.client.httpcomponents;

import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.impl.nio.PoolingAsyncClientConnectionManagerBuilder;

/**
 * For Spring Boot's client builders, which create the library's builders of connection
 * managers themselves, so that {@code connectionManagerBuilder()} cannot take their
 * place. Not for applications.
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

}
