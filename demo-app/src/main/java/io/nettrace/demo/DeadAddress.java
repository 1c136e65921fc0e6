package io.nettrace.demo;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;

import static io.nettrace.demo.Targets.SILENT;

/**
 * The first address of a host with a dead one: of IPv6, unless the machine has none.
 */
final class DeadAddress {

	private static final String IPV6_LOOPBACK = "::1";

	private static final boolean IPV6 = canBind(IPV6_LOOPBACK);

	/**
	 * The address in text form.
	 */
	static final String LITERAL = IPV6 ? IPV6_LOOPBACK : SILENT;

	static final String TITLE = IPV6 ? "Dead IPv6" : "Dead first address (no IPv6 here)";

	static final String DESCRIPTION = IPV6 ? "an IPv6 address that is dead and an IPv4 address that answers"
			: "two IPv4 addresses, because this machine has no IPv6: the first is dead and the second answers";

	private DeadAddress() {
	}

	private static boolean canBind(String literal) {
		try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName(literal))) {
			return socket.isBound();
		}
		catch (IOException noIpv6) {
			return false;
		}
	}

}
