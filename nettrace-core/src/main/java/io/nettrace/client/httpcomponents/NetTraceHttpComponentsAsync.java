package io.nettrace.client.httpcomponents;

import java.util.Collections;
import java.util.Objects;
import java.util.Set;
import java.util.WeakHashMap;

import io.nettrace.concurrent.LookupThreads;
import io.nettrace.concurrent.Threads;
import io.nettrace.dial.AsyncDialer;
import io.nettrace.dial.DialSettings;
import io.nettrace.dns.LookupGroup;
import io.nettrace.dns.LookupSettings;
import io.nettrace.instrument.NetTracing;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.SystemDefaultDnsResolver;
import org.apache.hc.client5.http.async.HttpAsyncClient;
import org.apache.hc.client5.http.impl.DefaultClientConnectionReuseStrategy;
import org.apache.hc.client5.http.impl.async.HttpAsyncClientBuilder;
import org.apache.hc.client5.http.impl.async.InternalHttpAsyncClient;
import org.apache.hc.client5.http.impl.nio.PoolingAsyncClientConnectionManager;
import org.apache.hc.client5.http.impl.nio.PoolingAsyncClientConnectionManagerBuilder;
import org.apache.hc.client5.http.nio.AsyncClientConnectionManager;
import org.apache.hc.core5.http.ConnectionReuseStrategy;
import org.apache.hc.core5.reactor.IOReactorConfig;
import org.apache.hc.core5.reactor.IOSessionListener;
import org.jspecify.annotations.Nullable;

/**
 * Instruments asynchronous HttpComponents clients that an application builds by hand; the
 * clients that Spring Boot builds are instrumented without it. Inject it and finish with
 * {@link #instrument}:
 *
 * <pre class="code">
 * netTrace.instrument(HttpAsyncClients.custom()
 *     .setConnectionManager(netTrace.connectionManagerBuilder().setMaxConnTotal(50).build()))
 *     .build();
 * </pre>
 *
 * The client looks up on the thread that executes the request, or, after a redirect, on a
 * thread of the client's own, and blocks it: so does HttpComponents itself. Connect hooks
 * are called by the client's threads. Safe for use by several threads.
 */
public final class NetTraceHttpComponentsAsync {

	static final String CLIENT = "httpcomponents-async";

	private final NetTracing tracing;

	private final LookupSettings lookupSettings;

	private final LookupThreads lookupThreads;

	private final @Nullable AsyncDialer race;

	private final UnsupportedRelease unsupported = new UnsupportedRelease("Asynchronous HttpComponents",
			HttpAsyncClientBuilder.class);

	private final Set<HttpAsyncClientBuilder> instrumented = Collections
		.synchronizedSet(Collections.newSetFromMap(new WeakHashMap<>()));

	/**
	 * Create an instance.
	 * @param tracing where requests get their trace
	 * @param lookupSettings how lookups behave
	 * @param lookupThreads where lookups run that have a timeout
	 */
	public NetTraceHttpComponentsAsync(NetTracing tracing, LookupSettings lookupSettings, LookupThreads lookupThreads) {
		this(tracing, lookupSettings, lookupThreads, null);
	}

	/**
	 * Create an instance whose clients let the addresses of a host race (Happy Eyeballs).
	 * @param tracing where requests get their trace
	 * @param lookupSettings how lookups behave
	 * @param lookupThreads where lookups run that have a timeout
	 * @param race how the addresses race, or {@code null} for one after the other. It has
	 * no timeout: each attempt has the client's connect timeout
	 */
	public NetTraceHttpComponentsAsync(NetTracing tracing, LookupSettings lookupSettings, LookupThreads lookupThreads,
			@Nullable DialSettings race) {
		this.race = (race != null) ? new AsyncDialer(race, Threads.perTask("nettrace-connect-")) : null;
		this.tracing = Objects.requireNonNull(tracing, "'tracing' must not be null");
		this.lookupSettings = Objects.requireNonNull(lookupSettings, "'lookupSettings' must not be null");
		this.lookupThreads = Objects.requireNonNull(lookupThreads, "'lookupThreads' must not be null");
	}

	/**
	 * Return a connection manager builder whose managers trace lookups, otherwise like
	 * {@link PoolingAsyncClientConnectionManagerBuilder#create()}.
	 * @return a new builder
	 */
	public PoolingAsyncClientConnectionManagerBuilder connectionManagerBuilder() {
		return new TracedAsyncConnectionManagerBuilder(this);
	}

