package io.nettrace.client.reactor;

import java.io.EOFException;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.CancellationException;

import io.netty.channel.unix.Errors;
import org.jspecify.annotations.Nullable;

/**
 * How a channel ends: what goes wrong on it, and whether this side closes it.
 */
class ChannelEnd {

	private boolean closedHere;

	private @Nullable Throwable failure;

	/**
	 * This side closes the channel.
	 */
	final void closes() {
		this.closedHere = true;
	}

	/**
	 * What went wrong first counts.
	 */
	final void failed(@Nullable Throwable cause) {
		this.failure = (this.failure != null) ? this.failure : cause;
	}

	final @Nullable Throwable failure() {
		return this.failure;
	}

	final boolean isClosedHere() {
		return this.closedHere;
	}

	/**
	 * Return why what was under way has ended with the channel.
	 */
	final Throwable endedBy() {
		if (this.failure != null) {
			return this.failure;
		}
		return this.closedHere ? new CancellationException("operation was canceled")
				: new EOFException("the connection was closed");
	}

	/**
	 * Return what a failure stands for. Netty says of everything that a closed channel
	 * has cut short only that it was closed.
	 */
	final Throwable explain(Throwable error) {
		return (error instanceof ClosedChannelException) ? endedBy() : error;
	}

	/**
	 * Whether a failure says that the peer has reset the connection. Netty's native
	 * transports pass on the number of the error, and a text in the language of the
	 * machine. The JDK has no class for it, and says it in English where it reads.
	 */
	static boolean isReset(@Nullable Throwable failure) {
		if (failure instanceof Errors.NativeIoException error) {
			return error.expectedErr() == Errors.ERRNO_ECONNRESET_NEGATIVE
					|| error.expectedErr() == Errors.ERRNO_EPIPE_NEGATIVE;
		}
		String message = (failure instanceof IOException) ? String.valueOf(failure.getMessage()) : "";
		return message.contains("Connection reset") || message.contains("Broken pipe");
	}

}
