package io.nettrace.client.httpcomponents;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;

import io.nettrace.client.AddressFilters;
import io.nettrace.dns.AlternateResolver;
import io.nettrace.dns.Question;
import org.apache.hc.client5.http.DnsResolver;
import org.jspecify.annotations.Nullable;

/**
 * The client's own resolver, or the caller's alternate one in its place: below the
 * client's address filter.
 */
final class InnermostDnsResolver implements DnsResolver {

	private final DnsResolver delegate;

	InnermostDnsResolver(DnsResolver delegate) {
		this.delegate = delegate;
	}

	static DnsResolver inside(DnsResolver resolver) {
		return AddressFilters.wrapInnermost(resolver, DnsResolver.class, InnermostDnsResolver::new);
	}

	@Override
	public @Nullable List<InetSocketAddress> resolve(String host, int port) throws UnknownHostException {
		AlternateResolver alternate = AlternateResolver.current();
		return (alternate != null) ? resolve(alternate, new Question("tcp", host, port))
				: this.delegate.resolve(host, port);
	}

	@Override
	public InetAddress @Nullable [] resolve(String host) throws UnknownHostException {
		AlternateResolver alternate = AlternateResolver.current();
		if (alternate == null) {
			return this.delegate.resolve(host);
		}
		List<InetSocketAddress> addresses = resolve(alternate, new Question("ip", host, 0));
		return (addresses != null) ? addresses.stream()
			.map((address) -> (address != null) ? address.getAddress() : null)
			.toArray(InetAddress[]::new) : null;
	}

	private static @Nullable List<InetSocketAddress> resolve(AlternateResolver alternate, Question question)
			throws UnknownHostException {
		try {
			return alternate.resolve(question);
		}
		catch (IOException ex) {
			throw AnyIOException.thrown(ex);
		}
	}

	@Override
	public String resolveCanonicalHostname(String host) throws UnknownHostException {
		return this.delegate.resolveCanonicalHostname(host);
	}

}
