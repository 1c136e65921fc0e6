package io.nettrace.client.jdbc;

import java.util.Properties;
import java.util.concurrent.Executor;

import io.nettrace.instrument.NetTracing;
import io.nettrace.instrument.RequestTrace;
import org.jspecify.annotations.Nullable;

/**
 * The {@code connectExecutor} of PostgreSQL's driver, which makes it by its name. With a
 * login timeout, which a pool may set, the driver connects on another thread. This starts
 * one as the driver does, and carries the trace to it; see {@link NetTraceJdbc}.
 */
public final class PostgresqlConnectExecutor implements Executor {

	/**
	 * The driver's name for it.
	 */
	private static final String THREAD = "PostgreSQL JDBC driver connection thread";

	/**
	 * Only on threads that are started here, and end with their connect.
	 */
	private static final ThreadLocal<@Nullable RequestTrace> CARRIED = new ThreadLocal<>();

	private final @Nullable String application;

	/**
	 * Called by the driver for each connection.
	 * @param info the properties of the connection
	 */
	public PostgresqlConnectExecutor(Properties info) {
		this.application = info.getProperty(PostgresqlSocketFactory.ARGUMENT);
	}

	static @Nullable RequestTrace carried() {
		return CARRIED.get();
	}

	@Override
	public void execute(Runnable connect) {
		NetTracing tracing = NetTraceJdbc.tracing(this.application);
		RequestTrace request = (tracing != null) ? tracing.request(PostgresqlSocketFactory.CLIENT, null, -1)
				: RequestTrace.NONE;
		Thread thread = new Thread(() -> carry(request, connect), THREAD);
		thread.setDaemon(true);
		thread.start();
	}

	private static void carry(RequestTrace request, Runnable connect) {
		CARRIED.set(request);
		try {
			connect.run();
		}
		finally {
			CARRIED.remove();
		}
	}

}
