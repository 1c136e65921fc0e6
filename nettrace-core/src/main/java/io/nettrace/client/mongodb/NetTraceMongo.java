package io.nettrace.client.mongodb;

import java.util.Objects;

import com.mongodb.spi.dns.InetAddressResolver;
import io.nettrace.concurrent.LookupThreads;
import io.nettrace.dns.LookupGroup;
import io.nettrace.dns.LookupSettings;
import io.nettrace.dns.SingleFlightPolicy;
import io.nettrace.instrument.NetTracing;

/**
 * Traces the lookups of MongoDB's drivers. How they connect cannot be seen: their
 * settings take no socket factory. A lookup belongs to what the thread does that opens
 * the connection; the driver's own threads, which watch the servers and fill the pools,
 * do nothing of the application's. Inject it into code that builds a client by hand;
 * those that Spring Boot builds have it:
 *
 * <pre class="code">
 * MongoClientSettings.builder().inetAddressResolver(netTrace.resolver(resolver));
 * </pre>
 *
 * Safe for use by several threads.
 */
public final class NetTraceMongo {

	private final NetTracing tracing;

	private final LookupSettings settings;

	private final LookupThreads threads;

	/**
	 * Create an instance.
	 * @param tracing where lookups get their trace
	 * @param settings how lookups behave. They are not shared, whatever the settings say:
	 * a driver makes few
	 * @param threads where lookups run that have a timeout
	 */
	public NetTraceMongo(NetTracing tracing, LookupSettings settings, LookupThreads threads) {
		this.tracing = Objects.requireNonNull(tracing, "'tracing' must not be null");
		this.settings = settings.withSingleFlight(SingleFlightPolicy.NEVER);
		this.threads = Objects.requireNonNull(threads, "'threads' must not be null");
	}

	/**
	 * Return a resolver that asks the JVM's, as the driver does by default, and is
	 * traced.
	 * @return the tracing resolver
	 */
	public InetAddressResolver resolver() {
		JvmResolver jvm = new JvmResolver();
		return new TracedInetAddressResolver(jvm, this.tracing, LookupGroup.ofJvm(this.settings, this.threads, true));
	}

	/**
	 * Trace a resolver.
	 * @param resolver the application's resolver
	 * @return the tracing resolver, which is {@code resolver} if that is one already
	 */
	public InetAddressResolver resolver(InetAddressResolver resolver) {
		Objects.requireNonNull(resolver, "'resolver' must not be null");
		return isTraced(resolver) ? resolver : new TracedInetAddressResolver(resolver, this.tracing,
				new LookupGroup(this.settings, this.threads, false));
	}

	/**
	 * Whether a resolver is one of this class.
	 * @param resolver any resolver
	 * @return whether its lookups are traced
	 */
	public static boolean isTraced(InetAddressResolver resolver) {
		return resolver instanceof TracedInetAddressResolver;
	}

}
