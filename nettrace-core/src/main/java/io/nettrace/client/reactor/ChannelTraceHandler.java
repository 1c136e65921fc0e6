package io.nettrace.client.reactor;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;

import io.nettrace.ConnectionTarget;
import io.nettrace.Hook;
import io.nettrace.NetTrace;
import io.nettrace.NetTraceContext;
import io.nettrace.dns.LookupGroup;
import io.nettrace.instrument.NetTraceAddress;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.DuplexChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.handler.proxy.ProxyHandler;
import io.netty.handler.ssl.SslHandler;
import org.jspecify.annotations.Nullable;
import reactor.netty.Connection;
import reactor.netty.ConnectionObserver;

/**
 * Fires the connect hooks of one channel, which Reactor Netty makes for one attempt. It
 * is nearest to the network, so that it sees the address of a proxy and not the proxy's
 * client.
 */
final class ChannelTraceHandler extends ChannelOutboundHandlerAdapter {

	/**
	 * The handler whose name is about to be looked up. Reactor Netty does not tell a
	 * resolver for which channel it is asked, but asks it right after
	 * {@code doOnResolve}, on the same thread.
	 */
	private static final ThreadLocal<@Nullable ChannelTraceHandler> LOOKING_UP = new ThreadLocal<>();

	private final ReactorRequest request;

	private final SocketAddress server;

	private final @Nullable ConnectionTarget firstHop;

	private @Nullable ChannelPipeline pipeline;

	private @Nullable NetTrace dial;

	private ChannelTraceHandler(ReactorRequest request, SocketAddress server, @Nullable ConnectionTarget firstHop) {
		this.request = request;
		this.server = server;
		this.firstHop = firstHop;
	}

	/**
	 * Add a handler to a channel of an instrumented client, unless it has one: then the
	 * client was instrumented twice.
	 */
	static void addTo(Channel channel, ConnectionObserver observer, @Nullable SocketAddress server) {
		ReactorRequest request = ReactorRequest.readFrom(observer.currentContext());
		if (request == null || server == null) {
			return;
		}
		if (!(channel instanceof DuplexChannel)) { // QUIC's are not
			request.channelMade(null);
			return;
		}
		ChannelPipeline pipeline = channel.pipeline();
		if (pipeline.get(ChannelTraceHandler.class) == null) {
			ConnectionTarget firstHop = firstHop(pipeline, server);
			pipeline.addFirst(new ChannelTraceHandler(request, withoutNetty(server), firstHop));
			request.channelMade(firstHop);
		}
	}

	private static @Nullable ConnectionTarget firstHop(ChannelPipeline pipeline, SocketAddress server) {
		ProxyHandler proxy = pipeline.get(ProxyHandler.class);
		SocketAddress firstHop = (proxy != null) ? proxy.proxyAddress() : server;
		return (firstHop instanceof InetSocketAddress host)
				? new ConnectionTarget(host.getHostString(), host.getPort(), pipeline.get(SslHandler.class) != null)
				: null;
	}

	/**
	 * Called on the channel of the first attempt just before its name is looked up.
	 */
	static void beforeLookup(Connection connection) {
		ChannelTraceHandler handler = connection.channel().pipeline().get(ChannelTraceHandler.class);
		if (handler != null && handler.dial == null) { // again, if instrumented twice
			handler.dial = handler.request.newDial(connection.channel().eventLoop());
			LOOKING_UP.set(handler);
		}
	}

	/**
	 * Return the handler whose name a resolver is to look up.
	 * @return the handler, or {@code null} if the lookup is not for a traced channel
	 */
	static @Nullable ChannelTraceHandler takeLookingUp() {
		ChannelTraceHandler handler = LOOKING_UP.get();
		if (handler != null) {
			LOOKING_UP.set(null); // an event loop's: removing would make it anew
		}
		return handler;
	}

	@Override
	public void handlerAdded(ChannelHandlerContext context) {
		this.pipeline = context.pipeline();
	}

