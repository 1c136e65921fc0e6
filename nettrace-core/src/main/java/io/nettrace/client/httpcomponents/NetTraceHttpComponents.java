package io.nettrace.client.httpcomponents;

import java.util.Collections;
import java.util.Objects;
import java.util.Set;
import java.util.WeakHashMap;

import io.nettrace.concurrent.LookupThreads;
import io.nettrace.concurrent.Threads;
import io.nettrace.dial.DialSettings;
import io.nettrace.dial.Dialer;
import io.nettrace.dns.LookupGroup;
import io.nettrace.dns.LookupSettings;
import io.nettrace.instrument.NetTracing;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.SchemePortResolver;
import org.apache.hc.client5.http.classic.HttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManager;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.io.DetachedSocketFactory;
import org.apache.hc.client5.http.io.HttpClientConnectionManager;
import org.apache.hc.client5.http.io.HttpClientConnectionOperator;
import org.apache.hc.client5.http.io.ManagedHttpClientConnection;
import org.apache.hc.client5.http.ssl.TlsSocketStrategy;
import org.apache.hc.core5.http.config.Lookup;
import org.jspecify.annotations.Nullable;

/**
 * Instruments HttpComponents clients that an application builds by hand; the clients that
 * Spring Boot builds are instrumented without it. Inject it and finish with
 * {@link #instrument}:
 *
 * <pre class="code">
 * netTrace.instrument(HttpClients.custom()
 *     .setConnectionManager(netTrace.connectionManagerBuilder().setMaxConnTotal(50).build()))
 *     .build();
 * </pre>
 *
 * A connection operator of the application's own can use {@link #dnsResolver} and
 * {@link #socketFactory} alone. Everything runs on the thread that executes the request,
 * and so do the hooks. Safe for use by several threads.
 */
public final class NetTraceHttpComponents {

	static final String CLIENT = "httpcomponents";

	/**
	 * Its class is not public.
	 */
	private static final String INTERNAL_CLIENT = "org.apache.hc.client5.http.impl.classic.InternalHttpClient";

	private static final System.Logger logger = System.getLogger(NetTraceHttpComponents.class.getName());

	private final NetTracing tracing;

	private final LookupSettings lookupSettings;

	private final LookupThreads lookupThreads;

	private final @Nullable Dialer race;

	private final UnsupportedRelease unsupported = new UnsupportedRelease("HttpComponents", HttpClientBuilder.class);

	private final LeaseFutures leaseFutures = new LeaseFutures(this.unsupported);

	private final Set<HttpClientConnectionManager> tracedManagers = weakSet();

	private final Set<HttpClientBuilder> instrumented = weakSet();

	/**
	 * Create an instance.
	 * @param tracing where requests get their trace
	 * @param lookupSettings how lookups behave
	 * @param lookupThreads where lookups run that have a timeout
	 */
	public NetTraceHttpComponents(NetTracing tracing, LookupSettings lookupSettings, LookupThreads lookupThreads) {
		this(tracing, lookupSettings, lookupThreads, null);
	}

	/**
	 * Create an instance whose clients let the addresses of a host race (Happy Eyeballs).
	 * @param tracing where requests get their trace
	 * @param lookupSettings how lookups behave
	 * @param lookupThreads where lookups run that have a timeout
	 * @param race how addresses race, or {@code null} to try one after the other as the
	 * library does. The client's connect timeout holds for each attempt
	 */
	public NetTraceHttpComponents(NetTracing tracing, LookupSettings lookupSettings, LookupThreads lookupThreads,
			@Nullable DialSettings race) {
		this.tracing = Objects.requireNonNull(tracing, "'tracing' must not be null");
		this.lookupSettings = Objects.requireNonNull(lookupSettings, "'lookupSettings' must not be null");
		this.lookupThreads = Objects.requireNonNull(lookupThreads, "'lookupThreads' must not be null");
		this.race = (race != null) ? new Dialer(race, Threads.perTask("nettrace-connect-")) : null;
	}

	private static <T> Set<T> weakSet() {
		return Collections.synchronizedSet(Collections.newSetFromMap(new WeakHashMap<>()));
	}

	/**
	 * Instrument a client. Its connection manager has to be built with
	 * {@link #connectionManagerBuilder()}; if it has none, it gets one with default
	 * settings. Another connection manager of the application's own is left alone, and
	 * one line in the log says so.
	 * @param builder the client's builder
	 * @return the builder
	 */
	public HttpClientBuilder instrument(HttpClientBuilder builder) {
		try {
			if (hasTracedConnectionManager(builder) && this.instrumented.add(builder)) {
				RequestTraceExec.addTo(builder, this.tracing);
			}
		}
		catch (ReflectiveOperationException | RuntimeException | LinkageError ex) {
			this.unsupported.warn("its connection manager cannot be replaced by a traced one", ex);
		}
		return builder;
	}

