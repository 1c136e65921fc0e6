package io.nettrace.client.reactor;

import java.time.Duration;
import java.util.function.Consumer;

import io.nettrace.CloseInfo;
import io.nettrace.CloseReason;
import io.nettrace.ConnectionInfo;
import io.nettrace.ConnectionTarget;
import io.nettrace.ResponseInfo;
import io.nettrace.instrument.ConnectionRecord;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http2.Http2ConnectionAdapter;
import io.netty.handler.codec.http2.Http2FrameCodec;
import org.jspecify.annotations.Nullable;
import reactor.netty.resources.ConnectionProvider;

/**
 * A connection, in its own pipeline for as long as it lives, where it is the first to see
 * how it ends. It holds nothing of a request but the one that is on it.
 */
final class ReactorConnection extends ChannelDuplexHandler {

	private final ChannelEnd end = new ChannelEnd();

	private final ConnectionRecord record;

	private final @Nullable ConnectionTarget firstHop;

	private final Pools pools;

	private @Nullable CloseInfo close;

	private @Nullable CloseInfo goAway;

	private boolean watchesGoAway;

	private @Nullable Consumer<Throwable> setup;

	private boolean stands;

	// Waits until it stands
	private @Nullable ReactorExchange first;

	private final long openedAt = System.nanoTime();

	private long idleSince = this.openedAt;

	/**
	 * Create a connection.
	 * @param record what is told of it
	 * @param firstHop what it was opened to, {@code null} if that has no port
	 * @param pools the pools that it belongs to
	 */
	ReactorConnection(ConnectionRecord record, @Nullable ConnectionTarget firstHop, Pools pools) {
		this.record = record;
		this.firstHop = firstHop;
		this.pools = pools;
	}

	/**
	 * Return the connection of a channel, which may be a stream on it.
	 * @return the connection, {@code null} if it is not traced
	 */
	static @Nullable ReactorConnection of(Channel channel) {
		Channel connection = (channel.parent() != null) ? channel.parent() : channel;
		return connection.pipeline().get(ReactorConnection.class);
	}

	/**
	 * Return what is known of how the channel ends.
	 */
	ChannelEnd end() {
		return this.end;
	}

	ConnectionRecord record() {
		return this.record;
	}

	/**
	 * Return what it was opened to: the proxy, if there is one.
	 */
	@Nullable ConnectionTarget firstHop() {
		return this.firstHop;
	}

	/**
	 * The connection is ready for its first exchange.
	 */
	void stands() {
		this.setup = null;
		this.stands = true;
		this.record.opened();
		if (this.first != null) {
			this.first.gotConnection();
			this.first = null;
		}
	}

	/**
	 * Give the connection to an exchange once it stands: the library has its first
	 * request ready while a proxy is still being asked.
	 */
	void serve(ReactorExchange exchange) {
		if (this.stands) {
			exchange.gotConnection();
		}
		else {
			this.first = exchange;
		}
	}

	/**
	 * An exchange leaves before the connection stands: the body of its request has
	 * failed, for one.
	 */
	void isGivenUpBy(ReactorExchange exchange) {
		if (this.first == exchange) {
			this.first = null;
		}
	}

	/**
	 * An exchange has got the connection.
	 * @param operations the channel of the exchange
	 * @param askedAt when it asked for one, as {@link System#nanoTime()} tells: if the
	 * connection was in use then, it is handed over
	 * @return the connection as the exchange has found it, {@code null} if it has just
	 * been closed
	 */
	@Nullable ConnectionInfo acquire(Channel operations, long askedAt) {
		boolean stream = operations.parent() != null;
		if (stream) {
			watchGoAway(operations.parent());
		}
		return this.record.acquire(stream ? "2" : "1.1", this.idleSince - askedAt > 0);
	}

	/**
	 * An exchange is done with the connection.
	 */
	void release() {
		this.idleSince = System.nanoTime();
		this.record.release();
	}

	/**
	 * The connection was used by an exchange that nothing listened to.
	 */
	void count() {
		this.idleSince = System.nanoTime();
		this.record.count();
		this.record.idle();
	}

