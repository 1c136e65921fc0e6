package io.nettrace.client.reactor;

import java.net.InetSocketAddress;
import java.net.SocketAddress;

import io.nettrace.instrument.NetTraceAddress;
import org.jspecify.annotations.Nullable;

/**
 * An address of a race. Reactor Netty hands it to the channel that it has made for it,
 * which finds the race by it. Equal to an ordinary {@link InetSocketAddress} of the same
 * address and port.
 */
final class RacedAddress extends InetSocketAddress {

	private static final long serialVersionUID = 1L;

	private final transient @Nullable InetSocketAddress carrying;

	private final transient @Nullable ReactorRace race;

	/**
	 * Create an address.
	 * @param address as resolved, perhaps with a trace
	 * @param race the race that it takes part in
	 */
	RacedAddress(InetSocketAddress address, ReactorRace race) {
		super(address.getAddress(), address.getPort());
		this.carrying = address;
		this.race = race;
	}

	/**
	 * Return the race that an address takes part in, or {@code null}.
	 */
	static @Nullable ReactorRace raceOf(SocketAddress address) {
		return (address instanceof RacedAddress raced) ? raced.race : null;
	}

	/**
	 * Return an address as it was resolved.
	 */
	static SocketAddress resolved(SocketAddress address) {
		return (address instanceof RacedAddress raced && raced.carrying != null) ? raced.carrying : address;
	}

	/**
	 * Return an address as it was before it got something to carry.
	 */
	static SocketAddress plain(SocketAddress address) {
		SocketAddress plain = NetTraceAddress.withoutTrace(resolved(address));
		return (plain instanceof RacedAddress raced) ? new InetSocketAddress(raced.getAddress(), raced.getPort())
				: plain;
	}

}
