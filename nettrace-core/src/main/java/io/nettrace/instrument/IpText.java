package io.nettrace.instrument;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;

/**
 * IP addresses as text. Java writes an IPv6 address out in full, and client libraries
 * hand over what the URL said; one address must have one text.
 */
public final class IpText {

	private static final int GROUPS = 8;

	private IpText() {
	}

	/**
	 * The text of an address, for IPv6 that of RFC 5952, section 4: lower case, no
	 * leading zeros, the longest and first run of two or more zero groups as {@code ::}.
	 * A zone stays. An IPv4-mapped address is the IPv4 address that packets go to.
	 * @param address the address
	 * @return its text
	 */
	public static String of(InetAddress address) {
		if (!(address instanceof Inet6Address ipv6)) {
			return address.getHostAddress();
		}
		return isIpv4Mapped(ipv6) ? ipv4(ipv6.getAddress()) : of(ipv6);
	}

	/**
	 * Whether packets to an address are IPv6.
	 * @param address the address
	 * @return {@code false} for an IPv4 address, an IPv4-mapped one included
	 */
	public static boolean isIpv6(InetAddress address) {
		return address instanceof Inet6Address ipv6 && !isIpv4Mapped(ipv6);
	}

	/**
	 * RFC 4291, section 2.5.5.2. The JDK makes an {@code Inet4Address} of most of them,
	 * but not of all.
	 */
	private static boolean isIpv4Mapped(Inet6Address address) {
		byte[] bytes = address.getAddress();
		for (int i = 0; i < 10; i++) {
			if (bytes[i] != 0) {
				return false;
			}
		}
		return bytes[10] == -1 && bytes[11] == -1;
	}

	private static String ipv4(byte[] mapped) {
		return Byte.toUnsignedInt(mapped[12]) + "." + Byte.toUnsignedInt(mapped[13]) + "."
				+ Byte.toUnsignedInt(mapped[14]) + "." + Byte.toUnsignedInt(mapped[15]);
	}

	private static String of(Inet6Address address) {
		int[] groups = groups(address.getAddress());
		int zeros = 0;
		int zerosAt = -1;
		for (int i = 0; i < GROUPS; i++) {
			int run = zeros(groups, i);
			if (run > Math.max(1, zeros)) {
				zeros = run;
				zerosAt = i;
			}
		}
		StringBuilder text = new StringBuilder();
		for (int i = 0; i < GROUPS; i++) {
			if (i == zerosAt) {
				text.append("::");
				i += zeros - 1;
				continue;
			}
			if (i > 0 && i != zerosAt + zeros) {
				text.append(':');
			}
			text.append(Integer.toHexString(groups[i]));
		}
		String full = address.getHostAddress();
		int zone = full.indexOf('%');
		return (zone < 0) ? text.toString() : text.append(full, zone, full.length()).toString();
	}

	private static int[] groups(byte[] bytes) {
		int[] groups = new int[GROUPS];
		for (int i = 0; i < GROUPS; i++) {
			groups[i] = Byte.toUnsignedInt(bytes[2 * i]) << 8 | Byte.toUnsignedInt(bytes[2 * i + 1]);
		}
		return groups;
	}

	private static int zeros(int[] groups, int from) {
		int end = from;
		while (end < GROUPS && groups[end] == 0) {
			end++;
		}
		return end - from;
	}

	/**
	 * The host of an address: the name it was made with, or its text.
	 * @param address the address
	 * @return the host
	 */
	public static String host(InetSocketAddress address) {
		String host = address.getHostString();
		return (host.indexOf(':') >= 0 && address.getAddress() != null) ? of(address.getAddress()) : host;
	}

	/**
	 * The text of what a socket connects to.
	 * @param address an IP address with its port, or the path of a Unix domain socket
	 * @return {@code 10.0.0.1:443}, {@code [::1]:443} or the path
	 */
	public static String withPort(SocketAddress address) {
		if (address instanceof InetSocketAddress inet && inet.getAddress() != null) {
			String literal = of(inet.getAddress());
			return ((literal.indexOf(':') >= 0) ? "[" + literal + "]" : literal) + ":" + inet.getPort();
		}
		return address.toString();
	}

}
