package io.nettrace.benchmarks;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;

import org.apache.hc.client5.http.DnsResolver;

/**
 * Always gives the same answer, and allocates nothing.
 */
final class StubDnsResolver implements DnsResolver {

	private final InetAddress[] addresses = { InetAddress.getLoopbackAddress() };

	private final List<InetSocketAddress> answer = List.of(new InetSocketAddress(this.addresses[0], 8080));

	@Override
	public InetAddress[] resolve(String host) {
		return this.addresses;
	}

	@Override
	public List<InetSocketAddress> resolve(String host, int port) {
		return this.answer;
	}

	@Override
	public String resolveCanonicalHostname(String host) {
		return host;
	}

}
