package io.nettrace.client.grpc;

import java.util.Objects;

import io.grpc.NameResolverProvider;
import io.nettrace.client.netty.NetTraceNetty;
import io.nettrace.instrument.NetTracing;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;

/**
 * Traces the connections of gRPC's channels on Netty: lookup, attempts and TLS handshake.
 * A builder takes both parts:
 *
 * <pre class="code">
 * NettyChannelBuilder.forTarget("dns:///orders.example.org:9090")
 *     .nameResolverFactory(netTrace.nameResolver(dns))
 *     .channelFactory(netTrace.channelFactory(NioSocketChannel::new))
 *     .eventLoopGroup(eventLoops);
 * </pre>
 *
 * The lookup and its attempts belong to what the thread does whose call starts the
 * channel, or ends its idle time; what gRPC does by itself, when it looks up again or
 * reconnects, belongs to nothing. Safe for use by several threads.
 */
public final class NetTraceGrpc {

	private static final String CLIENT = "grpc";

	private final NetTracing tracing;

	private volatile boolean used;

	/**
	 * Create an instance.
	 * @param tracing where lookups and connections get their trace
	 */
	public NetTraceGrpc(NetTracing tracing) {
		this.tracing = Objects.requireNonNull(tracing, "'tracing' must not be null");
	}

	/**
	 * Trace the lookups of a provider's resolvers, gRPC's own of {@code dns} for one.
	 * Lookups are told of a resolver that asks the channel's
	 * {@link io.grpc.ProxyDetector} and then looks up, as that does, on the channel's
	 * offload executor; another one works as before, and nothing is told of its lookups.
	 * @param resolvers the provider, which answers as before
	 * @return a provider for the same scheme
	 */
	public NameResolverProvider nameResolver(NameResolverProvider resolvers) {
		Objects.requireNonNull(resolvers, "'resolvers' must not be null");
		this.used = true;
		return (resolvers instanceof TracedNameResolverProvider) ? resolvers
				: new TracedNameResolverProvider(resolvers, () -> this.tracing.request(CLIENT, null, -1));
	}

	/**
	 * Trace the attempts of a channel, and its TLS handshakes. Those of an address that
	 * was not looked up by such a resolver belong to nothing.
	 * @param <C> the type of Netty's channels
	 * @param channels makes Netty's channels, for the event loops that the builder has
	 * @return a factory of the same channels
	 */
	public <C extends Channel> ChannelFactory<C> channelFactory(ChannelFactory<C> channels) {
		this.used = true;
		return NetTraceNetty.channelFactory(CLIENT, this.tracing, channels);
	}

	/**
	 * Whether this instance was asked for a part of a channel. If not, it traces none.
	 * @return whether one of the above was called
	 */
	public boolean isUsed() {
		return this.used;
	}

}
