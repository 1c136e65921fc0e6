package io.nettrace.client.reactor;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.AbstractList;
import java.util.List;

/**
 * The addresses of a host that race. For Reactor Netty they are a list to try one after
 * the other: it makes a channel for each, as long as the list is not at its end when an
 * attempt fails. Which address a channel connects to the race decides, and so it does how
 * many channels there are.
 */
final class RacedAddresses extends AbstractList<SocketAddress> {

	private final List<RacedAddress> addresses;

	private final ReactorRace race;

	/**
	 * Create a list.
	 * @param addresses what may be connected to, at least two
	 * @param race lets them race
	 */
	RacedAddresses(List<? extends InetSocketAddress> addresses, ReactorRace race) {
		this.addresses = addresses.stream().map((address) -> new RacedAddress(address, race)).toList();
		this.race = race;
	}

	/**
	 * Whatever it is asked for last, when there were more.
	 */
	@Override
	public SocketAddress get(int index) {
		return this.addresses.get(index % this.addresses.size());
	}

	@Override
	public int size() {
		return this.race.channels(this.addresses.size());
	}

}
