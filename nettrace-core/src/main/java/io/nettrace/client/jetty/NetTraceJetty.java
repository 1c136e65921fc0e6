package io.nettrace.client.jetty;

import java.lang.System.Logger.Level;
import java.util.Objects;

import io.nettrace.concurrent.LookupThreads;
import io.nettrace.dial.AsyncDialer;
import io.nettrace.dial.DialSettings;
import io.nettrace.dns.LookupGroup;
import io.nettrace.dns.LookupSettings;
import io.nettrace.instrument.NetTracing;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.util.SocketAddressResolver;
import org.jspecify.annotations.Nullable;

/**
 * Instruments Jetty clients that an application builds by hand; the clients that Spring
 * Boot builds are instrumented without it. Inject it:
 *
 * <pre class="code">
 * HttpClient client = netTrace.instrument(new HttpClient());
 * client.start();
 * </pre>
 *
 * Lookups and connects belong to the request that made Jetty open the connection, also if
 * another one uses it first; they go on when that request is aborted, as Jetty lets them.
 * Hooks are called by the thread that sends and by the client's own. Safe for use by
 * several threads.
 */
public final class NetTraceJetty {

	static final String CLIENT = "jetty";

	private static final System.Logger logger = System.getLogger(NetTraceJetty.class.getName());

	private final NetTracing tracing;

	private final LookupSettings lookupSettings;

	private final LookupThreads lookupThreads;

	private final @Nullable DialSettings race;

	/**
	 * Create an instance.
	 * @param tracing where requests get their trace
	 * @param lookupSettings how lookups behave
	 * @param lookupThreads where an alternate resolver runs
	 */
	public NetTraceJetty(NetTracing tracing, LookupSettings lookupSettings, LookupThreads lookupThreads) {
		this(tracing, lookupSettings, lookupThreads, null);
	}

	/**
	 * Create an instance whose clients let the addresses of a host race (Happy Eyeballs).
	 * @param tracing where requests get their trace
	 * @param lookupSettings how lookups behave
	 * @param lookupThreads where an alternate resolver runs
	 * @param race how the addresses race, or {@code null} for one after the other. It has
	 * no timeout: each attempt has the client's connect timeout
	 */
	public NetTraceJetty(NetTracing tracing, LookupSettings lookupSettings, LookupThreads lookupThreads,
			@Nullable DialSettings race) {
		if (race != null) {
			new AsyncDialer(race, Runnable::run); // looks at the settings
		}
		this.race = race;
		this.tracing = Objects.requireNonNull(tracing, "'tracing' must not be null");
		this.lookupSettings = Objects.requireNonNull(lookupSettings, "'lookupSettings' must not be null");
		this.lookupThreads = Objects.requireNonNull(lookupThreads, "'lookupThreads' must not be null");
	}

	/**
	 * Trace the lookups and connects of a client. Its resolver, an address filter
	 * included, is wrapped when the client starts. Instrumenting a client twice does no
	 * harm.
	 * @param client the client with all settings made and not yet started; one that runs
	 * is left alone
	 * @return the client
	 */
	public HttpClient instrument(HttpClient client) {
		if (!client.isStopped()) {
			logger.log(Level.WARNING, "A Jetty client is not traced: it has been started before it was instrumented");
		}
		else if (client.getBean(ClientInstrumentation.class) == null) {
			client.addBean(new ClientInstrumentation(client, this.tracing, this::lookups, this.race));
		}
		return client;
	}

	/**
	 * Return whether a client fires the hooks, or will when it is started, by whichever
	 * instance it was instrumented.
	 * @param client the client
	 * @return whether it is instrumented
	 */
	public boolean isInstrumented(HttpClient client) {
		return client.getBean(ClientInstrumentation.class) != null;
	}

	private LookupGroup lookups(SocketAddressResolver resolver) {
		return LookupGroup.ofJvm(this.lookupSettings, this.lookupThreads,
				TracedSocketAddressResolver.isSystem(resolver));
	}

}
