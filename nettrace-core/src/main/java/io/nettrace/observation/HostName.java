package io.nettrace.observation;

import java.net.IDN;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Hosts as URLs and questions have them: one host has many spellings.
 */
public final class HostName {

	/**
	 * Numbers, decimal, octal or hexadecimal: what {@code inet_aton} reads, and browsers
	 * and resolvers with it. No name ends in a number.
	 */
	private static final Pattern NUMBERS = Pattern.compile("(?:(?:\\d+|0[xX][0-9a-fA-F]*)(?:\\.(?!$)|\\.?$))+");

	private HostName() {
	}

	/**
	 * The one spelling that stands for all of a host: lower case, without the dot at the
	 * end, and in ASCII (RFC 5890). What is no name is left alone.
	 * @param host a name, an IP address or the path of a Unix domain socket
	 * @return the spelling
	 */
	public static String canonical(String host) {
		for (int i = 0; i < host.length(); i++) {
			char c = host.charAt(i);
			if (c == '/') {
				return host; // a path
			}
			if (c == ':') {
				return host.toLowerCase(Locale.ROOT); // an IPv6 address
			}
		}
		return isCanonical(host) ? host : spelled(host);
	}

	private static boolean isCanonical(String host) {
		for (int i = 0; i < host.length(); i++) {
			char c = host.charAt(i);
			if (c >= 0x80 || (c >= 'A' && c <= 'Z')) {
				return false;
			}
		}
		return !host.endsWith(".");
	}

	private static String spelled(String host) {
		String name = host.endsWith(".") ? host.substring(0, host.length() - 1) : host;
		StringBuilder spelled = new StringBuilder();
		for (String label : name.split("[.\\u3002\\uFF0E\\uFF61]", -1)) {
			spelled.append(spelled.isEmpty() ? "" : ".").append(ascii(label));
		}
		return spelled.toString();
	}

	private static String ascii(String label) {
		String lowerCase = label.toLowerCase(Locale.ROOT);
		if (lowerCase.chars().allMatch((c) -> c < 0x80)) {
			return lowerCase;
		}
		try {
			return IDN.toASCII(lowerCase, IDN.ALLOW_UNASSIGNED).toLowerCase(Locale.ROOT);
		}
		catch (IllegalArgumentException ex) {
			return lowerCase; // no name that could be looked up
		}
	}

	/**
	 * Whether a host is an IP address, in whatever way it is written: {@code 127.0.0.1},
	 * {@code 127.1}, {@code 2130706433}, {@code 0x7f000001} and {@code ::1} are.
	 * @param host the host of a URL
	 * @return whether it is an IPv4 or IPv6 address
	 */
	public static boolean isAddress(String host) {
		if (host.indexOf(':') >= 0) {
			return true;
		}
		return !host.isEmpty() && host.charAt(0) >= '0' && host.charAt(0) <= '9' && NUMBERS.matcher(host).matches();
	}

}
