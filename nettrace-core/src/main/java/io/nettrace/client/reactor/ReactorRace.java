package io.nettrace.client.reactor;

import java.net.InetSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

import io.nettrace.NetTrace;
import io.nettrace.dial.AsyncAttempt;
import io.nettrace.dial.AsyncConnector;
import io.nettrace.dial.AsyncDialer;
import io.nettrace.dial.DialSettings;
import io.netty.channel.EventLoop;
import org.jspecify.annotations.Nullable;

/**
 * Lets the addresses of a host race (Happy Eyeballs) on the channels that Reactor Netty
 * makes for them; one for each dial. Reactor Netty waits for one channel at a time, and
 * makes the next one when that has failed. So a channel that is to be raced is said to
 * have failed, while its attempt goes on. If that attempt wins all the same, the next
 * channel takes over its socket. Everything runs on one event loop.
 */
final class ReactorRace implements AsyncConnector<RacingChannel> {

	/**
	 * Channels beyond one for each address: one that is failed so that the next takes
	 * over a socket, that one, and one that connects if it cannot.
	 */
	private static final int SPARE_CHANNELS = 3;

	private final List<InetSocketAddress> addresses;

	private final DialSettings settings;

	private final Deque<Asked> asked = new ArrayDeque<>(2);

	private NetTrace hooks = NetTrace.NONE;

	private @Nullable EventLoop eventLoop;

	// Of the dialer, once the race has begun
	private @Nullable Runnable end;

	// Which Reactor Netty waits for; null while it makes the next one
	private @Nullable RacingChannel current;

	private boolean isOver;

	private boolean isCancelled;

	// Why no address has connected
	private @Nullable Throwable failure;

	// The winner, if Reactor Netty has given its channel up
	private @Nullable RacingChannel late;

	private boolean isLateReady;

	private @Nullable Future<?> unwanted;

	/**
	 * Create a race.
	 * @param addresses what may be connected to, in the resolver's order
	 * @param settings how they race
	 */
	ReactorRace(List<InetSocketAddress> addresses, DialSettings settings) {
		this.addresses = addresses;
		this.settings = settings;
	}

	/**
	 * Return how many channels Reactor Netty may make.
	 * @param count the number of addresses
	 */
	int channels(int count) {
		if (this.failure != null || this.isCancelled) {
			return 0;
		}
		return (this.end != null) ? count + SPARE_CHANNELS : count;
	}

	/**
	 * Reactor Netty has made a channel, and waits for it.
	 * @param channel the channel
	 * @param trace the hooks of the dial
	 * @param loop the event loop of all its channels
	 */
	void joins(RacingChannel channel, NetTrace trace, EventLoop loop) {
		this.current = channel;
		if (this.end == null && !this.isOver) {
			this.hooks = trace;
			this.eventLoop = loop;
			begin(loop);
		}
		else if (this.late != null) {
			takeOver(channel, this.late);
		}
		else if (this.failure != null) {
			channel.fails(this.failure);
		}
		else if (this.isCancelled) {
			channel.fails(new ClosedChannelException());
		}
		else {
			serve();
		}
	}

	/**
	 * The first attempt may end the race before this returns.
	 */
	private void begin(EventLoop loop) {
		this.end = () -> {
		};
		Runnable dial = new AsyncDialer(this.settings, loop).dial(this.addresses, this);
		this.end = dial;
		if (this.isCancelled) {
			dial.run();
		}
	}

	NetTrace hooks() {
		return this.hooks;
	}

	/**
	 * Called on the event loop, unless that takes no tasks any more.
	 */
	@Override
	public Runnable connect(InetSocketAddress address, AsyncAttempt<RacingChannel> attempt) {
		if (this.eventLoop == null || !this.eventLoop.inEventLoop()) {
			throw new RejectedExecutionException("The event loop has ended");
		}
		Asked next = new Asked(address, attempt);
		this.asked.add(next);
		serve();
		return next::end;
	}

	private void serve() {
		RacingChannel channel = this.current;
		if (channel == null) {
			return; // it is being made
		}
		if (channel.isFree()) {
			Asked next = this.asked.poll();
			if (next != null) {
				next.channel = channel;
				channel.attempt(next.address, next.attempt);
			}
		}
		if (!this.asked.isEmpty() && this.current == channel) {
			this.current = null;
			channel.givenUp();
		}
	}

	@Override
	public void connected(RacingChannel winner) {
		this.isOver = true;
		this.asked.clear();
		if (winner == this.current) {
			winner.succeeds();
			return;
		}
		this.late = winner;
		winner.handOver(() -> {
			this.isLateReady = true;
			if (this.current != null) {
				offer(this.current, winner);
			}
			else if (this.eventLoop != null && this.late == winner) {
				// If Reactor Netty makes no other channel, it does not want the
				// connection
				this.unwanted = this.eventLoop.schedule(this::dropLate, 1, TimeUnit.SECONDS);
			}
		});
	}

	/**
	 * Say that a channel has failed, so that the next one takes over the winner's socket.
	 */
	private void offer(RacingChannel channel, RacingChannel winner) {
		this.current = null;
		if (!channel.failsInFavourOf(winner)) {
			dropLate();
		}
	}

	/**
	 * A channel has come after the winner was known, or it has taken its socket over.
	 */
	private void takeOver(RacingChannel channel, RacingChannel winner) {
		if (this.unwanted != null) {
			this.unwanted.cancel(false);
			this.unwanted = null;
		}
		if (channel.hasSocketOf(winner)) {
			this.late = null;
			channel.succeeds();
		}
		else if (winner.isGone()) {
			this.late = null;
			channel.connectAgain(winner.address());
		}
		else if (this.isLateReady) {
			offer(channel, winner);
		}
	}

	private void dropLate() {
		if (this.late != null) {
			this.late.drop();
		}
	}

	@Override
	public void failed(Map<InetSocketAddress, Throwable> failures) {
		this.isOver = true;
		// as when they are tried one after the other
		Throwable last = failures.get(this.addresses.get(this.addresses.size() - 1));
		this.failure = (last != null) ? last : new ArrayList<>(failures.values()).get(0);
		if (this.current != null) {
			this.current.fails(this.failure);
		}
	}

	/**
	 * The channel that Reactor Netty waits for is being closed.
	 */
	void cancel() {
		if (this.isCancelled || this.end == null) {
			return;
		}
		this.isOver = true;
		this.isCancelled = true;
		this.asked.clear();
		this.end.run();
		dropLate();
	}

	boolean isCancelled() {
		return this.isCancelled;
	}

	/**
	 * An attempt that is to begin on the next free channel.
	 */
	private final class Asked {

		private final InetSocketAddress address;

		private final AsyncAttempt<RacingChannel> attempt;

		private @Nullable RacingChannel channel;

		Asked(InetSocketAddress address, AsyncAttempt<RacingChannel> attempt) {
			this.address = address;
			this.attempt = attempt;
		}

		void end() {
			if (this.channel != null) {
				this.channel.end();
			}
			else {
				ReactorRace.this.asked.remove(this);
			}
		}

	}

}
