package io.nettrace.client.reactor;

import java.io.IOException;

import io.nettrace.CloseInfo;
import io.nettrace.CloseReason;
import io.nettrace.instrument.ConnectionRecord;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import org.jspecify.annotations.Nullable;

/**
 * A connection, in its own pipeline for as long as it lives, where it sees who closes it.
 * It holds nothing of a request but the one that is on it.
 */
final class ReactorConnection extends ChannelOutboundHandlerAdapter {

	private final ConnectionRecord record;

	private boolean closedHere;

	private @Nullable CloseReason reason;

	ReactorConnection(ConnectionRecord record) {
		this.record = record;
	}

	/**
	 * Return the connection of a channel, which may be a stream on it.
	 * @return the connection, {@code null} if it is not traced
	 */
	static @Nullable ReactorConnection of(Channel channel) {
		Channel connection = (channel.parent() != null) ? channel.parent() : channel;
		return connection.pipeline().get(ReactorConnection.class);
	}

	ConnectionRecord record() {
		return this.record;
	}

	/**
	 * The connection is about to be closed, for a reason that only the exchange knows.
	 */
	void closesBecause(CloseReason reason) {
		if (this.reason == null) {
			this.reason = reason;
		}
	}

	@Override
	@SuppressWarnings("FutureReturnValueIgnored") // the promise tells
	public void close(ChannelHandlerContext context, ChannelPromise promise) {
		this.closedHere = true;
		context.close(promise);
	}

	/**
	 * Netty gives up a pipeline once its channel is closed, the last handler first, so
	 * that the exchange has ended.
	 */
	@Override
	public void handlerRemoved(ChannelHandlerContext context) {
		if (!context.channel().isOpen()) {
			this.record.close(CloseInfo.of(reason()));
		}
	}

	private CloseReason reason() {
		if (this.reason != null) {
			return this.reason;
		}
		return this.closedHere ? CloseReason.UNKNOWN : CloseReason.PEER;
	}

	/**
	 * Whether a failure says that the peer has reset the connection. The JDK and Netty
	 * have no class for it.
	 */
	static boolean isReset(Throwable failure) {
		return failure instanceof IOException && String.valueOf(failure.getMessage()).contains("Connection reset");
	}

}