	private void watchGoAway(Channel connection) {
		Http2FrameCodec codec = this.watchesGoAway ? null : connection.pipeline().get(Http2FrameCodec.class);
		if (codec != null) {
			this.watchesGoAway = true;
			codec.connection().addListener(new Http2ConnectionAdapter() {

				@Override
				public void onGoAwayReceived(int lastStreamId, long errorCode, ByteBuf debugData) {
					ReactorConnection.this.goAway = CloseInfo.goAway(errorCode);
				}

			});
		}
	}

	/**
	 * Return the error code of the server's {@code GOAWAY}.
	 * @return as in {@link ResponseInfo#goAway()}
	 */
	long goAway() {
		return (this.goAway != null) ? this.goAway.http2ErrorCode() : ResponseInfo.NO_GOAWAY;
	}

	/**
	 * The connection is about to be closed, for a reason that only the exchange knows.
	 */
	void closesBecause(CloseInfo close) {
		if (this.close == null) {
			this.close = close;
		}
	}

	/**
	 * An exchange has got the connection and cannot use it: the library hands it to a
	 * request that was cancelled while it waited, too, and closes it.
	 */
	void isGone(Channel operations) {
		if (operations.parent() == null && this.end.isClosedHere()) {
			closesBecause(CloseInfo.of(CloseReason.CANCELLED));
		}
	}

	/**
	 * A step is under way that sets the connection up. What ends it with the channel is
	 * told to it before the library hears of it, which may begin another dial at once.
	 * @param failed is told why the step fails, {@code null} once it has ended
	 */
	void isSettingUp(@Nullable Consumer<Throwable> failed) {
		this.setup = failed;
	}

	@Override
	@SuppressWarnings("FutureReturnValueIgnored") // the promise tells
	public void close(ChannelHandlerContext context, ChannelPromise promise) {
		this.end.closes();
		context.close(promise);
	}

	/**
	 * The channel is closed, or the library closes it next.
	 */
	@Override
	public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
		this.end.failed(cause);
		endSetup();
		context.fireExceptionCaught(cause);
	}

	@Override
	public void channelInactive(ChannelHandlerContext context) {
		endSetup();
		context.fireChannelInactive();
	}

	private void endSetup() {
		if (this.setup != null) {
			this.setup.accept(this.end.endedBy());
			this.setup = null;
		}
	}

	/**
	 * Netty gives up a pipeline once its channel is closed, the last handler first, so
	 * that the exchange has ended.
	 */
	@Override
	public void handlerRemoved(ChannelHandlerContext context) {
		if (!context.channel().isOpen()) {
			this.record.close(close(context.channel()));
		}
	}

	private CloseInfo close(Channel channel) {
		if (this.close != null) {
			return this.close;
		}
		return (this.goAway != null) ? this.goAway : CloseInfo.of(reason(channel));
	}

	/**
	 * An event loop that ends closes its channels without a word.
	 */
	private CloseReason reason(Channel channel) {
		if (ChannelEnd.isReset(this.end.failure())) {
			return CloseReason.RESET;
		}
		if (channel.eventLoop().isShuttingDown()) {
			return CloseReason.CLIENT_CLOSED;
		}
		return this.end.isClosedHere() ? this.pools.reasonToClose(since(this.openedAt), since(this.idleSince))
				: CloseReason.PEER;
	}

	/**
	 * The pool's clock ticks in milliseconds.
	 */
	private static Duration since(long nanos) {
		return Duration.ofNanos(System.nanoTime() - nanos).plusMillis(2);
	}

	/**
	 * The pools that a connection belongs to.
	 *
	 * @param provider the client's, {@code null} if they are not known
	 * @param limits the limits of the connection's life
	 */
	record Pools(@Nullable ConnectionProvider provider, PoolSettings.Limits limits) {

		/**
		 * Return why a pool closes a connection that is not in use.
		 */
		CloseReason reasonToClose(Duration age, Duration idleTime) {
			if (this.provider != null && PoolSettings.isClosed(this.provider)) {
				return CloseReason.CLIENT_CLOSED;
			}
			if (this.limits.maxIdleTime() != null && idleTime.compareTo(this.limits.maxIdleTime()) >= 0) {
				return CloseReason.IDLE;
			}
			if (this.limits.maxLifeTime() != null && age.compareTo(this.limits.maxLifeTime()) >= 0) {
				return CloseReason.MAX_LIFETIME;
			}
			return CloseReason.UNKNOWN;
		}

	}

}
