package io.nettrace.jvm;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.net.spi.InetAddressResolver;
import java.net.spi.InetAddressResolverProvider;
import java.util.stream.Stream;

import io.nettrace.autoconfigure.LoopbackNames;
import io.nettrace.test.DnsClient;

/**
 * The traced resolver, on top of one that asks the test's DNS server for names in {@code .test}. The JVM takes this provider because it is first on the class path.
 */
public final class LoopbackResolverProvider extends InetAddressResolverProvider {

	@Override
	public InetAddressResolver get(Configuration configuration) {
		return new TracedInetAddressResolver(new LoopbackResolver(configuration.builtinResolver()));
	}

	@Override
	public String name() {
		return "loopback";
	}

	private record LoopbackResolver(InetAddressResolver builtin) implements InetAddressResolver {

		@Override
		public Stream<InetAddress> lookupByName(String host, LookupPolicy policy) throws UnknownHostException {
			InetSocketAddress server = LoopbackNames.server();
			return (server != null && host.endsWith(".test"))
					? new DnsClient(server).withTimeout(LoopbackNames.TIMEOUT).resolve(host).stream()
					: this.builtin.lookupByName(host, policy);
		}

		@Override
		public String lookupByAddress(byte[] address) throws UnknownHostException {
			return this.builtin.lookupByAddress(address);
		}

	}

}
