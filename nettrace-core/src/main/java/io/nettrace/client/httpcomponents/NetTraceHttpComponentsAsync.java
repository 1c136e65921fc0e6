package io.nettrace.client.httpcomponents;

import java.lang.System.Logger.Level;
import java.lang.reflect.Field;
import java.util.Objects;

import io.nettrace.NetTrace;
import io.nettrace.NetTracing;
import io.nettrace.concurrent.LookupThreads;
import io.nettrace.dns.LookupGroup;
import io.nettrace.dns.LookupSettings;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.SystemDefaultDnsResolver;
import org.apache.hc.client5.http.impl.async.HttpAsyncClientBuilder;
import org.apache.hc.client5.http.impl.nio.PoolingAsyncClientConnectionManagerBuilder;
import org.apache.hc.client5.http.nio.AsyncClientConnectionManager;
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

	private static final System.Logger logger = System.getLogger(NetTraceHttpComponentsAsync.class.getName());

	private final NetTracing tracing;

	private final LookupSettings lookupSettings;

	private final LookupThreads lookupThreads;

	/**
	 * Create an instance.
	 * @param tracing where operations get their trace
	 * @param lookupSettings how lookups behave
	 * @param lookupThreads where lookups run that have a timeout
	 */
	public NetTraceHttpComponentsAsync(NetTracing tracing, LookupSettings lookupSettings, LookupThreads lookupThreads) {
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
		if (resolver instanceof TracedDnsResolver) {
			return resolver;
		}
		return new TracedDnsResolver(InnermostDnsResolver.inside(resolver), this::operation,
				new LookupGroup(this.lookupSettings, this.lookupThreads, TracedDnsResolver.isSystem(resolver)));
	}

	private NetTrace operation() {
		NetTrace trace = TracedAsyncConnectionManager.operationOfThisThread();
		return (trace != null) ? trace : this.tracing.request(CLIENT).newTrace();
	}

	/**
	 * Put a traced resolver in the place of the one that a connection manager builder
	 * has.
	 * @param builder the builder with all settings made
	 */
	public void prepare(PoolingAsyncClientConnectionManagerBuilder builder) {
		try {
			builder.setDnsResolver(orSystemDefault(dnsResolverOf(builder)));
		}
		catch (ReflectiveOperationException | RuntimeException | LinkageError ex) {
			logger.log(Level.WARNING, "Lookups of asynchronous HttpComponents are not traced:"
					+ " the resolver of its connection manager cannot be read", ex);
		}
	}

	/**
	 * The builder has no getters (HttpClient 5.6 and 5.7-alpha1).
	 */
	private static @Nullable DnsResolver dnsResolverOf(PoolingAsyncClientConnectionManagerBuilder builder)
			throws ReflectiveOperationException {
		Field field = PoolingAsyncClientConnectionManagerBuilder.class.getDeclaredField("dnsResolver");
		field.setAccessible(true);
		return (DnsResolver) field.get(builder);
	}

	DnsResolver orSystemDefault(@Nullable DnsResolver resolver) {
		return dnsResolver((resolver != null) ? resolver : SystemDefaultDnsResolver.INSTANCE);
	}

	/**
	 * Trace the connects of a client, and remember for each request who sent it. A
	 * connection manager of the application's own is wrapped; its lookups are traced only
	 * if it has a {@linkplain #dnsResolver traced resolver}. A builder without one gets
	 * one with default settings.
	 * @param builder the client's builder with all settings made
	 * @return the builder
	 */
	public HttpAsyncClientBuilder instrument(HttpAsyncClientBuilder builder) {
		AsyncClientConnectionManager manager = builder.getConnManager();
		if (manager instanceof TracedAsyncConnectionManager) {
			return builder;
		}
		builder.setConnectionManager(TracedAsyncConnectionManager
			.wrap((manager != null) ? manager : connectionManagerBuilder().build(), this.tracing));
		// outermost, so still on the thread that executes the request, and not again on a
		// redirect
		return builder.addExecInterceptorFirst("nettrace", (request, entityProducer, scope, chain, callback) -> {
			TracedAsyncConnectionManager.remember(this.tracing.request(CLIENT), scope.clientContext);
			chain.proceed(request, entityProducer, scope, callback);
		});
	}

}
