package io.nettrace.client.reactor;

import java.net.SocketAddress;
import java.util.Objects;
import java.util.function.Supplier;

import io.netty.channel.Channel;
import io.netty.channel.socket.DuplexChannel;
import io.netty.resolver.AddressResolverGroup;
import io.netty.resolver.DefaultAddressResolverGroup;
import io.netty.resolver.NoopAddressResolverGroup;
import io.nettrace.NetTracing;
import io.nettrace.concurrent.LookupThreads;
import io.nettrace.dns.LookupGroup;
import io.nettrace.dns.LookupSettings;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.netty.ChannelPipelineConfigurer;
import reactor.netty.Connection;
import reactor.netty.ConnectionObserver;
import reactor.netty.http.client.HttpClient;
import reactor.netty.http.client.HttpClientConfig;

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
 * What Reactor Netty compares to tell pools apart is the same for every client of one
 * instance, so clients that shared a pool without nettrace share it with nettrace.
 */
public final class NetTraceReactorNetty {

	static final String CLIENT = "reactor-netty";

	private final NetTracing tracing;

	private final LookupSettings lookupSettings;

	private final LookupThreads lookupThreads;

	// One instance, because it is part of the pool's key
	private final ChannelPipelineConfigurer channelInit = this::addConnectHandler;

	/**
	 * Create an instance.
	 * @param tracing where operations get their trace
	 * @param lookupSettings how lookups behave
	 * @param lookupThreads where the lookups of an alternate resolver run
	 */
	public NetTraceReactorNetty(NetTracing tracing, LookupSettings lookupSettings, LookupThreads lookupThreads) {
		this.tracing = Objects.requireNonNull(tracing, "'tracing' must not be null");
		this.lookupSettings = Objects.requireNonNull(lookupSettings, "'lookupSettings' must not be null");
		this.lookupThreads = Objects.requireNonNull(lookupThreads, "'lookupThreads' must not be null");
	}

	/**
	 * Return a client that fires the hooks. Instrument last: a resolver that is set later
	 * is not traced, and a proxy that is set later would get addresses in place of names.
	 * However often a client is instrumented, each hook is called once.
	 * @param client the client with all settings made
	 * @return the traced client, or the given one if its lookups are traced already
	 */
	public HttpClient instrument(HttpClient client) {
		if (client.configuration().resolver() instanceof TracedAddressResolverGroup) {
			return client;
		}
		HttpClient traced = withTracedResolver(client);
		if (client.configuration().doOnChannelInit() == this.channelInit) {
			return traced; // has a proxy, or got its resolver after it was instrumented
		}
		return traced.mapConnect(this::withRequest)
			.doOnResolve(ConnectTraceHandler::beforeLookup)
			.doOnChannelInit(this.channelInit);
	}

	/**
	 * A proxy's client has {@link NoopAddressResolverGroup}: the proxy looks up. It must
	 * stay, or the name would be looked up here.
	 */
	private HttpClient withTracedResolver(HttpClient client) {
		HttpClientConfig configuration = client.configuration();
		AddressResolverGroup<?> resolver = configuration.resolver();
		if (resolver == NoopAddressResolverGroup.INSTANCE) {
			return client;
		}
		if (resolver != null) {
			return client.resolver(new TracedAddressResolverGroup(resolver,
					newLookupGroup(resolver.getClass() == DefaultAddressResolverGroup.class)));
		}
		// Asked for at each event loop's first lookup: HttpResources may be reset
		Supplier<AddressResolverGroup<?>> byDefault = configuration::defaultAddressResolverGroup;
		return client.resolver(new TracedAddressResolverGroup(HttpClientConfig.class, byDefault, newLookupGroup(true)));
	}

	private LookupGroup newLookupGroup(boolean systemResolver) {
		return new LookupGroup(this.lookupSettings, this.lookupThreads, systemResolver);
	}

	/**
	 * Subscribed to once for each request, on the thread that subscribes to the response.
	 */
	private Mono<? extends Connection> withRequest(Mono<? extends Connection> connect) {
		return new TracedConnect(connect, this.tracing);
	}

	/**
	 * A channel that has a handler belongs to a client that was instrumented twice and
	 * has a handler for channels of its own too, behind which ours cannot be seen. An
	 * attribute of the client would tell, but each channel would carry it.
	 */
	private void addConnectHandler(ConnectionObserver observer, Channel channel, @Nullable SocketAddress remote) {
		RequestTraces request = RequestTraces.readFrom(observer.currentContext());
		if (request == null || !(channel instanceof DuplexChannel)) { // QUIC's are not
			return;
		}
		if (channel.pipeline().get(ConnectTraceHandler.class) == null) {
			channel.pipeline().addFirst(new ConnectTraceHandler(request));
		}
	}

}
