package io.nettrace.client.reactor;

import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.WeakHashMap;

import io.nettrace.Hook;
import io.nettrace.concurrent.LookupThreads;
import io.nettrace.dial.AsyncDialer;
import io.nettrace.dial.DialSettings;
import io.nettrace.dns.LookupGroup;
import io.nettrace.dns.LookupSettings;
import io.nettrace.instrument.NetTracing;
import io.netty.resolver.AddressResolverGroup;
import io.netty.resolver.DefaultAddressResolverGroup;
import io.netty.resolver.NoopAddressResolverGroup;
import io.netty.resolver.dns.DnsAddressResolverGroup;
import io.netty.resolver.dns.DnsNameResolverBuilder;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.netty.Connection;
import reactor.netty.http.client.HttpClient;
import reactor.netty.resources.ConnectionProvider;
import reactor.netty.transport.NameResolverProvider;

/**
 * Instruments Reactor Netty clients that an application builds by hand; the clients that
 * Spring Boot builds are instrumented without it:
 *
 * <pre class="code">
 * HttpClient client = netTrace.instrument(HttpClient.create().responseTimeout(timeout));
 * </pre>
 *
 * Hooks are called on the event loop of the connection. Safe for use by several threads.
 * <p>
 * Clients that shared a pool without nettrace share it with nettrace, whichever instance
 * instruments them: what Reactor Netty compares to tell pools apart is the same for all.
 * Such a pool holds the client that was first to use it for as long as the JVM runs: what
 * the client leads to is let go when the {@link NetTracing} is closed.
 */
public final class NetTraceReactorNetty {

	static final String CLIENT = "reactor-netty";

	private static final NameResolverProvider DEFAULT_RESOLVER = NameResolverProvider.builder().build();

	private final NetTracing tracing;

	private final LookupSettings lookupSettings;

	private final LookupThreads lookupThreads;

	private final @Nullable DialSettings race;

	// By the client's resolver, the part of a pool's key that lookups depend on
	private final Map<Object, LookupGroup> lookups = Collections.synchronizedMap(new WeakHashMap<>());

	/**
	 * Create an instance.
	 * @param tracing where requests get their trace
	 * @param lookupSettings how lookups behave
	 * @param lookupThreads where the lookups of an alternate resolver run
	 */
	public NetTraceReactorNetty(NetTracing tracing, LookupSettings lookupSettings, LookupThreads lookupThreads) {
		this(tracing, lookupSettings, lookupThreads, null);
	}

	/**
	 * Create an instance whose clients let the addresses of a host race (Happy Eyeballs).
	 * Such clients have pools of their own.
	 * @param tracing where requests get their trace
	 * @param lookupSettings how lookups behave
	 * @param lookupThreads where the lookups of an alternate resolver run
	 * @param race how the addresses race, or {@code null} for one after the other. It has
	 * no timeout: each attempt has the client's connect timeout
	 */
	public NetTraceReactorNetty(NetTracing tracing, LookupSettings lookupSettings, LookupThreads lookupThreads,
			@Nullable DialSettings race) {
		if (race != null) {
			new AsyncDialer(race, Runnable::run); // looks at the settings
		}
		this.race = race;
		this.tracing = Objects.requireNonNull(tracing, "'tracing' must not be null");
		this.lookupSettings = Objects.requireNonNull(lookupSettings, "'lookupSettings' must not be null");
		this.lookupThreads = Objects.requireNonNull(lookupThreads, "'lookupThreads' must not be null");
		if (tracing.calls(Hook.DNS_ANSWER)) {
			NettyLookups.want();
		}
		UnmadeSocket.prepare();
	}

	/**
	 * Return a client that fires the hooks. Whatever is set on it later holds, but a
	 * resolver that is set later is not traced. However often a client is instrumented,
	 * each hook is called once.
	 * @param client the client with all settings made
	 * @return the traced client, or the given one if it is traced already
	 */
	public HttpClient instrument(HttpClient client) {
		HttpClient traced = withRaces(withTracedResolver(client));
		if (TracedChannelInit.isIn(client)) {
			return traced; // perhaps it got its resolver after it was instrumented
		}
		return TracedObserver.addTo(TracedChannelInit
			.addTo(traced.mapConnect(this::withRequest).doOnResolve(ChannelTraceHandler::beforeLookup)));
	}

