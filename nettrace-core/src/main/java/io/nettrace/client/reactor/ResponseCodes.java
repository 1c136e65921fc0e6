package io.nettrace.client.reactor;

import java.util.Locale;

import io.netty.handler.codec.dns.DnsResponseCode;
import org.jspecify.annotations.Nullable;

/**
 * Response codes by the names of the IANA registry (RFC 6895).
 */
final class ResponseCodes {

	static final String NOERROR = "NOERROR";

	private static final String NXDOMAIN = "NXDOMAIN";

	private ResponseCodes() {
	}

	/**
	 * Netty's own name of a code has the number with it: {@code ServFail(2)}.
	 */
	static String name(DnsResponseCode code) {
		String name = code.toString();
		int number = name.indexOf('(');
		String word = ((number >= 0) ? name.substring(0, number) : name).toUpperCase(Locale.ROOT);
		return word.equals("UNKNOWN") ? "RCODE" + code.intValue() : word;
	}

	/**
	 * Return the response code that a failure stands for. Netty has no class for either
	 * of them, but fixed words.
	 * @return {@code null} if it stands for none
	 */
	static @Nullable String of(Throwable failure) {
		String message = failure.getMessage();
		if (message == null || !failure.getClass().getName().endsWith("$DnsResolveContextException")) {
			return null;
		}
		if (message.contains(NXDOMAIN)) {
			return NXDOMAIN;
		}
		return message.startsWith("No matching ") ? NOERROR : null;
	}

}
