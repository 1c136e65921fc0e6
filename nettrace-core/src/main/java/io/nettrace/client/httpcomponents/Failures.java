package io.nettrace.client.httpcomponents;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.util.concurrent.CancellationException;

import io.nettrace.CloseInfo;
import io.nettrace.CloseReason;
import org.apache.hc.core5.http.ConnectionClosedException;
import org.apache.hc.core5.http.NoHttpResponseException;
import org.apache.hc.core5.http.RequestNotExecutedException;
import org.apache.hc.core5.http.TruncatedChunkException;
import org.apache.hc.core5.http2.H2StreamResetException;
import org.jspecify.annotations.Nullable;

/**
 * What the failure of an exchange means for its hooks and for its connection.
 */
final class Failures {

	private static final int MAX_CAUSES = 8;

	private Failures() {
	}

	/**
	 * Return what the done hook of a step is told that has failed on a blocking socket.
	 * @param failure why it has failed
	 * @return the failure, or a cancellation that it means
	 */
	static Throwable asCancellation(Throwable failure) {
		return isAbort(failure) ? cancelled(failure) : failure;
	}

	/**
	 * Return what the hooks are told of something that was given up.
	 * @param cause what that has made fail
	 */
	static CancellationException cancelled(Throwable cause) {
		CancellationException cancellation = cancelled();
		cancellation.initCause(cause);
		return cancellation;
	}

	/**
	 * Whether another thread has closed the socket, which is how a request is aborted, or
	 * has interrupted this one, which closes the socket on a virtual thread. Whatever
	 * fails, the JDK closes the socket: only the message tells.
	 */
	private static boolean isAbort(Throwable failure) {
		String message = String.valueOf(failure.getMessage());
		return failure instanceof SocketException && (message.equals("Socket closed")
				|| message.equals("Socket is closed") || message.equals("Closed by interrupt"));
	}

	/**
	 * Return what the hooks are told of something that was given up.
	 */
	static CancellationException cancelled() {
		return new CancellationException("operation was canceled");
	}

	/**
	 * Return why a connection is closed on which an exchange has failed.
	 * @param failure why the exchange has failed, {@code null} if it has not
	 * @return why, {@code null} if the failure does not tell
	 */
	static @Nullable CloseInfo close(@Nullable Throwable failure) {
		Throwable cause = failure;
		for (int i = 0; cause != null && i < MAX_CAUSES; i++, cause = cause.getCause()) {
			if (cause instanceof H2StreamResetException reset && isGoAway(reset)) {
				return CloseInfo.goAway(reset.getCode());
			}
			CloseReason reason = reason(cause);
			if (reason != null) {
				return CloseInfo.of(reason);
			}
		}
		return null;
	}

	private static @Nullable CloseReason reason(Throwable failure) {
		if (failure instanceof NoHttpResponseException || failure instanceof ConnectionClosedException
				|| failure instanceof TruncatedChunkException || failure instanceof RequestNotExecutedException) {
			return CloseReason.PEER;
		}
		if (failure instanceof SocketTimeoutException) {
			return CloseReason.TIMED_OUT;
		}
		if (failure instanceof InterruptedIOException || failure instanceof CancellationException || isAbort(failure)) {
			return CloseReason.CANCELLED;
		}
		return isReset(failure) ? CloseReason.RESET : null;
	}

	/**
	 * A channel fails with an exception of no class of its own, and says it in English.
	 */
	private static boolean isReset(Throwable failure) {
		String message = String.valueOf(failure.getMessage());
		return failure instanceof SocketException || (failure instanceof IOException
				&& (message.contains("Connection reset") || message.contains("Broken pipe")));
	}

	/**
	 * A stream that was reset alone fails with the same exception.
	 */
	private static boolean isGoAway(H2StreamResetException reset) {
		return String.valueOf(reset.getMessage()).startsWith("Connection terminated by the peer");
	}

}
