package io.nettrace.client.httpcomponents;

import java.net.SocketException;
import java.util.concurrent.CancellationException;

/**
 * Tells an aborted request from a failed one on blocking sockets.
 */
final class Aborts {

	private Aborts() {
	}

	/**
	 * Whether another thread has closed the socket, which is how a request is aborted, or
	 * has interrupted this one, which closes the socket on a virtual thread. Whatever
	 * fails, the JDK closes the socket: only the message tells.
	 */
	static boolean isAbort(Throwable failure) {
		String message = String.valueOf(failure.getMessage());
		return failure instanceof SocketException && (message.equals("Socket closed")
				|| message.equals("Socket is closed") || message.equals("Closed by interrupt"));
	}

	/**
	 * Return what the done hook of a step is told that has failed.
	 */
	static Throwable asCancellation(Throwable failure) {
		if (!isAbort(failure)) {
			return failure;
		}
		CancellationException cancellation = new CancellationException("operation was canceled");
		cancellation.initCause(failure);
		return cancellation;
	}

}
