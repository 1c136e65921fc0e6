package io.nettrace.dial;

import java.io.Closeable;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.function.Predicate;

import io.nettrace.NetTrace;
import io.nettrace.concurrent.Clock;
import io.nettrace.concurrent.VirtualTime;
import io.nettrace.instrument.NetTraceAddress;
import org.jspecify.annotations.Nullable;

/**
 * What Go's {@code Dialer.DialContext} does before a {@link Dialer} dials: resolves, and
 * keeps the addresses of the network's family. HTTP clients do so themselves; the
 * recordings of Go need it.
 */
public final class GoDialer {

	private final Dialer dialer;

	/**
	 * Create a dialer.
	 * @param settings how to dial
	 * @param time the clock, and the threads of the lists that race
	 */
	public GoDialer(DialSettings settings, VirtualTime time) {
		this.dialer = dialer(settings, time, time);
	}

	/**
	 * Create a dialer whose delays pass in virtual time.
	 * @param settings how to dial
	 * @param executor runs the lists that race
	 * @param time the clock
	 */
	static Dialer dialer(DialSettings settings, Executor executor, VirtualTime time) {
		return new Dialer(settings, executor, time, (delay, task) -> {
			Clock.Mailbox<Boolean> givenUp = time.mailbox();
			long end = time.deadlineIn(delay);
			time.execute(() -> {
				try {
					if (givenUp.poll(end) == null) {
						task.run();
					}
				}
				catch (InterruptedException ex) {
					throw new AssertionError(ex);
				}
			});
			// by a thread of its own: one that puts may have to let others pass, and the
			// race holds its lock
			return () -> time.execute(() -> givenUp.put(true));
		});
	}

	/**
	 * How the addresses of a host are found. The addresses carry their trace, if there is
	 * one.
	 */
	@FunctionalInterface
	public interface AddressResolver {

		/**
		 * Find the addresses of a host, which may be an IP address already.
		 * @param network the network of the dial
		 * @param host the host
		 * @param port the port that each address gets
		 * @param deadline when the dial gives up, in the time of its
		 * {@link io.nettrace.concurrent.Clock}
		 * @return the addresses in the order in which to try them; {@code null} is none
		 * @throws IOException if there is no answer
		 */
		@Nullable List<InetSocketAddress> resolve(String network, String host, int port, long deadline) throws IOException;

	}

	/**
	 * Resolve a host and connect to it.
	 * @param <C> the type of the connection
	 * @param network {@code tcp}, or {@code tcp4} or {@code tcp6} for addresses of that
	 * family only, which do not race
	 * @param host a name or an IP address
	 * @param port the port
	 * @param resolver finds the addresses
	 * @param connector opens and connects the sockets
	 * @return the connection
	 * @throws NoRouteToHostException if the host has no address of the network's family
	 * @throws IOException as from {@link AddressResolver#resolve} and {@link Dialer}
	 */
	public <C extends Closeable> C dial(String network, String host, int port, AddressResolver resolver,
			Connector<C> connector) throws IOException {
		Predicate<InetSocketAddress> family = family(network);
		long deadline = this.dialer.deadline();
		List<InetSocketAddress> addresses = suitable(family, resolver.resolve(network, host, port, deadline));
		if (addresses.isEmpty()) {
			throw new NoRouteToHostException("dial " + network + " " + host + ":" + port + ": no suitable address");
		}
		return this.dialer.dial(network, addresses, connector, new DialHandle(), deadline);
	}

	/**
	 * Return which addresses a network can use.
	 */
	private static Predicate<InetSocketAddress> family(String network) {
		return switch (network) {
			case "tcp" -> (address) -> isIpv4(address) || isIpv6(address);
			case "tcp4" -> GoDialer::isIpv4;
			case "tcp6" -> GoDialer::isIpv6;
			default ->
				throw new IllegalArgumentException("'network' must be tcp, tcp4 or tcp6, not \"" + network + "\"");
		};
	}

	/**
	 * Return those of a host's addresses that a network can use.
	 */
	private static List<InetSocketAddress> suitable(Predicate<InetSocketAddress> network,
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

	private static boolean isIpv4(InetSocketAddress address) {
		return address.getAddress() instanceof Inet4Address;
	}

	private static boolean isIpv6(InetSocketAddress address) {
		return address.getAddress() instanceof Inet6Address;
	}

}
