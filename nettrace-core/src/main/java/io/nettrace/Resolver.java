package io.nettrace;

import java.io.IOException;
import java.net.InetAddress;
import java.util.List;

/**
 * Turns a name into addresses: the function behind a lookup, and Go's
 * {@code nettrace.LookupIPAltResolverKey} when bound with
 * {@link NetTraceContext#withResolver}. It may run on a thread of nettrace's own, and
 * must be safe for use by several threads.
 */
@FunctionalInterface
public interface Resolver {

	/**
	 * Look up a name.
	 * @param network the network of the dial that asks, {@code tcp}, or {@code ip} for a
	 * lookup of its own
	 * @param host the name without port, never empty and never an IP address
	 * @return the addresses in the order in which to try them; the order is kept
	 * @throws IOException if there is no answer, most often a
	 * {@link java.net.UnknownHostException}
	 */
	List<InetAddress> resolve(String network, String host) throws IOException;

}