	/**
	 * Return a resolver that fires the DNS hooks. Concurrent lookups of one name share a
	 * call if the settings say so.
	 * @param resolver the resolver to ask, an address filter included
	 * @return the traced resolver, or the given one if it is traced already
	 */
	public DnsResolver dnsResolver(DnsResolver resolver) {
		Objects.requireNonNull(resolver, "'resolver' must not be null");
		return (resolver instanceof RacingDnsResolver) ? resolver : traced(resolver);
	}

	private TracedDnsResolver traced(DnsResolver resolver) {
		if (resolver instanceof TracedDnsResolver already) {
			return already;
		}
		NetTracing tracing = this.tracing;
		return new TracedDnsResolver(InnermostDnsResolver.inside(resolver),
				(host, port) -> tracing.dial(CLIENT, host, port),
				LookupGroup.ofJvm(this.lookupSettings, this.lookupThreads, TracedDnsResolver.isSystem(resolver)));
	}

	/**
	 * Give the connection manager that is about to be built a traced resolver, and
	 * prepare it, so that {@link #instrument} knows it again. Settings may still be made
	 * on the builder afterwards, the resolver included.
	 * @param builder the library's builder
	 */
	void prepare(PoolingAsyncClientConnectionManagerBuilder builder) {
		if (builder instanceof TracedAsyncConnectionManagerBuilder) {
			return;
		}
		try {
			builder.setDnsResolver(orSystemDefault(dnsResolverOf(builder)));
			BuilderMark.put(builder, PoolingAsyncClientConnectionManagerBuilder.class);
		}
		catch (ReflectiveOperationException | RuntimeException | LinkageError ex) {
			this.unsupported.warn("its connection manager builder cannot be read", ex);
		}
	}

	private static @Nullable DnsResolver dnsResolverOf(PoolingAsyncClientConnectionManagerBuilder builder)
			throws ReflectiveOperationException {
		return (DnsResolver) PrivateFields.get(PoolingAsyncClientConnectionManagerBuilder.class, "dnsResolver",
				builder);
	}

	/**
	 * Return the resolver of a connection manager that is about to be built: the
	 * outermost one.
	 */
	DnsResolver orSystemDefault(@Nullable DnsResolver resolver) {
		if (resolver instanceof RacingDnsResolver) {
			return resolver;
		}
		TracedDnsResolver traced = traced((resolver != null) ? resolver : SystemDefaultDnsResolver.INSTANCE);
		return (this.race != null) ? new RacingDnsResolver(traced) : traced;
	}

	static boolean isTraced(@Nullable Object resolver) {
		return resolver instanceof TracedDnsResolver || resolver instanceof RacingDnsResolver;
	}

	void lookupsNotTraced() {
		this.unsupported.warn("its connection managers take no other resolver", null);
	}

	/**
	 * Instrument a client. Its connection manager is wrapped, one of the application's
	 * own too. Lookups of one of the application's own are traced only if it is built
	 * with {@link #connectionManagerBuilder()} or has a {@linkplain #dnsResolver traced
	 * resolver}. A builder without one gets one with default settings.
	 * @param builder the client's builder
	 * @return the builder
	 */
	public HttpAsyncClientBuilder instrument(HttpAsyncClientBuilder builder) {
		try {
			if (this.instrumented.add(builder)) {
				AsyncConnections connections = tracedManager(builder).connections();
				listen(builder, connections);
				race(builder, connections);
				seeContinue(builder);
				AsyncRequestTraceExec.addTo(builder, connections);
			}
		}
		catch (ReflectiveOperationException | RuntimeException | LinkageError ex) {
			this.unsupported.warn("its client builder cannot be read", ex);
		}
		return builder;
	}

	/**
	 * Return whether the lookups and connects of a client are traced, by whichever
	 * instance it was instrumented.
	 * @param client the client, as the library's builder has built it with a pooling
	 * connection manager: of another one nothing is known
	 * @return whether it is known that they are traced
	 */
	public boolean isInstrumented(HttpAsyncClient client) {
		try {
			return client instanceof InternalHttpAsyncClient && PrivateFields.get(InternalHttpAsyncClient.class,
					"manager", client) instanceof TracedAsyncConnectionManager manager && manager.tracesLookups();
		}
		catch (ReflectiveOperationException | RuntimeException | LinkageError ex) {
			return false;
		}
	}

