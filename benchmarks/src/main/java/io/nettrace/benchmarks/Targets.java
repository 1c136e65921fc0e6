package io.nettrace.benchmarks;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

import io.nettrace.test.BlackHole;

/**
 * Addresses that answer and addresses that do not, all of loopback and of one port.
 */
final class Targets implements AutoCloseable {

	private final List<TinyServer> servers = new ArrayList<>();

	private final List<BlackHole> holes = new ArrayList<>();

	private final int port;

	private final int portWithoutIpv6;

	/**
	 * Open 127.0.0.1 to 8 and ::1, which answer, and 127.0.0.11 on, which do not; and
	 * another port of which 127.0.0.1 answers and ::1 does not.
	 * @param dead how many do not
	 */
	Targets(int dead) {
		TinyServer first = new TinyServer("127.0.0.1", 0);
		this.servers.add(first);
		this.port = first.port();
		IntStream.rangeClosed(2, 8).forEach((last) -> this.servers.add(new TinyServer("127.0.0." + last, this.port)));
		this.servers.add(new TinyServer("::1", this.port));
		IntStream.rangeClosed(11, 10 + dead)
			.forEach((last) -> this.holes.add(BlackHole.open("127.0.0." + last, this.port)));
		TinyServer withoutIpv6 = new TinyServer("127.0.0.1", 0);
		this.servers.add(withoutIpv6);
		this.portWithoutIpv6 = withoutIpv6.port();
		this.holes.add(BlackHole.open("::1", this.portWithoutIpv6));
	}

	/**
	 * Return addresses that do not answer.
	 */
	List<InetSocketAddress> dead(int count) {
		return addresses(11, count);
	}

	/**
	 * Return IPv4 addresses that answer.
	 */
	List<InetSocketAddress> alive(int count) {
		return addresses(1, count);
	}

	/**
	 * Return the IPv6 address, which answers.
	 */
	InetSocketAddress aliveIpv6() {
		return new InetSocketAddress("::1", this.port);
	}

	/**
	 * Return an IPv6 address that does not answer and an IPv4 address that does.
	 */
	List<InetSocketAddress> deadIpv6() {
		return List.of(new InetSocketAddress("::1", this.portWithoutIpv6),
				new InetSocketAddress("127.0.0.1", this.portWithoutIpv6));
	}

	private List<InetSocketAddress> addresses(int first, int count) {
		return IntStream.range(first, first + count)
			.mapToObj((last) -> new InetSocketAddress("127.0.0." + last, this.port))
			.toList();
	}

	@Override
	public void close() {
		this.servers.forEach(TinyServer::close);
		this.holes.forEach(BlackHole::close);
	}

}
