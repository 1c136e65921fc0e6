package io.nettrace.observation;

import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

/**
 * Puts {@value #MASK} in place of the IP addresses of a text or of a failure. Spans of
 * nettrace are masked if {@code hide-addresses} says so; a span filter of the application
 * can use it for those of its HTTP client.
 */
public final class AddressMask {

	/**
	 * What stands for an address.
	 */
	public static final String MASK = "_IP";

	private static final int MAX_CAUSES = 8;

	/**
	 * Four numbers that are not part of a longer name.
	 */
	private static final Pattern IPV4 = Pattern.compile("(?<![\\w.-])\\d{1,3}(?:\\.\\d{1,3}){3}(?![\\w-]|\\.\\w)");

	/**
	 * Anything of hex digits with two colons or more, an embedded IPv4 address and a zone
	 * included; a port that follows without brackets goes with it. Times of day match
	 * too: rather one too many.
	 */
	private static final Pattern IPV6 = Pattern
		.compile("(?<![\\w:.])[0-9a-fA-F]{0,4}(?::[0-9a-fA-F]{0,5}){2,8}(?:\\.\\d{1,3}){0,3}(?:%\\w+)?(?![\\w])");

	private AddressMask() {
	}

	/**
	 * Return a text without addresses.
	 * @param text any text
	 * @return the text with {@value #MASK} in place of each IPv4 and IPv6 address
	 */
	public static String mask(String text) {
		String masked = text;
		if (text.indexOf(':') >= 0) {
			masked = IPV6.matcher(masked).replaceAll(MASK);
		}
		return IPV4.matcher(masked).replaceAll(MASK);
	}

	/**
	 * Return a failure with the same stack traces, whose messages and those of its causes
	 * show no address.
	 */
	static Throwable mask(Throwable failure) {
		return new MaskedException(failure, 0);
	}

	/**
	 * Stands for an exception, whose class is part of the message: an exporter takes the
	 * type from the object.
	 */
	private static final class MaskedException extends Exception {

		private static final long serialVersionUID = 1L;

		MaskedException(Throwable failure, int depth) {
			super(mask(failure.toString()), cause(failure, depth));
			setStackTrace(failure.getStackTrace());
			for (Throwable suppressed : failure.getSuppressed()) {
				if (depth < MAX_CAUSES) {
					addSuppressed(new MaskedException(suppressed, depth + 1));
				}
			}
		}

		private static @Nullable Throwable cause(Throwable failure, int depth) {
			Throwable cause = failure.getCause();
			return (cause != null && depth < MAX_CAUSES) ? new MaskedException(cause, depth + 1) : null;
		}

	}

}
