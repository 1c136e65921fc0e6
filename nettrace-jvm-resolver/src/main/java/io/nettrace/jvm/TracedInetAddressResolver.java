package io.nettrace.jvm;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.net.spi.InetAddressResolver;
import java.util.stream.Stream;

import io.nettrace.client.jdk.JvmLookups;

/**
 * Fires the DNS hooks around the JVM's built-in resolver. The JVM asks it only for names
 * that are not in its cache, and once for callers that ask at the same time.
 */
final class TracedInetAddressResolver implements InetAddressResolver {

	private final InetAddressResolver builtin;

	TracedInetAddressResolver(InetAddressResolver builtin) {
		this.builtin = builtin;
		JvmLookups.begin();
	}

	@Override
	public Stream<InetAddress> lookupByName(String host, LookupPolicy policy) throws UnknownHostException {
		return JvmLookups.resolve(host, () -> this.builtin.lookupByName(host, policy).toList()).stream();
	}

	@Override
	public String lookupByAddress(byte[] address) throws UnknownHostException {
		return this.builtin.lookupByAddress(address);
	}

}
