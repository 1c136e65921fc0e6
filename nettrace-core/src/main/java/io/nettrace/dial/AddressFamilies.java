package io.nettrace.dial;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;

import io.nettrace.NetTrace;
import io.nettrace.instrument.NetTraceAddress;
import org.jspecify.annotations.Nullable;

/**
 * Tells IPv4 from IPv6. Go: {@code src/net/ipsock.go}.
 */
final class AddressFamilies {

	private AddressFamilies() {
	}

	static boolean isIpv4(InetSocketAddress address) {
		return address.getAddress() instanceof Inet4Address;
	}

	private static boolean isIpv6(InetSocketAddress address) {
		return address.getAddress() instanceof Inet6Address;
	}

	/**
	 * Return which addresses a network can use.
	 */
	static Predicate<InetSocketAddress> of(String network) {
		return switch (network) {
			case "tcp" -> (address) -> isIpv4(address) || isIpv6(address);
			case "tcp4" -> AddressFamilies::isIpv4;
			case "tcp6" -> AddressFamilies::isIpv6;
			default ->
				throw new IllegalArgumentException("'network' must be tcp, tcp4 or tcp6, not \"" + network + "\"");
		};
	}

	/**
	 * Return those of a host's addresses that a network can use.
	 */
	static List<InetSocketAddress> suitable(Predicate<InetSocketAddress> network,
			@Nullable List<InetSocketAddress> resolved) {
		List<InetSocketAddress> addresses = new ArrayList<>((resolved != null) ? resolved : List.of());
		if (addresses.size() == 1 && isIpv6(addresses.get(0)) && addresses.get(0).getAddress().isAnyLocalAddress()) {
			addresses.add(ipv4Any(addresses.get(0)));
		}
		addresses.removeIf(network.negate());
		return addresses;
	}

	/**
	 * A machine may be able to listen to :: and not to connect to it (golang/go#18806).
	 */
	private static InetSocketAddress ipv4Any(InetSocketAddress ipv6Any) {
		NetTrace trace = Objects.requireNonNullElse(NetTraceAddress.traceOf(ipv6Any), NetTrace.NONE);
		try {
			InetAddress any = InetAddress.getByAddress(new byte[4]);
			return NetTraceAddress.carrying(new InetSocketAddress(any, ipv6Any.getPort()), trace);
		}
		catch (UnknownHostException ex) {
			throw new IllegalStateException(ex);
		}
	}

}
