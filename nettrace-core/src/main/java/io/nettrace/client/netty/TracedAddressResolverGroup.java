package io.nettrace.client.netty;

import java.net.SocketAddress;

import io.nettrace.dns.LookupGroup;
import io.netty.resolver.AddressResolver;
import io.netty.resolver.AddressResolverGroup;
import io.netty.util.concurrent.EventExecutor;

/**
 * Makes a traced resolver for each connection of a bootstrap.
 */
final class TracedAddressResolverGroup extends AddressResolverGroup<SocketAddress> {

	private final AddressResolverGroup<SocketAddress> delegate;

	private final TracedBootstrap bootstrap;

	private final LookupGroup lookups;

	@SuppressWarnings("unchecked")
	TracedAddressResolverGroup(AddressResolverGroup<?> delegate, TracedBootstrap bootstrap, LookupGroup lookups) {
		this.delegate = (AddressResolverGroup<SocketAddress>) delegate;
		this.bootstrap = bootstrap;
		this.lookups = lookups;
	}

	TracedBootstrap bootstrap() {
		return this.bootstrap;
	}

	/**
	 * Not kept for the event loop as netty does: a resolver that is kept cannot be freed
	 * before its event loop ends, and bootstraps may come and go.
	 */
	@Override
	public AddressResolver<SocketAddress> getResolver(EventExecutor executor) {
		return newResolver(executor);
	}

	@Override
	protected AddressResolver<SocketAddress> newResolver(EventExecutor executor) {
		return new TracedAddressResolver(this.delegate.getResolver(executor), this.bootstrap, this.lookups, executor);
	}

	@Override
	public void close() {
		this.delegate.close();
	}

}
