package io.nettrace.dial;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * How a {@link Dialer} finds the addresses of a host. The addresses carry their trace
 * ({@link io.nettrace.instrument.NetTraceAddress}), if there is one. With a
 * {@code io.nettrace.dns.LookupGroup} it is
 *
 * <pre class="code">
 * (network, host, port, deadline) -&gt; group.resolve(trace, new Question(network, host, port), lookup, deadline)
 * </pre>
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
