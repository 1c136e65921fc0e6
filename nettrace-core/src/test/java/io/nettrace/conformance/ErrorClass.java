package io.nettrace.conformance;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeoutException;

import io.nettrace.PartialAnswerException;
import org.jspecify.annotations.Nullable;

/**
 * The error classes of the recordings, as Java exceptions: what a resolver throws, and
 * what nettrace makes of it.
 */
final class ErrorClass {

	private static final String NOT_FOUND = "Name or service not known";

	private static final String MISBEHAVING = "Temporary failure in name resolution";

	private static final String SILENT = "read udp: i/o timeout";

	private static final String PLAIN = "a plain error";

	private ErrorClass() {
	}

	/**
	 * Make the exception of a resolver that fails.
	 */
	static IOException ofResolver(String errorClass, String host) {
		return switch (errorClass) {
			case "dns_not_found" -> new UnknownHostException(host + ": " + NOT_FOUND);
			case "dns_server_misbehaving" -> new UnknownHostException(host + ": " + MISBEHAVING);
			case "dns_timeout" -> new SocketTimeoutException(SILENT);
			case "dns_other" -> new IOException(PLAIN);
			default -> throw new UnsupportedScenarioException("a resolver whose error is " + errorClass);
		};
	}

	/**
	 * What a resolver throws reaches the caller as it is. Go wraps it for the caller too.
	 */
	static @Nullable String of(@Nullable Throwable error) {
		if (error == null) {
			return null;
		}
		if (error.getClass() == IOException.class && PLAIN.equals(error.getMessage())) {
			return "dns_other";
		}
		if (error instanceof SocketTimeoutException && SILENT.equals(error.getMessage())) {
			return "dns_timeout";
		}
		if (error instanceof UnknownHostException) {
			return ofLookup(error);
		}
		if (error instanceof CancellationException || error.getCause() instanceof CancellationException) {
			return (error instanceof CancellationException || error instanceof InterruptedIOException) ? "canceled"
					: error.toString();
		}
		if (error instanceof SocketTimeoutException) {
			return "timeout";
		}
		if (error instanceof ConnectException) {
			return "refused";
		}
		if (error instanceof NoRouteToHostException) {
			return "addr_error";
		}
		return error.toString();
	}

	private static String ofLookup(Throwable error) {
		Throwable cause = error.getCause();
		String message = String.valueOf(error.getMessage());
		if (cause instanceof TimeoutException || cause instanceof SocketTimeoutException) {
			return "dns_timeout";
		}
		if (cause instanceof CancellationException) {
			return "dns_canceled";
		}
		if (error instanceof PartialAnswerException && cause instanceof UnknownHostException) {
			return ofLookup(cause);
		}
		if (cause != null) {
			return "dns_other";
		}
		return message.endsWith(NOT_FOUND) ? "dns_not_found"
				: message.endsWith(MISBEHAVING) ? "dns_server_misbehaving" : error.toString();
	}

}