	/**
	 * Return whether the lookups and connects of a client are traced, by whichever
	 * instance it was instrumented.
	 * @param client the client, as the library's builder has built it: of one of another
	 * class nothing is known
	 * @return whether it is known that they are traced
	 */
	public boolean isInstrumented(HttpClient client) {
		try {
			return client.getClass().getName().equals(INTERNAL_CLIENT)
					&& PrivateFields.get(client.getClass(), "connManager",
							client) instanceof HttpClientConnectionManager manager
					&& (manager instanceof TracedConnectionManager || this.tracedManagers.contains(manager));
		}
		catch (ReflectiveOperationException | RuntimeException | LinkageError ex) {
			return false;
		}
	}

	private boolean hasTracedConnectionManager(HttpClientBuilder builder) throws ReflectiveOperationException {
		HttpClientConnectionManager current = (HttpClientConnectionManager) PrivateFields.get(HttpClientBuilder.class,
				"connManager", builder);
		if (current != null && this.tracedManagers.contains(current)) {
			return true;
		}
		PoolingHttpClientConnectionManagerBuilder settings = (current != null) ? BuilderMark.builderOf(current,
				PoolingHttpClientConnectionManager.class, PoolingHttpClientConnectionManagerBuilder.class)
				: defaultSettings(builder);
		if (settings == null) {
			leaveAlone(Objects.requireNonNull(current));
			return false;
		}
		HttpClientConnectionManager twin = twinOf(settings);
		if (!this.tracedManagers.contains(twin)) {
			return false;
		}
		builder.setConnectionManager(twin);
		return true;
	}

	private void leaveAlone(HttpClientConnectionManager manager) {
		if (!this.unsupported.isWarned()) {
			logger.log(System.Logger.Level.INFO,
					"A client has a connection manager of the application's own (" + manager.getClass().getName()
							+ "); it is left alone, and its lookups and connects are not"
							+ " traced. To trace it, build it with connectionManagerBuilder() of the bean "
							+ NetTraceHttpComponents.class.getName());
		}
	}

	/**
	 * The settings of the connection manager that the library would make itself.
	 */
	static PoolingHttpClientConnectionManagerBuilder defaultSettings(HttpClientBuilder builder)
			throws ReflectiveOperationException {
		PoolingHttpClientConnectionManagerBuilder settings = PoolingHttpClientConnectionManagerBuilder.create();
		if (PrivateFields.isSet(HttpClientBuilder.class, "systemProperties", builder)) {
			settings.useSystemProperties();
		}
		return settings;
	}

	private HttpClientConnectionManager twinOf(PoolingHttpClientConnectionManagerBuilder settings)
			throws ReflectiveOperationException {
		PoolingHttpClientConnectionManagerBuilder twin = connectionManagerBuilder();
		BuilderMark.copySettings(settings, twin, PoolingHttpClientConnectionManagerBuilder.class);
		return twin.build();
	}

	/**
	 * Return a connection manager builder whose managers are traced, otherwise like
	 * {@link PoolingHttpClientConnectionManagerBuilder#create()}.
	 * @return a new builder
	 */
	public PoolingHttpClientConnectionManagerBuilder connectionManagerBuilder() {
		return new TracedConnectionManagerBuilder(this);
	}

	/**
	 * Return a resolver that fires the DNS hooks. Concurrent lookups of one name share a
	 * call if the settings say so.
	 * @param resolver the resolver to ask, an address filter included
	 * @return the traced resolver, or the given one if it is traced already
	 */
	public DnsResolver dnsResolver(DnsResolver resolver) {
		Objects.requireNonNull(resolver, "'resolver' must not be null");
		if (resolver instanceof TracedDnsResolver) {
			return resolver;
		}
		NetTracing tracing = this.tracing;
		return new TracedDnsResolver(InnermostDnsResolver.inside(resolver),
				(host, port) -> tracing.blockingDial(CLIENT, host, port),
				LookupGroup.ofJvm(this.lookupSettings, this.lookupThreads, TracedDnsResolver.isSystem(resolver)));
	}

	/**
	 * Return a factory of sockets that fire the connect hooks, one pair for each attempt.
	 * @return the factory, of plain and of SOCKS sockets
	 */
	public DetachedSocketFactory socketFactory() {
		return new TracedSocketFactory(this.tracing);
	}

