package io.nettrace.client.jdk;

import java.util.Objects;
import java.util.concurrent.Executor;

import io.nettrace.NetTrace;
import io.nettrace.NetTraceContext;
import io.nettrace.instrument.NetTracing;
import io.nettrace.instrument.RequestTrace;
import org.jspecify.annotations.Nullable;

/**
 * Gives the lookups of the JDK's clients their parent. {@code HttpURLConnection} looks up
 * on the thread that sends; {@code HttpClient} does so on its executor, which therefore
 * has to be wrapped. Inject it into code that builds clients by hand; those that Spring
 * Boot builds have it:
 *
 * <pre class="code">
 * HttpClient.newBuilder().executor(netTrace.executor(Executors.newCachedThreadPool())).build();
 * </pre>
 *
 * Lookups are those that reach the JVM's resolver, so an answer from the JVM's cache is
 * none. A redirect has no parent, because {@code HttpClient} follows it on a thread of
 * its own; it shows nothing. Safe for use by several threads.
 */
public final class NetTraceJdk {

	private static final String CLIENT = "jdk";

	/**
	 * The request for which the executor's thread is at work. Several applications of a
	 * JVM may each have made executors.
	 */
	private static final ThreadLocal<@Nullable RequestTrace> CARRIED = new ThreadLocal<>();

	private final NetTracing tracing;

	/**
	 * Create an instance.
	 * @param tracing where requests get their trace
	 */
	public NetTraceJdk(NetTracing tracing) {
		this.tracing = Objects.requireNonNull(tracing, "'tracing' must not be null");
	}

	/**
	 * Return an executor for {@code HttpClient} that carries the request from the thread
	 * that sends to the one that looks up.
	 * @param executor runs the tasks
	 * @return the carrying executor
	 */
	public Executor executor(Executor executor) {
		Objects.requireNonNull(executor, "'executor' must not be null");
		return (task) -> {
			RequestTrace request = request();
			executor.execute((request != null) ? () -> carry(request, task) : task);
		};
	}

	private @Nullable RequestTrace request() {
		RequestTrace carried = CARRIED.get();
		return (carried == null && this.tracing.hasParent()) ? this.tracing.request(CLIENT, null, -1) : carried;
	}

	private static void carry(RequestTrace request, Runnable task) {
		RequestTrace outer = CARRIED.get();
		CARRIED.set(request);
		try {
			task.run();
		}
		finally {
			if (outer != null) {
				CARRIED.set(outer);
			}
			else {
				CARRIED.remove();
			}
		}
	}

	/**
	 * The trace of a lookup that the JVM makes on this thread: none under a lookup that
	 * is traced already, and none without a parent. The JVM also looks up for databases,
	 * brokers and exporters.
	 */
	NetTrace lookupTrace() {
		if (NetTraceContext.current().isSilent()) {
			return NetTrace.NONE;
		}
		RequestTrace request = request();
		return (request != null) ? request.dial() : NetTrace.NONE;
	}

}
