package io.nettrace.dial;

import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Which addresses race. A strategy makes lists of the addresses: each list is tried one
 * address after the other, and the lists race, the next one starting some time after the
 * one before.
 */
public enum DialStrategy {

	/**
	 * As Go does: two lists, the first of all addresses of the first one's family, the
	 * second of all others. IPv6 has no privilege of its own. Go: {@code partition} in
	 * {@code src/net/ipsock.go}.
	 */
	GO(Duration.ofMillis(300)) {

		@Override
		List<List<InetSocketAddress>> lists(List<InetSocketAddress> addresses) {
			List<InetSocketAddress> primaries = new ArrayList<>(addresses.size());
			List<InetSocketAddress> fallbacks = new ArrayList<>();
			for (InetSocketAddress address : addresses) {
				(isIpv4(address) == isIpv4(addresses.get(0)) ? primaries : fallbacks).add(address);
			}
			return fallbacks.isEmpty() ? List.of(primaries) : List.of(primaries, fallbacks);
		}

	},

	/**
	 * As RFC 8305 says in sections 4 and 5: every address races, the families taking
	 * turns from that of the first address on.
	 */
	RFC8305(Duration.ofMillis(250)) {

		@Override
		List<List<InetSocketAddress>> lists(List<InetSocketAddress> addresses) {
			Deque<InetSocketAddress> next = new ArrayDeque<>();
			Deque<InetSocketAddress> other = new ArrayDeque<>();
			for (InetSocketAddress address : addresses) {
				(isIpv4(address) == isIpv4(addresses.get(0)) ? next : other).add(address);
			}
			List<List<InetSocketAddress>> lists = new ArrayList<>(addresses.size());
			while (!next.isEmpty()) {
				lists.add(List.of(next.remove()));
				if (!other.isEmpty()) {
					Deque<InetSocketAddress> turn = next;
					next = other;
					other = turn;
				}
			}
			return lists;
		}

	};

	private final Duration delay;

	DialStrategy(Duration delay) {
		this.delay = delay;
	}

	/**
	 * Return how long after one list the next one starts, unless {@link DialSettings} say
	 * something else: 300 ms in Go, 250 ms in RFC 8305.
	 * @return the delay
	 */
	public Duration defaultDelay() {
		return this.delay;
	}

	/**
	 * Make the lists that race.
	 * @param addresses at least one address, in the resolver's order
	 * @return at least one list of at least one address
	 */
	abstract List<List<InetSocketAddress>> lists(List<InetSocketAddress> addresses);

	private static boolean isIpv4(InetSocketAddress address) {
		return address.getAddress() instanceof Inet4Address;
	}

}
