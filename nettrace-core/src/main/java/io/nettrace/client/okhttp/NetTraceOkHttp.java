package io.nettrace.client.okhttp;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.util.Objects;

import io.nettrace.instrument.NetTracing;
import okhttp3.Call;
import okhttp3.EventListener;
import okhttp3.OkHttpClient;

/**
 * Instruments clients of OkHttp 5. Beans of the application are instrumented without it;
 * for a client that is none, inject it:
 *
 * <pre class="code">
 * OkHttpClient client = netTrace.instrument(new OkHttpClient());
 * </pre>
 *
 * All that a client shows comes from OkHttp's {@link EventListener}: the application's
 * own listeners are called as before, and its resolver, socket factories and pool are not
 * touched, so that traced and untraced clients go on to share connections. A call belongs
 * to what is current on the thread that executes or enqueues it. Hooks are called by the
 * threads that OkHttp calls listeners on. Safe for use by several threads.
 */
public final class NetTraceOkHttp {

	static final String CLIENT = "okhttp";

	private static final System.Logger logger = System.getLogger(NetTraceOkHttp.class.getName());

	private final NetTracing tracing;

	private final OkHttpConnections connections;

	/**
	 * Create an instance.
	 * @param tracing where requests get their trace
	 */
	public NetTraceOkHttp(NetTracing tracing) {
		this.tracing = Objects.requireNonNull(tracing, "'tracing' must not be null");
		this.connections = new OkHttpConnections(tracing);
	}

	/**
	 * Trace a client. OkHttp's clients cannot be changed, so that the result is one that
	 * is derived from it and shares its pool and its dispatcher.
	 * @param client the client
	 * @return the traced client; the same one if it is traced already, or if it is of a
	 * subclass, which cannot be derived
	 */
	public OkHttpClient instrument(OkHttpClient client) {
		if (isTraced(client.eventListenerFactory()) || !isSupported()) {
			return client;
		}
		if (client.getClass() != OkHttpClient.class) {
			logger.log(Level.WARNING, "An OkHttp client is not traced, because it is of a class of its own: "
					+ client.getClass().getName() + ". Instrument the builder that it is made of");
			return client;
		}
		return client.newBuilder().eventListenerFactory(traced(client.eventListenerFactory())).build();
	}

	/**
	 * Trace the clients that a builder makes. An event listener that is set on the
	 * builder afterwards takes the place of the trace.
	 * @param builder the builder, with its event listener, if any, set
	 * @return the builder
	 */
	public OkHttpClient.Builder instrument(OkHttpClient.Builder builder) {
		if (!isSupported()) {
			return builder;
		}
		try {
			EventListener.Factory present = BuilderSettings.eventListenerFactory(builder);
			if (!isTraced(present)) {
				builder.eventListenerFactory(traced(present));
			}
		}
		catch (LinkageError ex) {
			logger.log(Level.WARNING,
					"The clients of a builder of OkHttp's are not traced, because this version of OkHttp "
							+ "does not tell its settings. Instrument the clients that it makes",
					ex);
		}
		return builder;
	}

	/**
	 * OkHttp 4 tells of fewer events, and of some at other times.
	 */
	private static boolean isSupported() {
		try {
			EventListener.class.getMethod("retryDecision", Call.class, IOException.class, boolean.class);
			return true;
		}
		catch (NoSuchMethodException ex) {
			logger.log(Level.WARNING, "An OkHttp client is not traced: that takes OkHttp 5");
			return false;
		}
	}

	private EventListener.Factory traced(EventListener.Factory factory) {
		return new TracedListenerFactory(factory, this.tracing, this.connections);
	}

	private boolean isTraced(EventListener.Factory factory) {
		return factory instanceof TracedListenerFactory traced && traced.isOf(this.tracing);
	}

}
