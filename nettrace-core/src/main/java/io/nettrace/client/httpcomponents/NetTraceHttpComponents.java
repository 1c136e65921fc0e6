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
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManager;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.io.DetachedSocketFactory;
import org.apache.hc.client5.http.io.HttpClientConnectionManager;
import org.apache.hc.client5.http.io.HttpClientConnectionOperator;
import org.apache.hc.client5.http.ssl.TlsSocketStrategy;
import org.apache.hc.core5.http.config.Lookup;
import org.jspecify.annotations.Nullable;

/**
 * Instruments HttpComponents clients that an application builds by hand; the clients that
 * Spring Boot builds are instrumented without it. Inject it and start from its builder:
 *
 * <pre class="code">
 * HttpClients.custom()
 *     .setConnectionManager(netTrace.connectionManagerBuilder().setMaxConnTotal(50).build())
 *     .build();
 * </pre>
 *
 * Whoever assembles a connection operator can use {@link #dnsResolver} and
 * {@link #socketFactory} alone. Lookups and connects run on the thread that executes the
 * request, and so do their hooks. Safe for use by several threads.
 */
public final class NetTraceHttpComponents {

	static final String CLIENT = "httpcomponents";

	private static final System.Logger logger = System.getLogger(NetTraceHttpComponents.class.getName());

	private final NetTracing tracing;

	private final LookupSettings lookupSettings;

	private final LookupThreads lookupThreads;

	private final @Nullable Dialer race;

	private final UnsupportedRelease unsupported = new UnsupportedRelease("HttpComponents", HttpClientBuilder.class);

	private final Set<HttpClientConnectionManager> tracedManagers = Collections
		.synchronizedSet(Collections.newSetFromMap(new WeakHashMap<>()));

	/**
	 * Create an instance.
	 * @param tracing where operations get their trace
	 * @param lookupSettings how lookups behave
	 * @param lookupThreads where lookups run that have a timeout
	 */
	public NetTraceHttpComponents(NetTracing tracing, LookupSettings lookupSettings, LookupThreads lookupThreads) {
		this(tracing, lookupSettings, lookupThreads, null);
	}

	/**
	 * Create an instance whose clients let the addresses of a host race (Happy Eyeballs).
	 * @param tracing where operations get their trace
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
				(host, port) -> tracing.blockingRequest(CLIENT, host, port).dial(),
				new LookupGroup(this.lookupSettings, this.lookupThreads, TracedDnsResolver.isSystem(resolver)));
	}

	/**
	 * Return a factory of sockets that fire the connect hooks, one pair for each attempt.
	 * @return the factory, of plain and of SOCKS sockets
	 */
	public DetachedSocketFactory socketFactory() {
		return new TracedSocketFactory(this.tracing);
	}

	/**
	 * Prepare the connection manager that is about to be built, so that {@link #complete}
	 * knows it again. Settings may still be made on the builder afterwards. For Spring
	 * Boot's builders, which create the library's builder themselves, so that
	 * {@link #connectionManagerBuilder()} cannot take its place.
	 * @param builder the library's builder
	 */
	public void prepare(PoolingHttpClientConnectionManagerBuilder builder) {
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
	 * Give the client a traced connection manager with the settings of the one that it
	 * has, if that was {@linkplain #prepare prepared}. By now all settings of the
	 * connection manager are made. One that the application has set is left alone.
	 * @param builder the client's builder
	 */
	public void complete(HttpClientBuilder builder) {
		try {
			HttpClientConnectionManager current = (HttpClientConnectionManager) PrivateFields
				.get(HttpClientBuilder.class, "connManager", builder);
			if (current == null || this.tracedManagers.contains(current)) {
				return;
			}
			PoolingHttpClientConnectionManagerBuilder settings = BuilderMark.builderOf(current,
					PoolingHttpClientConnectionManager.class, PoolingHttpClientConnectionManagerBuilder.class);
			if (settings != null) {
				HttpClientConnectionManager twin = twinOf(settings);
				if (this.tracedManagers.contains(twin)) {
					builder.setConnectionManager(twin);
				}
			}
			else if (!this.unsupported.isWarned()) {
				logger.log(System.Logger.Level.INFO,
						"A client has a connection manager of the application's own (" + current.getClass().getName()
								+ "); it is left alone, and its lookups and connects are not"
								+ " traced. To trace it, build it with connectionManagerBuilder() of the bean "
								+ NetTraceHttpComponents.class.getName());
			}
		}
		catch (ReflectiveOperationException | RuntimeException | LinkageError ex) {
			this.unsupported.warn("its connection manager cannot be replaced by a traced one", ex);
		}
	}

	private HttpClientConnectionManager twinOf(PoolingHttpClientConnectionManagerBuilder settings)
			throws ReflectiveOperationException {
		PoolingHttpClientConnectionManagerBuilder twin = connectionManagerBuilder();
		BuilderMark.copySettings(settings, twin, PoolingHttpClientConnectionManagerBuilder.class);
		return twin.build();
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

	/**
	 * Take note of what a traced builder has built.
	 * @param manager the connection manager
	 * @param traced whether it has a traced operator
	 */
	void built(HttpClientConnectionManager manager, boolean traced) {
		if (traced) {
			this.tracedManagers.add(manager);
		}
		else {
			this.unsupported.warn("its connection managers take no other operator", null);
		}
	}

}
