package io.nettrace.observation;

import java.io.InterruptedIOException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.UnresolvedAddressException;
import java.util.Map;
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

	/**
	 * The operating system's and the resolvers' words: the JDK and netty pass them on,
	 * with an exception that does not tell.
	 */
	private static final Map<String, String> WORDS = Map.ofEntries(
			// connect
			Map.entry("Connection refused", "connection_refused"), Map.entry("Connection reset", "connection_reset"),
			Map.entry("timed out", "timed_out"), Map.entry("Network is unreachable", "network_unreachable"),
			Map.entry("No route to host", "host_unreachable"), Map.entry("Host is unreachable", "host_unreachable"),
			Map.entry("Permission denied", "access_denied"),
			Map.entry("Cannot assign requested address", "address_not_available"),
			Map.entry("Too many open files", "too_many_open_sockets"), Map.entry("Socket closed", "cancelled"),
			// getaddrinfo
			Map.entry("Temporary failure in name resolution", "try_again"),
			Map.entry("Non-recoverable failure in name resolution", "no_recovery"),
			Map.entry("Name or service not known", "host_not_found"),
			// netty's resolver
			Map.entry("SERVFAIL", "try_again"), Map.entry("NXDOMAIN", "host_not_found"),
			Map.entry("No matching record type", "host_not_found"));

	private ErrorType() {
	}

	/**
	 * Name the kind of a failure.
	 * @param failure the error that a done hook was given
	 * @return a value of the vocabulary, else the class name of the failure
	 */
	public static String of(Throwable failure) {
		Throwable last = failure;
		Throwable cause = failure;
		for (int i = 0; cause != null && i < MAX_CAUSES; i++, cause = cause.getCause()) {
			String type = known(cause);
			if (type != null) {
				return (failure instanceof UnknownHostException) ? ofLookup(type) : type;
			}
			last = cause;
		}
		if (failure instanceof UnknownHostException) {
			return (last instanceof UnknownHostException) ? "host_not_found" : last.getClass().getName();
		}
		return failure.getClass().getName();
	}

	/**
	 * A name server that cannot be reached says nothing about the name.
	 */
	private static String ofLookup(String type) {
		return switch (type) {
			case "connection_refused", "connection_reset", "network_unreachable", "host_unreachable" -> "try_again";
			default -> type;
		};
	}

	private static @Nullable String known(Throwable failure) {
		if (failure instanceof TimeoutException || failure instanceof SocketTimeoutException) {
			return "timed_out";
		}
		if (failure instanceof CancellationException || failure instanceof InterruptedException
				|| failure instanceof InterruptedIOException || failure instanceof AsynchronousCloseException) {
			return "cancelled";
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
		String type = byMessage(failure.getMessage());
		return (type == null && failure instanceof NoRouteToHostException) ? noRoute(failure.getMessage()) : type;
	}

	/**
	 * netty's native transports have no words for a network that is unreachable
	 * (io.netty.channel.unix.Errors); the address is added to them.
	 */
	private static String noRoute(@Nullable String message) {
		return (message == null || message.startsWith("null: ")) ? "network_unreachable" : "host_unreachable";
	}

	private static @Nullable String byMessage(@Nullable String message) {
		if (message == null) {
			return null;
		}
		for (Map.Entry<String, String> entry : WORDS.entrySet()) {
			if (message.contains(entry.getKey())) {
				return entry.getValue();
			}
		}
		return null;
	}

}
