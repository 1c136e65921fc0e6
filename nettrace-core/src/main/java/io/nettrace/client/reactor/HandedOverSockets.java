package io.nettrace.client.reactor;

import java.time.Duration;

import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.resolver.AddressResolverGroup;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.netty.http.HttpResources;
import reactor.netty.http.client.HttpClient;
import reactor.netty.resources.LoopResources;

/**
 * The event loops of a client, and what makes its channels: the next one may take over
 * the socket of an attempt that Reactor Netty has given up and that has won its race. It
 * is part of the key of the pool, where it is the same as the client's own.
 */
final class HandedOverSockets implements LoopResources {

	/**
	 * The attempt whose socket the next channel of this thread takes over. Reactor Netty
	 * makes it as soon as it is told that the one before has failed.
	 */
	private static final ThreadLocal<@Nullable RacingChannel> OFFERED = new ThreadLocal<>();

	private final @Nullable LoopResources own;

	private HandedOverSockets(@Nullable LoopResources own) {
		this.own = own;
	}

	/**
	 * Return a client whose channels may take over sockets.
	 */
	static HttpClient addTo(HttpClient client) {
		LoopResources loops = client.configuration().loopResources();
		if (loops instanceof HandedOverSockets) {
			return client;
		}
		HttpClient handingOver = client.runOn(new HandedOverSockets((loops instanceof HttpResources) ? null : loops),
				client.configuration().isPreferNative());
		// with event loops, the library also gives a client another resolver
		AddressResolverGroup<?> resolver = client.configuration().resolver();
		return (resolver != null) ? handingOver.resolver(resolver) : handingOver;
	}

	/**
	 * Offer a socket to the next channel that is made on this thread.
	 * @param attempt has the socket
	 */
	static void offer(RacingChannel attempt) {
		OFFERED.set(attempt);
	}

	/**
	 * Offer it no longer.
	 * @return whether it has been taken over
	 */
	static boolean isTaken() {
		boolean taken = OFFERED.get() == null;
		OFFERED.set(null); // an event loop's: removing would make it anew
		return taken;
	}

	/**
	 * The default is asked for each time: {@link HttpResources} may be reset.
	 */
	private LoopResources loops() {
		return (this.own != null) ? this.own : HttpResources.get();
	}

	@Override
	public <C extends Channel> C onChannel(Class<C> type, EventLoopGroup group) {
		RacingChannel offered = (type == SocketChannel.class) ? OFFERED.get() : null;
		if (offered != null) {
			OFFERED.set(null);
			Channel taken = offered.takeSocket();
			if (taken != null) {
				return type.cast(taken);
			}
		}
		return loops().onChannel(type, group);
	}

	@Override
	public <C extends Channel> Class<? extends C> onChannelClass(Class<C> type, EventLoopGroup group) {
		return loops().onChannelClass(type, group);
	}

	@Override
	public EventLoopGroup onClient(boolean useNative) {
		return loops().onClient(useNative);
	}

	@Override
	public EventLoopGroup onServer(boolean useNative) {
		return loops().onServer(useNative);
	}

	@Override
	public EventLoopGroup onServerSelect(boolean useNative) {
		return loops().onServerSelect(useNative);
	}

	@Override
	public boolean daemon() {
		return loops().daemon();
	}

	@Override
	public void dispose() {
		loops().dispose();
	}

	@Override
	public Mono<Void> disposeLater() {
		return loops().disposeLater();
	}

	@Override
	public Mono<Void> disposeLater(Duration quietPeriod, Duration timeout) {
		return loops().disposeLater(quietPeriod, timeout);
	}

	@Override
	public boolean isDisposed() {
		return loops().isDisposed();
	}

	@Override
	public boolean equals(@Nullable Object other) {
		return other instanceof HandedOverSockets sockets
				&& ((this.own != null) ? this.own.equals(sockets.own) : sockets.own == null);
	}

	@Override
	public int hashCode() {
		return (this.own != null) ? this.own.hashCode() : HandedOverSockets.class.hashCode();
	}

}
