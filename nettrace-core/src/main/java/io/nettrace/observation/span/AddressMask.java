package io.nettrace.observation.span;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

import io.nettrace.observation.HostName;
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
	 * Four numbers, whatever letter or mark they touch; not those that a name begins
	 * with.
	 */
	private static final Pattern IPV4 = Pattern.compile("(?<!\\d)(?<!\\d\\.)\\d{1,3}(?:\\.\\d{1,3}){3}(?!\\d|\\.\\w)");

	/**
	 * Anything of hex digits with two colons or more, an embedded IPv4 address and a zone
	 * included; a port that follows without brackets goes with it. Times of day match
	 * too: rather one too many.
	 */
	private static final Pattern IPV6 = Pattern
		.compile("(?:[0-9a-fA-F]{1,4}:|::)(?:[0-9a-fA-F]{0,4}:){0,8}[0-9a-fA-F]{0,5}(?:\\.\\d{1,3}){0,3}(?:%\\w+)?");

	private AddressMask() {
	}

	/**
	 * Return a text without addresses.
	 * @param text any text
	 * @return the text with {@value #MASK} in place of each IPv4 and IPv6 address
	 */
	public static String mask(String text) {
		String masked = (text.indexOf(':') >= 0) ? maskIpv6(text) : text;
		return IPV4.matcher(masked).replaceAll(MASK);
	}

	/**
	 * One colon does not make an address.
	 */
	private static String maskIpv6(String text) {
		Matcher matcher = IPV6.matcher(text);
		return matcher
			.replaceAll((match) -> hasTwoColons(match.group()) ? MASK : Matcher.quoteReplacement(match.group()));
	}

	private static boolean hasTwoColons(String text) {
		int first = text.indexOf(':');
		return text.length() > 2 && text.indexOf(':', first + 1) >= 0;
	}

	/**
	 * Return a host without address.
	 * @param host the host of a URL
	 * @return {@value #MASK} if it is an IP address, in whatever way it is written, else
	 * the host
	 */
	public static String maskHost(String host) {
		return HostName.isAddress(host) ? MASK : mask(host);
	}

	/**
	 * Return a text about a host without addresses.
	 * @param host the host, which may be an address that {@link #mask(String)} does not
	 * know for one: {@code 2130706433}
	 */
	static String mask(String text, String host) {
		return mask(HostName.isAddress(host) ? maskWord(text, host) : text);
	}

	private static String maskWord(String text, String word) {
		return Pattern.compile("(?<![\\w.])" + Pattern.quote(word) + "(?!\\w)").matcher(text).replaceAll(MASK);
	}

	/**
	 * Return a failure with the same stack traces, whose messages and those of its causes
	 * show no address.
	 */
	static Throwable mask(Throwable failure, String host) {
		return new MaskedException(failure, host, 0);
	}

	/**
	 * Stands for an exception, and says in its place what that was.
	 */
	private static final class MaskedException extends Exception {

		private static final long serialVersionUID = 1L;

		private final String text;

		MaskedException(Throwable failure, String host, int depth) {
			super((failure.getMessage() != null) ? mask(failure.getMessage(), host) : null,
					cause(failure, host, depth));
			this.text = mask(failure.toString(), host);
			setStackTrace(failure.getStackTrace());
			for (Throwable suppressed : failure.getSuppressed()) {
				if (depth < MAX_CAUSES) {
					addSuppressed(new MaskedException(suppressed, host, depth + 1));
				}
			}
		}

		private static @Nullable Throwable cause(Throwable failure, String host, int depth) {
			Throwable cause = failure.getCause();
			return (cause != null && depth < MAX_CAUSES) ? new MaskedException(cause, host, depth + 1) : null;
		}

		@Override
		@SuppressWarnings("OverrideThrowableToString") // the first line of a stack trace
		public String toString() {
			return this.text;
		}

	}

}
