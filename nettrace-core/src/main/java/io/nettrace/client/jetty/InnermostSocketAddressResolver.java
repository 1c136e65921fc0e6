package io.nettrace.client.jetty;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;

import io.nettrace.client.AddressFilters;
import io.nettrace.dns.AlternateResolver;
import io.nettrace.dns.Question;
import org.eclipse.jetty.util.Promise;
import org.eclipse.jetty.util.SocketAddressResolver;

/**
 * The client's own resolver, or the caller's alternate one in its place: below the
 * client's address filter.
 */
final class InnermostSocketAddressResolver implements SocketAddressResolver {

	private final SocketAddressResolver delegate;

	InnermostSocketAddressResolver(SocketAddressResolver delegate) {
		this.delegate = delegate;
	}

	static SocketAddressResolver inside(SocketAddressResolver resolver) {
		return AddressFilters.wrapInnermost(resolver, SocketAddressResolver.class, InnermostSocketAddressResolver::new);
	}

	@Override
	public void resolve(String host, int port, Map<String, Object> context, Promise<List<InetSocketAddress>> promise) {
		AlternateResolver alternate = AlternateResolver.current();
		if (alternate == null) {
			this.delegate.resolve(host, port, context, promise);
			return;
		}
		List<InetSocketAddress> addresses;
		try {
			addresses = alternate.resolve(new Question("tcp", host, port));
		}
		catch (Throwable ex) {
			promise.failed(ex);
			return;
		}
		promise.succeeded(addresses);
	}

}
