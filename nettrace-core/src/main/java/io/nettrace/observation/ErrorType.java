package io.nettrace.observation;

import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.channels.UnresolvedAddressException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeoutException;

import org.jspecify.annotations.Nullable;

/**
 * One vocabulary for {@code error.type}, whatever the client: each has exceptions of its
 * own for the same fault. The values are those of .NET's {@code dns.lookup.duration} and
 * {@code socket connect}, in so far as they fit.
 */
public final class ErrorType {

	private static final int MAX_CAUSES = 8;

	private ErrorType() {
	}

	/**
	 * Name the kind of a failure.
	 * @param failure the error that a done hook was given
	 * @return a value of the vocabulary, else the class name of the failure
	 */
	public static String of(Throwable failure) {
		String unknownHost = null;
		Throwable cause = failure;
		for (int i = 0; cause != null && i < MAX_CAUSES; i++, cause = cause.getCause()) {
			String type = known(cause);
			if (type != null) {
				return type;
			}
			if (cause instanceof UnknownHostException) {
				unknownHost = (cause.getCause() == null) ? "host_not_found" : unknownHost;
			}
		}
		return (unknownHost != null) ? unknownHost : failure.getClass().getName();
	}

	private static @Nullable String known(Throwable failure) {
		if (failure instanceof CancellationException || failure instanceof InterruptedException) {
			return "cancelled";
		}
		if (failure instanceof TimeoutException || failure instanceof SocketTimeoutException) {
			return "timed_out";
		}
		if (failure instanceof NoRouteToHostException) {
			return "host_unreachable";
		}
		if (failure instanceof UnresolvedAddressException) {
			return "host_not_found";
		}
		// client libraries and Boot, by name: this package knows none of them
		String className = failure.getClass().getSimpleName();
		if (className.equals("FilteredHostException")) {
			return "address_filtered";
		}
		if (className.endsWith("TimeoutException")) {
			return "timed_out";
		}
		return byMessage(failure.getMessage());
	}

	/**
	 * The operating system's words: the JDK and netty pass them on, with an exception
	 * that does not tell.
	 */
	private static @Nullable String byMessage(@Nullable String message) {
		if (message == null) {
			return null;
		}
		if (message.contains("Connection refused")) {
			return "connection_refused";
		}
		if (message.contains("Connection reset")) {
			return "connection_reset";
		}
		if (message.contains("timed out")) {
			return "timed_out";
		}
		if (message.contains("Network is unreachable")) {
			return "network_unreachable";
		}
		if (message.contains("No route to host") || message.contains("Host is unreachable")) {
			return "host_unreachable";
		}
		if (message.contains("Permission denied")) {
			return "access_denied";
		}
		if (message.contains("Temporary failure in name resolution") || message.contains("SERVFAIL")) {
			return "try_again";
		}
		return null;
	}

}