	/**
	 * Return whether a client fires the hooks, by whichever instance it was instrumented.
	 * @param client the client
	 * @return whether it is instrumented
	 */
	public boolean isInstrumented(HttpClient client) {
		return TracedChannelInit.isIn(client);
	}

	/**
	 * Build pools that tell when an exchange waits for them, for
	 * {@link HttpClient#create(ConnectionProvider)}. Reactor Netty has no hook for that
	 * in a pool that exists: with other pools, the wait hooks are not called.
	 *
	 * <pre class="code">
	 * ConnectionProvider pools = netTrace.connectionProvider(ConnectionProvider.builder("orders").maxConnections(20));
	 * </pre>
	 * @param builder the builder with all settings made; they hold, those for a single
	 * host and a timer of the application's own included. What it builds later tells of
	 * waits, too
	 * @return the pools, which the application closes
	 */
	public ConnectionProvider connectionProvider(ConnectionProvider.Builder builder) {
		PoolSettings.tellOfWaits(Objects.requireNonNull(builder, "'builder' must not be null"));
		return builder.build();
	}

	/**
	 * Have the queries of resolvers that are made by hand shown. With a
	 * {@link DnsAddressResolverGroup}, and without a resolver of the client's own, that
	 * is done anyway.
	 *
	 * <pre class="code">
	 * netTrace.showQueries(group, builder); // which makes its resolvers with builder.copy()
	 * HttpClient client = netTrace.instrument(HttpClient.create().resolver(group));
	 * </pre>
	 *
	 * The builder gets an observer of queries beside the one that it has, and a provider
	 * of name servers that asks the one that it has: both are to be set before, and hold
	 * nothing of this instance. Resolvers that were made before show no queries, and
	 * neither do any if the hooks of queries are off or, after one WARN, if this version
	 * of Netty keeps its settings elsewhere. Answers, cache and order stay what they are.
	 * May be called by any thread, as long as no other one uses the builder.
	 * @param group the resolvers that clients are given, each with its own builder
	 * @param builder what the group is going to make its resolvers with
	 */
	public void showQueries(AddressResolverGroup<?> group, DnsNameResolverBuilder builder) {
		Objects.requireNonNull(group, "'group' must not be null");
		Objects.requireNonNull(builder, "'builder' must not be null");
		NettyLookups.install(group, builder);
	}

	/**
	 * A proxy's client has {@link NoopAddressResolverGroup}: the proxy looks up. It must
	 * stay, or the name would be looked up here.
	 */
	private static HttpClient withTracedResolver(HttpClient client) {
		AddressResolverGroup<?> resolver = client.configuration().resolver();
		if (resolver == NoopAddressResolverGroup.INSTANCE || resolver instanceof TracedAddressResolverGroup) {
			return client;
		}
		return client.resolver((resolver != null) ? new TracedAddressResolverGroup(resolver, isSystem(client, resolver))
				: TracedAddressResolverGroup.BY_DEFAULT);
	}

	/**
	 * A proxy's client looks nothing up: the proxy connects.
	 */
	private HttpClient withRaces(HttpClient client) {
		return (this.race != null && client.configuration().resolver() != NoopAddressResolverGroup.INSTANCE)
				? RacingSelector.addTo(client, this.race) : client;
	}

	/**
	 * Whether the answers are the JVM's or those of Reactor Netty's default resolver, of
	 * which a client with event loops of its own has another one.
	 */
	private static boolean isSystem(HttpClient client, AddressResolverGroup<?> resolver) {
		return resolver.getClass() == DefaultAddressResolverGroup.class
				|| DEFAULT_RESOLVER.equals(client.configuration().getNameResolverProvider());
	}

	/**
	 * Subscribed to once for each request, on the thread that subscribes to the response.
	 */
	private Mono<? extends Connection> withRequest(Mono<? extends Connection> connect) {
		return new TracedConnect(connect, this);
	}

	NetTracing tracing() {
		return this.tracing;
	}

	/**
	 * Return the lookups of a resolver.
	 */
	LookupGroup lookups(TracedAddressResolverGroup resolver) {
		return this.lookups.computeIfAbsent(resolver.key(),
				(key) -> resolver.asksJvm() ? LookupGroup.ofJvm(this.lookupSettings, this.lookupThreads, true)
						: new LookupGroup(this.lookupSettings, this.lookupThreads, resolver.isSystem()));
	}

}
