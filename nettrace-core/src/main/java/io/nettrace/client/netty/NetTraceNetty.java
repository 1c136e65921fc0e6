package io.nettrace.client.netty;

import java.net.SocketAddress;
import java.util.Objects;
import java.util.concurrent.ThreadFactory;

import io.nettrace.concurrent.LookupThreads;
import io.nettrace.dns.LookupGroup;
import io.nettrace.dns.LookupSettings;
import io.nettrace.dns.SingleFlightPolicy;
import io.nettrace.instrument.NetTracing;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.EventLoopGroup;
import io.netty.resolver.AddressResolverGroup;
import io.netty.resolver.DefaultAddressResolverGroup;

/**
 * Traces the connections that a Netty {@link Bootstrap} makes: lookup, attempt and TLS
 * handshake. For libraries that let their users see the bootstrap and its channels, or
 * make the channels. What an application sets on the bootstrap stays, its resolver
 * included. Safe for use by several threads.
 */
public final class NetTraceNetty {

	private final String client;

	private final NetTracing tracing;

	private final LookupGroup lookups;

	private final LookupGroup jvmLookups;

	/**
	 * Create an instance.
	 * @param client the client library, as in {@link io.nettrace.RequestInfo#client()}
	 * @param tracing where connections get their trace
	 * @param settings how lookups behave. They are not shared, whatever the settings say:
	 * it is not known who else asks the bootstrap's resolver
	 * @param threads where an alternate resolver is asked
	 */
	public NetTraceNetty(String client, NetTracing tracing, LookupSettings settings, LookupThreads threads) {
		this.client = Objects.requireNonNull(client, "'client' must not be null");
		this.tracing = Objects.requireNonNull(tracing, "'tracing' must not be null");
		LookupSettings unshared = settings.withSingleFlight(SingleFlightPolicy.NEVER);
		this.lookups = new LookupGroup(unshared, threads, false);
		this.jvmLookups = LookupGroup.ofJvm(unshared, threads, true);
	}

	/**
	 * Trace the next connection of a bootstrap as one that belongs to what the current
	 * thread does. Further ones belong to what the thread does that looks up or connects
	 * for them, most often nothing. Call it right before
	 * {@link Bootstrap#connect(SocketAddress)}, on the same thread, and after all else
	 * has been set.
	 * @param bootstrap the bootstrap, whose channels are to be told to
	 * {@link #connects(Channel)}
	 */
	public void connects(Bootstrap bootstrap) {
		AddressResolverGroup<?> resolver = bootstrap.config().resolver();
		TracedBootstrap traced = (resolver instanceof TracedAddressResolverGroup group) ? group.bootstrap()
				: new TracedBootstrap(this.client, this.tracing);
		traced.nextBelongsToCurrentThread();
		if (resolver != null && !(resolver instanceof TracedAddressResolverGroup)) {
			bootstrap.resolver(new TracedAddressResolverGroup(resolver, traced,
					(resolver instanceof DefaultAddressResolverGroup) ? this.jvmLookups : this.lookups));
		}
		bootstrap.attr(TracedBootstrap.KEY, traced);
	}

	/**
	 * Return a factory of the same channels, with their attempts traced and the TLS
	 * handshakes of those that have a handler for it when they are connected. For
	 * libraries that take a factory of channels, but show neither their bootstrap nor its
	 * resolver: there are no lookups. An attempt belongs to the lookup if the address
	 * carries its trace ({@link io.nettrace.instrument.NetTraceAddress}), or else to the
	 * request for which one of the {@link #eventLoops event loops} makes the channel, or
	 * else to what the thread does that connects it; as a rule that is an event loop, and
	 * so to nothing.
	 * @param <C> the type of channel
	 * @param client the client library, as in {@link io.nettrace.RequestInfo#client()}
	 * @param tracing where connections get their trace
	 * @param channels makes the channels
	 * @return the traced factory, for use by several threads if that one is
	 */
	public static <C extends Channel> ChannelFactory<C> channelFactory(String client, NetTracing tracing,
			ChannelFactory<C> channels) {
		Objects.requireNonNull(client, "'client' must not be null");
		Objects.requireNonNull(tracing, "'tracing' must not be null");
		Objects.requireNonNull(channels, "'channels' must not be null");
		return () -> {
			C channel = channels.newChannel();
			TracedBootstrap traced = new TracedBootstrap(client, tracing);
			traced.nextBelongsTo(CarriedRequest.current());
			channel.pipeline().addFirst(new ConnectHandler(traced, false));
			return channel;
		};
	}

	/**
	 * Return event loops that know which request they do something for: what the thread
	 * does that hands them a task, also if that task waits for something with one of
	 * their promises, or hands over to another one of them. For pools that make their
	 * connections on an event loop, with channels of {@link #channelFactory}. A
	 * connection that a pool makes for a request that had to wait for its turn belongs to
	 * nothing.
	 * @param client the client library, as in {@link io.nettrace.RequestInfo#client()}
	 * @param tracing where requests get their trace
	 * @param threads the number of event loops, 0 for Netty's default
	 * @param threadFactory makes their threads
	 * @return the event loops, on NIO, to be shut down by the caller
	 */
	public static EventLoopGroup eventLoops(String client, NetTracing tracing, int threads,
			ThreadFactory threadFactory) {
		Objects.requireNonNull(client, "'client' must not be null");
		Objects.requireNonNull(tracing, "'tracing' must not be null");
		Objects.requireNonNull(threadFactory, "'threadFactory' must not be null");
		return new CarryingEventLoops(threads, threadFactory, () -> tracing.request(client, null, -1));
	}

	/**
	 * As {@link #channelFactory}, for protocols in which a client asks for TLS on a plain
	 * connection: also a handshake is traced that begins with the server's first answer.
	 * An attempt belongs to what the thread does that makes the channel.
	 * @param <C> the type of channel
	 * @param client the client library, as in {@link io.nettrace.RequestInfo#client()}
	 * @param tracing where connections get their trace
	 * @param channels makes the channels
	 * @return the traced factory, for use by several threads if that one is
	 */
	public static <C extends Channel> ChannelFactory<C> channelFactoryForStartTls(String client, NetTracing tracing,
			ChannelFactory<C> channels) {
		Objects.requireNonNull(client, "'client' must not be null");
		Objects.requireNonNull(tracing, "'tracing' must not be null");
		Objects.requireNonNull(channels, "'channels' must not be null");
		return () -> {
			C channel = channels.newChannel();
			TracedBootstrap traced = new TracedBootstrap(client, tracing);
			traced.nextBelongsToCurrentThread();
			channel.pipeline().addFirst(new ConnectHandler(traced, true));
			return channel;
		};
	}

	/**
	 * Trace how a channel connects, and its TLS handshake if it has a handler for it by
	 * then.
	 * @param channel a channel of such a bootstrap that is not connected yet; another one
	 * is left alone
	 */
	public static void connects(Channel channel) {
		TracedBootstrap bootstrap = channel.attr(TracedBootstrap.KEY).getAndSet(null);
		if (bootstrap != null) {
			channel.pipeline().addFirst(new ConnectHandler(bootstrap, false));
		}
	}

}
