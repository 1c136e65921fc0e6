package io.nettrace.client.httpcomponents;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;

import org.apache.hc.client5.http.DnsResolver;
import org.jspecify.annotations.Nullable;

/**
 * Tells a race which addresses the library is going to connect to. Nothing may be around
 * it that leaves some of them out.
 *
 * @param delegate the traced resolver
 */
record RacingDnsResolver(TracedDnsResolver delegate) implements DnsResolver {

	/**
	 * What the connection operator calls.
	 */
	@Override
	public @Nullable List<InetSocketAddress> resolve(String host, int port) throws UnknownHostException {
		List<InetSocketAddress> addresses = this.delegate.resolve(host, port);
		RacingInitiator race = CarriedByThread.RACE.get();
		if (race != null) {
			race.resolved(addresses);
		}
		return addresses;
	}

	@Override
	public InetAddress @Nullable [] resolve(String host) throws UnknownHostException {
		return this.delegate.resolve(host);
	}

	@Override
	public String resolveCanonicalHostname(String host) throws UnknownHostException {
		return this.delegate.resolveCanonicalHostname(host);
	}

}
