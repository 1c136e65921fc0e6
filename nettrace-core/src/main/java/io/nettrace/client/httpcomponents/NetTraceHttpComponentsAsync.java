package io.nettrace.client.httpcomponents;

import java.io.IOException;
import java.util.Objects;

import io.nettrace.NetTrace;
import io.nettrace.concurrent.LookupThreads;
import io.nettrace.dns.LookupGroup;
import io.nettrace.dns.LookupSettings;
import io.nettrace.instrument.NetTracing;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.SystemDefaultDnsResolver;
import org.apache.hc.client5.http.async.AsyncExecCallback;
import org.apache.hc.client5.http.async.AsyncExecChain;
import org.apache.hc.client5.http.impl.async.HttpAsyncClientBuilder;
import org.apache.hc.client5.http.impl.nio.PoolingAsyncClientConnectionManager;
import org.apache.hc.client5.http.impl.nio.PoolingAsyncClientConnectionManagerBuilder;
import org.apache.hc.client5.http.nio.AsyncClientConnectionManager;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.HttpRequest;
import org.apache.hc.core5.http.nio.AsyncEntityProducer;
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

	private final UnsupportedRelease unsupported = new UnsupportedRelease("Asynchronous HttpComponents",
			HttpAsyncClientBuilder.class);

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
		return new TracedDnsResolver(InnermostDnsResolver.inside(resolver), this::dial,
				new LookupGroup(this.lookupSettings, this.lookupThreads, TracedDnsResolver.isSystem(resolver)));
	}

	private NetTrace dial(String host, int port) {
		NetTrace trace = TracedAsyncConnectionManager.dialOfThisThread();
		return (trace != null) ? trace : this.tracing.request(CLIENT, host, port).dial();
	}

	/**
	 * Give the connection manager that is about to be built a traced resolver, and
	 * prepare it, so that {@link #instrument} knows it again. Settings may still be made
	 * on the builder afterwards, the resolver included. For Spring Boot's builders, which
	 * create the library's builder themselves, so that
	 * {@link #connectionManagerBuilder()} cannot take its place.
	 * @param builder the library's builder
	 */
	public void prepare(PoolingAsyncClientConnectionManagerBuilder builder) {
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

	DnsResolver orSystemDefault(@Nullable DnsResolver resolver) {
		return dnsResolver((resolver != null) ? resolver : SystemDefaultDnsResolver.INSTANCE);
	}

	void lookupsNotTraced() {
		this.unsupported.warn("its connection managers take no other resolver", null);
	}

	/**
	 * Trace the connects of a client, and remember for each request who sent it. Its
	 * connection manager is wrapped, one of the application's own too. One that was
	 * {@linkplain #prepare prepared}, but got another resolver afterwards, is replaced by
	 * one with the same settings. Lookups of one of the application's own are traced only
	 * if it has a {@linkplain #dnsResolver traced resolver}. A builder without one gets
	 * one with default settings.
	 * @param builder the client's builder
	 * @return the builder
	 */
	public HttpAsyncClientBuilder instrument(HttpAsyncClientBuilder builder) {
		try {
			AsyncClientConnectionManager manager = (AsyncClientConnectionManager) PrivateFields
				.get(HttpAsyncClientBuilder.class, "connManager", builder);
			if (!(manager instanceof TracedAsyncConnectionManager)) {
				builder
					.setConnectionManager(TracedAsyncConnectionManager.wrap(withTracedLookups(manager), this.tracing));
				// outermost, so still on the thread that executes the request, and not
				// again on a redirect
				builder.addExecInterceptorFirst("nettrace", this::beginRequest);
			}
		}
		catch (ReflectiveOperationException | RuntimeException | LinkageError ex) {
			this.unsupported.warn("its client builder cannot be read", ex);
		}
		return builder;
	}

	private AsyncClientConnectionManager withTracedLookups(@Nullable AsyncClientConnectionManager manager) {
		if (manager == null) {
			return connectionManagerBuilder().build();
		}
		try {
			PoolingAsyncClientConnectionManagerBuilder settings = BuilderMark.builderOf(manager,
					PoolingAsyncClientConnectionManager.class, PoolingAsyncClientConnectionManagerBuilder.class);
			if (settings != null && !(dnsResolverOf(settings) instanceof TracedDnsResolver)) {
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

	private void beginRequest(HttpRequest request, AsyncEntityProducer entityProducer, AsyncExecChain.Scope scope,
			AsyncExecChain chain, AsyncExecCallback callback) throws HttpException, IOException {
		HttpHost target = scope.route.getTargetHost();
		TracedAsyncConnectionManager.begin(this.tracing.request(CLIENT, target.getHostName(), target.getPort()),
				scope.clientContext);
		chain.proceed(request, entityProducer, scope, callback);
	}

}