	/**
	 * Prepare the connection manager that is about to be built, so that
	 * {@link #instrument} knows it again. Settings may still be made on the builder
	 * afterwards.
	 * @param builder the library's builder
	 */
	void prepare(PoolingHttpClientConnectionManagerBuilder builder) {
		if (builder instanceof TracedConnectionManagerBuilder) {
			return;
		}
		try {
			BuilderMark.put(builder, PoolingHttpClientConnectionManagerBuilder.class);
		}
		catch (ReflectiveOperationException | RuntimeException | LinkageError ex) {
			this.unsupported.warn("its connection manager builder cannot be read", ex);
		}
	}

	/**
	 * Return the traced one of a connection manager that was {@linkplain #prepare
	 * prepared}.
	 * @param manager what no client uses yet
	 * @return the given one if it cannot be traced
	 */
	HttpClientConnectionManager traced(HttpClientConnectionManager manager) {
		try {
			PoolingHttpClientConnectionManagerBuilder settings = BuilderMark.builderOf(manager,
					PoolingHttpClientConnectionManager.class, PoolingHttpClientConnectionManagerBuilder.class);
			return (settings != null) ? twinOf(settings) : manager;
		}
		catch (ReflectiveOperationException | RuntimeException | LinkageError ex) {
			this.unsupported.warn("its connection manager cannot be replaced by a traced one", ex);
			return manager;
		}
	}

	/**
	 * Return what stands in for a connection manager that was not prepared.
	 * @param manager what no client uses yet
	 * @return the given one if it is traced already, or cannot be traced
	 */
	HttpClientConnectionManager standInFor(HttpClientConnectionManager manager) {
		if (isTraced(manager) || !(manager instanceof PoolingHttpClientConnectionManager pooling)) {
			return manager;
		}
		try {
			HttpClientConnectionManager standIn = FinishedConnectionManager.standInFor(pooling, this);
			return (standIn != null) ? standIn : manager;
		}
		catch (ReflectiveOperationException | RuntimeException | LinkageError ex) {
			this.unsupported.warn("its connection manager cannot be replaced by a traced one", ex);
			return manager;
		}
	}

	/**
	 * Whether a connection manager is a traced one of this instance.
	 */
	boolean isTraced(HttpClientConnectionManager manager) {
		return this.tracedManagers.contains(manager);
	}

	/**
	 * The operator of a traced connection manager.
	 */
	HttpClientConnectionOperator connectionOperator(@Nullable SchemePortResolver schemePortResolver,
			DnsResolver dnsResolver, Lookup<TlsSocketStrategy> tlsStrategies) {
		DnsResolver resolver = dnsResolver(dnsResolver);
		if (this.race != null) {
			return new RacingConnectionOperator(this.tracing, socketFactory(), schemePortResolver, resolver,
					tlsStrategies, this.race);
		}
		return new TracedConnectionOperator(this.tracing, socketFactory(), schemePortResolver, resolver, tlsStrategies);
	}

	TlsSocketStrategy traced(TlsSocketStrategy strategy) {
		return new TracedTlsSocketStrategy(strategy, this.tracing);
	}

	ManagedHttpClientConnection traced(ManagedHttpClientConnection connection) {
		return new TracedConnection(connection, this.tracing);
	}

	void connectionsNotTraced(Exception failure) {
		this.unsupported.warn("its connection manager builder has no connection factory", failure);
	}

	/**
	 * Watch what a traced builder has built.
	 * @param manager the connection manager
	 * @param operator its operator, {@code null} if it is not a traced one
	 * @return the watched manager, the given one if it cannot be watched
	 */
	PoolingHttpClientConnectionManager built(PoolingHttpClientConnectionManager manager,
			@Nullable HttpClientConnectionOperator operator) {
		if (operator == null) {
			this.unsupported.warn("its connection managers take no other operator", null);
			return manager;
		}
		PoolingHttpClientConnectionManager traced = watched(manager, operator);
		this.tracedManagers.add(traced);
		return traced;
	}

	private PoolingHttpClientConnectionManager watched(PoolingHttpClientConnectionManager manager,
			HttpClientConnectionOperator operator) {
		try {
			return new TracedConnectionManager(manager, operator, this.tracing, this.leaseFutures);
		}
		catch (ReflectiveOperationException | RuntimeException | LinkageError ex) {
			this.unsupported.warn("waits for its pool, and what closes its idle connections, cannot be seen", ex);
			return manager;
		}
	}

}