	/**
	 * A resolver that is not ours, because it was set later, has left it there.
	 */
	@Override
	public void handlerRemoved(ChannelHandlerContext context) {
		if (LOOKING_UP.get() == this) {
			LOOKING_UP.set(null);
		}
	}

	/**
	 * Whether the channel connects to a proxy: then the name is for the proxy.
	 */
	boolean hasProxy() {
		return this.pipeline != null && this.pipeline.get(ProxyHandler.class) != null;
	}

	/**
	 * Return the lookups that this one may share.
	 */
	LookupGroup lookups(TracedAddressResolverGroup resolver) {
		return this.request.lookups(resolver);
	}

	/**
	 * Return what was bound around the request.
	 */
	NetTraceContext context() {
		return this.request.context();
	}

	/**
	 * Whether something listens to a hook of the request.
	 */
	boolean watches(Hook hook) {
		return this.request.tracing().watches(hook, context());
	}

	/**
	 * Return the hooks of the lookup and of the connects after it.
	 */
	NetTrace dial() {
		return (this.dial != null) ? this.dial : NetTrace.NONE;
	}

	@Override
	@SuppressWarnings("FutureReturnValueIgnored") // the promise tells
	public void connect(ChannelHandlerContext context, SocketAddress remote, @Nullable SocketAddress local,
			ChannelPromise promise) {
		this.request.channelConnects();
		NetTrace hooks = hooks(context, RacedAddress.resolved(remote));
		ReactorRace race = RacedAddress.raceOf(remote);
		if (race != null) {
			join(race, context, local, promise.unvoid(), hooks);
			return;
		}
		// a socket of NIO keeps the very address for as long as it is open
		SocketAddress plain = NetTraceAddress.withoutTrace(remote);
		ChannelPromise attempt = promise.unvoid();
		if (hooks != NetTrace.NONE) {
			DialTrace dial = DialTrace.of(hooks, context.channel().eventLoop());
			SocketAddress address = withoutNetty(plain);
			dial.connectStart(network(address), address);
			attempt.addListener(dial);
			attempt.addListener(new ChannelSetup(dial, this.request, this.server, this.firstHop));
		}
		else {
			attempt.addListener(new ChannelSetup(hooks, this.request, this.server, this.firstHop));
		}
		context.pipeline().remove(this);
		context.connect(plain, local, attempt);
	}

	/**
	 * The race decides which address this channel connects to.
	 */
	private void join(ReactorRace race, ChannelHandlerContext context, @Nullable SocketAddress local,
			ChannelPromise attempt, NetTrace hooks) {
		EventLoop eventLoop = context.channel().eventLoop();
		NetTrace dial = (hooks != NetTrace.NONE) ? DialTrace.of(hooks, eventLoop) : hooks;
		attempt.addListener(new ChannelSetup(dial, this.request, this.server, this.firstHop));
		RacingChannel racing = new RacingChannel(race, local, attempt);
		context.pipeline().replace(this, null, racing);
		race.joins(racing, dial, eventLoop);
	}

	/**
	 * Later attempts have a channel without a lookup, but an address that carries its
	 * trace. An address that was not looked up here has neither.
	 */
	private NetTrace hooks(ChannelHandlerContext context, SocketAddress remote) {
		NetTrace carried = NetTraceAddress.traceOf(remote);
		if (carried != null) {
			return carried;
		}
		return (this.dial != null) ? this.dial : this.request.newDial(context.channel().eventLoop());
	}

	/**
	 * The network of an address that is none of Netty's own.
	 */
	static String network(SocketAddress address) {
		return (address instanceof UnixDomainSocketAddress) ? "unix" : "tcp";
	}

	static SocketAddress withoutNetty(SocketAddress address) {
		return (address instanceof DomainSocketAddress unix) ? UnixDomainSocketAddress.of(unix.path()) : address;
	}

}
