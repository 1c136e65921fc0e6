package io.nettrace.instrument;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.List;

import io.nettrace.NetTrace;

import org.jspecify.annotations.Nullable;

/**
 * An address that carries the trace of the lookup it came from. Every client library
 * hands the very instance that its resolver returned to its connect, so each attempt
 * finds its trace whatever thread runs it. Equal to an ordinary {@link InetSocketAddress}
 * of the same address and port.
 */
public final class NetTraceAddress extends InetSocketAddress {

	private static final long serialVersionUID = 1L;

	private transient volatile @Nullable NetTrace trace;

	/**
	 * Those of the same lookup, for a library that keeps all of them.
	 */
	private transient volatile List<NetTraceAddress> group = List.of();

	private NetTraceAddress(InetAddress address, int port, NetTrace trace) {
		super(address, port);
		this.trace = trace;
	}

	/**
	 * Return the address with a trace to carry.
	 * @param address the address as resolved
	 * @param trace the trace of the dial
	 * @return the carrying address, or the address itself if it is unresolved or there is
	 * nothing to carry
	 */
	public static InetSocketAddress carrying(InetSocketAddress address, NetTrace trace) {
		InetAddress resolved = address.getAddress();
		if (resolved == null || trace == NetTrace.NONE) {
			return address;
		}
		return new NetTraceAddress(resolved, address.getPort(), trace);
	}

	/**
	 * Tell which addresses are of one lookup, so that {@link #releaseGroup} lets go of
	 * them together.
	 * @param addresses the addresses; those that carry nothing are left alone
	 */
	public static void group(List<? extends SocketAddress> addresses) {
		List<NetTraceAddress> group = addresses.stream()
			.filter(NetTraceAddress.class::isInstance)
			.map(NetTraceAddress.class::cast)
			.toList();
		group.forEach((address) -> address.group = group);
	}

	/**
	 * Return the trace that an address carries.
	 * @param address any address
	 * @return the trace, or {@code null} if the address carries none
	 */
	public static @Nullable NetTrace traceOf(@Nullable SocketAddress address) {
		return (address instanceof NetTraceAddress carrying) ? carrying.trace : null;
	}

	/**
	 * Return the address as it was before it got a trace to carry. Connect to that one
	 * where the socket keeps the very instance: it would keep the trace, and what the
	 * trace belongs to, for as long as it is open.
	 * @param address any address
	 * @return an equal address that carries nothing
	 */
	public static SocketAddress withoutTrace(SocketAddress address) {
		return (address instanceof NetTraceAddress carrying)
				? new InetSocketAddress(carrying.getAddress(), carrying.getPort()) : address;
	}

	/**
	 * Let go of the trace that an address carries, because its attempt is over: the
	 * socket of a pooled connection keeps the address that it is connected to.
	 * @param address any address
	 */
	public static void release(@Nullable SocketAddress address) {
		if (address instanceof NetTraceAddress carrying) {
			carrying.trace = null;
		}
	}

	/**
	 * As {@link #release}, for an address and all that are of the same lookup, because
	 * there is a connection: no other one is tried.
	 * @param address any address
	 */
	public static void releaseGroup(@Nullable SocketAddress address) {
		release(address);
		if (address instanceof NetTraceAddress carrying) {
			carrying.group.forEach(NetTraceAddress::release);
			carrying.group = List.of();
		}
	}

}
