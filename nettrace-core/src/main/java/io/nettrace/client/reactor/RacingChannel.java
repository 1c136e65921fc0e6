package io.nettrace.client.reactor;

import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.CancellationException;

import io.nettrace.NetTrace;
import io.nettrace.dial.AsyncAttempt;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.nio.AbstractNioChannel.NioUnsafe;
import io.netty.channel.socket.nio.NioSocketChannel;
import org.jspecify.annotations.Nullable;

/**
 * A channel in a race, at most until it is connected. It is nearest to the network, so
 * that no other handler hears of an attempt that goes on when Reactor Netty has given the
 * channel up.
 */
final class RacingChannel extends ChannelOutboundHandlerAdapter {

	private static final String EPOLL = "io.netty.channel.epoll.EpollSocketChannel";

	private final ReactorRace race;

	private final @Nullable SocketAddress local;

	private final ChannelPromise promise;

	private @Nullable ChannelHandlerContext context;

	private @Nullable InetSocketAddress address;

	private boolean isConnecting;

	private boolean isEnded;

	private boolean isGivenUp;

	private boolean isHandedOver;

	private boolean isDropped;

	private boolean isRemoved;

	// The winner whose socket the next channel is to take over
	private @Nullable RacingChannel favoured;

	/**
	 * Create a channel's handler.
	 * @param race the race
	 * @param local the local address to bind to, or {@code null}
	 * @param promise what Reactor Netty waits for
	 */
	RacingChannel(ReactorRace race, @Nullable SocketAddress local, ChannelPromise promise) {
		this.race = race;
		this.local = local;
		this.promise = promise;
	}

	@Override
	public void handlerAdded(ChannelHandlerContext context) {
		this.context = context;
	}

	@Override
	public void handlerRemoved(ChannelHandlerContext context) {
		this.isRemoved = true;
	}

	private ChannelHandlerContext context() {
		if (this.context == null) {
			throw new IllegalStateException("not in a pipeline yet");
		}
		return this.context;
	}

	/**
	 * Whether it has had no attempt yet.
	 */
	boolean isFree() {
		return this.address == null;
	}

	InetSocketAddress address() {
		if (this.address == null) {
			throw new IllegalStateException("no attempt yet");
		}
		return this.address;
	}

	/**
	 * Begin an attempt.
	 */
	@SuppressWarnings("FutureReturnValueIgnored") // the promise tells
	void attempt(InetSocketAddress to, AsyncAttempt<RacingChannel> attempt) {
		this.address = to;
		this.isConnecting = true;
		NetTrace hooks = this.race.hooks();
		hooks.connectStart("tcp", to);
		ChannelPromise connecting = context().newPromise();
		connecting.addListener((end) -> ended(to, attempt, end.cause()));
		context().connect(to, this.local, connecting);
	}

	private void ended(InetSocketAddress to, AsyncAttempt<RacingChannel> attempt, @Nullable Throwable cause) {
		this.isConnecting = false;
		NetTrace hooks = this.race.hooks();
		if (cause == null && attempt.wins()) {
			hooks.connectDone("tcp", to, null);
			attempt.connected(this);
			return;
		}
		boolean lost = this.isEnded || cause == null;
		hooks.connectDone("tcp", to,
				lost ? new CancellationException("operation was canceled") : DialTrace.error(cause));
		Throwable failure = (cause != null) ? cause : new ClosedChannelException();
		if (cause == null) {
			end();
		}
		attempt.failed(failure);
		if (this.race.isCancelled()) {
			this.promise.tryFailure(failure);
		}
	}

	/**
	 * End the attempt, which has lost.
	 */
	@SuppressWarnings("FutureReturnValueIgnored") // as above
	void end() {
		this.isEnded = true;
		context().close(context().newPromise());
	}

	/**
	 * The channel is the one to use.
	 */
	void succeeds() {
		TakenSocket taken = context().pipeline().get(TakenSocket.class);
		remove(this);
		this.promise.trySuccess();
		if (taken != null) {
			taken.becomesActive();
		}
	}

	/**
	 * Connect to the address of a winner whose socket cannot be taken over.
	 */
	@SuppressWarnings("FutureReturnValueIgnored") // as above
	void connectAgain(InetSocketAddress to) {
		NetTrace hooks = this.race.hooks();
		hooks.connectStart("tcp", to);
		ChannelPromise attempt = this.promise;
		attempt.addListener((end) -> hooks.connectDone("tcp", to, DialTrace.error(end.cause())));
		ChannelHandlerContext context = context();
		remove(this);
		context.connect(to, this.local, attempt);
	}

	private void remove(ChannelHandler handler) {
		if (!this.isRemoved) {
			context().pipeline().remove(handler);
		}
	}

