package io.nettrace.dns;

/**
 * Tells an IP address from a name.
 */
public final class IpLiteral {

	private IpLiteral() {
	}

	/**
	 * Whether a host is an IP address, so that there is nothing to look up: four decimal
	 * numbers, or anything with a colon, brackets and zone allowed. A name cannot contain
	 * a colon.
	 * @param host the host of a URL or of a lookup
	 * @return whether it is an IPv4 or IPv6 address
	 */
	public static boolean matches(String host) {
		return host.indexOf(':') >= 0 || isDottedQuad(host);
	}

	private static boolean isDottedQuad(String host) {
		int numbers = 0;
		int digits = 0;
		int number = 0;
		for (int i = 0; i < host.length(); i++) {
			char c = host.charAt(i);
			if (c >= '0' && c <= '9') {
				number = number * 10 + (c - '0');
				if (++digits > 3 || number > 255) {
					return false;
				}
			}
			else if (c == '.' && digits > 0) {
				numbers++;
				digits = 0;
				number = 0;
			}
			else {
				return false;
			}
		}
		return numbers == 3 && digits > 0;
	}

}
