package io.nettrace.client.r2dbc;

import java.time.Duration;
import java.util.function.Supplier;

import io.nettrace.client.netty.NetTraceNetty;
import io.nettrace.instrument.NetTracing;
import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.unix.DomainSocketChannel;
import reactor.core.publisher.Mono;
import reactor.netty.resources.LoopResources;

/**
 * Event loops that make traced channels. Reactor Netty asks them for each channel, also
 * for those of its own lookups, which are left alone.
 */
final class TracedLoopResources implements LoopResources {

	private static final String CLIENT = "r2dbc-postgresql";

	private final Supplier<? extends LoopResources> delegate;

	private final NetTracing tracing;

	/**
	 * Create event loops.
	 * @param delegate supplies those that are used, each time: Reactor Netty's own may be
	 * replaced
	 * @param tracing where connections get their trace
	 */
	TracedLoopResources(Supplier<? extends LoopResources> delegate, NetTracing tracing) {
		this.delegate = delegate;
		this.tracing = tracing;
	}

	@Override
	public <C extends Channel> C onChannel(Class<C> channelType, EventLoopGroup group) {
		LoopResources loops = this.delegate.get();
		if (channelType != SocketChannel.class && channelType != DomainSocketChannel.class) {
			return loops.onChannel(channelType, group);
		}
		return NetTraceNetty.channelFactoryForStartTls(CLIENT, this.tracing, () -> loops.onChannel(channelType, group))
			.newChannel();
	}

	@Override
	public <C extends Channel> Class<? extends C> onChannelClass(Class<C> channelType, EventLoopGroup group) {
		return this.delegate.get().onChannelClass(channelType, group);
	}

	@Override
	public EventLoopGroup onClient(boolean useNative) {
		return this.delegate.get().onClient(useNative);
	}

	@Override
	public EventLoopGroup onServer(boolean useNative) {
		return this.delegate.get().onServer(useNative);
	}

	@Override
	public EventLoopGroup onServerSelect(boolean useNative) {
		return this.delegate.get().onServerSelect(useNative);
	}

	@Override
	public boolean daemon() {
		return this.delegate.get().daemon();
	}

	@Override
	public boolean isDisposed() {
		return this.delegate.get().isDisposed();
	}

	@Override
	public void dispose() {
		this.delegate.get().dispose();
	}

	@Override
	public Mono<Void> disposeLater() {
		return this.delegate.get().disposeLater();
	}

	@Override
	public Mono<Void> disposeLater(Duration quietPeriod, Duration timeout) {
		return this.delegate.get().disposeLater(quietPeriod, timeout);
	}

	@Override
	public String toString() {
		return this.delegate.get().toString();
	}

}