	/**
	 * No address has connected.
	 */
	void fails(Throwable failure) {
		this.promise.tryFailure(failure);
	}

	/**
	 * Have Reactor Netty make the next channel. An attempt under way goes on.
	 */
	void givenUp() {
		this.isGivenUp = true;
		if (this.isConnecting) {
			context().channel().config().setAutoRead(false);
		}
		this.promise.tryFailure(new ConnectException("Another address is tried"));
	}

	/**
	 * Have Reactor Netty make a channel that takes over a socket.
	 * @param winner has the socket
	 * @return whether there is such a channel
	 */
	boolean failsInFavourOf(RacingChannel winner) {
		if (this.isRemoved) {
			HandedOverSockets.offer(winner);
		}
		else {
			this.favoured = winner;
		}
		this.promise.tryFailure(new ConnectException("Another address has answered"));
		return HandedOverSockets.isTaken() && winner.isHandedOver;
	}

	/**
	 * Reactor Netty closes a channel that has failed before it makes the next one.
	 */
	@Override
	@SuppressWarnings("FutureReturnValueIgnored") // as above
	public void close(ChannelHandlerContext context, ChannelPromise closed) {
		if (this.isHandedOver || (this.isGivenUp && this.isConnecting)) {
			leaveAlone(context);
			closed.trySuccess();
			return;
		}
		if (!this.promise.isDone()) {
			this.race.cancel();
		}
		context.close(closed);
		if (this.favoured != null) {
			// only now, so that no channel that another handler asks for gets it
			HandedOverSockets.offer(this.favoured);
			this.favoured = null;
		}
	}

	/**
	 * For all others the channel has come to its end.
	 */
	private void leaveAlone(ChannelHandlerContext context) {
		context.fireChannelUnregistered();
		for (String name : context.pipeline().names()) {
			ChannelHandler handler = context.pipeline().get(name);
			if (handler != null && handler != this) {
				context.pipeline().remove(handler);
			}
		}
	}

	/**
	 * The channel has won, but Reactor Netty has given it up: have another one take over
	 * its socket.
	 * @param ready called when that can be
	 */
	void handOver(Runnable ready) {
		if (!isSupported(context().channel())) {
			drop();
			ready.run();
			return;
		}
		context().deregister(context().newPromise()).addListener((done) -> ready.run());
	}

	private static boolean isSupported(Channel channel) {
		return channel.getClass() == NioSocketChannel.class || channel.getClass().getName().equals(EPOLL);
	}

	/**
	 * Return a channel with the socket of this one, which has nothing to do with it any
	 * more.
	 * @return the channel, {@code null} if it cannot be made
	 */
	@Nullable Channel takeSocket() {
		if (isGone()) {
			return null;
		}
		try {
			Channel own = context().channel();
			Channel taken = (own instanceof NioSocketChannel && own.unsafe() instanceof NioUnsafe nio)
					? new NioSocketChannel(null, (java.nio.channels.SocketChannel) nio.ch()) : EpollSockets.take(own);
			taken.pipeline().addFirst(new TakenSocket(this));
			this.isHandedOver = true;
			return taken;
		}
		catch (RuntimeException | LinkageError ex) {
			drop();
			return null;
		}
	}

	/**
	 * Whether this channel has taken over the socket of another one.
	 */
	boolean hasSocketOf(RacingChannel other) {
		TakenSocket taken = context().pipeline().get(TakenSocket.class);
		return taken != null && taken.from == other;
	}

	/**
	 * Close the socket that no channel takes over.
	 */
	void drop() {
		if (!this.isHandedOver && !this.isDropped) {
			this.isDropped = true;
			end();
		}
	}

	/**
	 * Whether the next channel cannot take over its socket any more.
	 */
	boolean isGone() {
		return this.isDropped || this.isHandedOver;
	}

	/**
	 * Sees that a channel with a socket that is connected from the beginning is not
	 * active before Reactor Netty has told it to connect.
	 */
	private static final class TakenSocket extends ChannelInboundHandlerAdapter {

		private final RacingChannel from;

		private @Nullable ChannelHandlerContext context;

		private boolean isActive;

		TakenSocket(RacingChannel from) {
			this.from = from;
		}

		@Override
		public void handlerAdded(ChannelHandlerContext context) {
			this.context = context;
		}

		@Override
		public void channelActive(ChannelHandlerContext context) {
			this.isActive = true;
		}

		void becomesActive() {
			ChannelHandlerContext context = this.context;
			if (context != null && !context.isRemoved()) {
				if (this.isActive) {
					context.fireChannelActive();
				}
				context.pipeline().remove(this);
			}
		}

	}

}
