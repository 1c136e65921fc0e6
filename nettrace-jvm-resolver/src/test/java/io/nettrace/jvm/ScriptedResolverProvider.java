package io.nettrace.jvm;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.net.spi.InetAddressResolver;
import java.net.spi.InetAddressResolverProvider;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * Puts names of the tests' own below the traced resolver, in the place of the JVM's
 * built-in one. The JVM takes this provider because it is first on the class path of the
 * tests. {@code jdk.net.hosts.file} would not do: with it the JVM asks no provider at all
 * ({@code InetAddress.resolver}, JDK 25).
 */
public final class ScriptedResolverProvider extends InetAddressResolverProvider {

	private static final AtomicInteger COUNT = new AtomicInteger();

	/**
	 * Make a name that the JVM has not in its cache. One of {@code unknown.test} does not
	 * exist.
	 */
	static String newName(String domain) {
		return "h" + COUNT.incrementAndGet() + "." + domain;
	}

	@Override
	public InetAddressResolver get(Configuration configuration) {
		return new TracedInetAddressResolver(new ScriptedResolver(configuration.builtinResolver()));
	}

	@Override
	public String name() {
		return "scripted";
	}

	private record ScriptedResolver(InetAddressResolver builtin) implements InetAddressResolver {

		@Override
		public Stream<InetAddress> lookupByName(String host, LookupPolicy policy) throws UnknownHostException {
			if (!host.endsWith(".test")) {
				return this.builtin.lookupByName(host, policy);
			}
			if (host.endsWith("unknown.test")) {
				throw new UnknownHostException(host + ": Name or service not known");
			}
			return Stream.of(address(host, "127.0.0.9"));
		}

		private static InetAddress address(String host, String literal) {
			try {
				return InetAddress.getByAddress(host, InetAddress.getByName(literal).getAddress());
			}
			catch (UnknownHostException ex) {
				throw new IllegalArgumentException(literal, ex);
			}
		}

		@Override
		public String lookupByAddress(byte[] address) throws UnknownHostException {
			return this.builtin.lookupByAddress(address);
		}

	}

}