	/**
	 * A manager that several clients share is wrapped once.
	 */
	private TracedAsyncConnectionManager tracedManager(HttpAsyncClientBuilder builder)
			throws ReflectiveOperationException {
		AsyncClientConnectionManager manager = (AsyncClientConnectionManager) PrivateFields
			.get(HttpAsyncClientBuilder.class, "connManager", builder);
		if (manager instanceof TracedAsyncConnectionManager traced) {
			return traced;
		}
		AsyncClientConnectionManager inner = (manager != null) ? withTracedLookups(manager)
				: defaultSettings(builder).build();
		TracedAsyncConnectionManager traced = TracedAsyncConnectionManager.wrap(inner, this.tracing);
		builder.setConnectionManager(traced);
		return traced;
	}

	/**
	 * Without it, the end of a connection is told when the pool notices it.
	 */
	private void listen(HttpAsyncClientBuilder builder, AsyncConnections connections) {
		try {
			builder.setIOSessionListener(connections.listener(
					(IOSessionListener) PrivateFields.get(HttpAsyncClientBuilder.class, "ioSessionListener", builder)));
		}
		catch (ReflectiveOperationException | RuntimeException | LinkageError ex) {
			this.unsupported.warn("its client builder has no session listener", ex);
		}
	}

	private void race(HttpAsyncClientBuilder builder, AsyncConnections connections) {
		if (this.race == null) {
			return;
		}
		try {
			IOReactorConfig config = (IOReactorConfig) PrivateFields.get(HttpAsyncClientBuilder.class,
					"ioReactorConfig", builder);
			connections.letRace(this.race, config != null && config.getSocksProxyAddress() != null);
		}
		catch (ReflectiveOperationException | RuntimeException | LinkageError ex) {
			this.unsupported.warn("its client builder cannot be asked for a SOCKS proxy, so addresses do not race", ex);
		}
	}

	private void seeContinue(HttpAsyncClientBuilder builder) {
		try {
			ConnectionReuseStrategy strategy = (ConnectionReuseStrategy) PrivateFields.get(HttpAsyncClientBuilder.class,
					"reuseStrategy", builder);
			builder.setConnectionReuseStrategy(
					new ContinueListener((strategy != null) ? strategy : defaultReuseStrategy(builder)));
		}
		catch (ReflectiveOperationException | RuntimeException | LinkageError ex) {
			this.unsupported.warn("its client builder has no strategy for connections", ex);
		}
	}

	/**
	 * What the library takes if an application sets nothing.
	 */
	private static ConnectionReuseStrategy defaultReuseStrategy(HttpAsyncClientBuilder builder)
			throws ReflectiveOperationException {
		boolean keepsNone = PrivateFields.isSet(HttpAsyncClientBuilder.class, "systemProperties", builder)
				&& !"true".equalsIgnoreCase(System.getProperty("http.keepAlive", "true"));
		return keepsNone ? (request, response, context) -> false : DefaultClientConnectionReuseStrategy.INSTANCE;
	}

	/**
	 * The settings of the connection manager that the library would make itself.
	 */
	PoolingAsyncClientConnectionManagerBuilder defaultSettings(HttpAsyncClientBuilder builder)
			throws ReflectiveOperationException {
		PoolingAsyncClientConnectionManagerBuilder settings = connectionManagerBuilder();
		if (PrivateFields.isSet(HttpAsyncClientBuilder.class, "systemProperties", builder)) {
			settings.useSystemProperties();
		}
		return settings;
	}

	/**
	 * One that was prepared, but got another resolver afterwards, is replaced by one with
	 * the same settings.
	 */
	private AsyncClientConnectionManager withTracedLookups(AsyncClientConnectionManager manager) {
		try {
			PoolingAsyncClientConnectionManagerBuilder settings = BuilderMark.builderOf(manager,
					PoolingAsyncClientConnectionManager.class, PoolingAsyncClientConnectionManagerBuilder.class);
			if (settings != null && !isTraced(dnsResolverOf(settings))) {
				PoolingAsyncClientConnectionManagerBuilder twin = connectionManagerBuilder();
				BuilderMark.copySettings(settings, twin, PoolingAsyncClientConnectionManagerBuilder.class);
				return twin.build();
			}
		}
		catch (ReflectiveOperationException | RuntimeException | LinkageError ex) {
			this.unsupported.warn("its connection manager cannot be replaced by a traced one", ex);
		}
		return manager;
	}

}
