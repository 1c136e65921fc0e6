package io.nettrace.client.reactor;

import java.net.SocketAddress;
import java.util.function.Supplier;

import io.netty.resolver.AddressResolver;
import io.netty.resolver.AddressResolverGroup;
import io.netty.util.concurrent.EventExecutor;
import io.nettrace.dns.LookupGroup;

/**
 * Gives each event loop a traced resolver. Equal to another one of an equal delegate: the
 * resolver is part of the pool's key.
 */
final class TracedAddressResolverGroup extends AddressResolverGroup<SocketAddress> {

	private final Object identity;

	private final Supplier<AddressResolverGroup<?>> delegate;

	private final LookupGroup lookups;

	TracedAddressResolverGroup(AddressResolverGroup<?> delegate, LookupGroup lookups) {
		this(delegate, () -> delegate, lookups);
	}

	/**
	 * Create a group whose delegate may change.
	 * @param identity what stands for the delegate in comparisons
	 * @param delegate asked for the delegate at the first lookup of each event loop
	 * @param lookups shares lookups
	 */
	TracedAddressResolverGroup(Object identity, Supplier<AddressResolverGroup<?>> delegate, LookupGroup lookups) {
		this.identity = identity;
		this.delegate = delegate;
		this.lookups = lookups;
	}

	@Override
	@SuppressWarnings("unchecked")
	protected AddressResolver<SocketAddress> newResolver(EventExecutor executor) {
		AddressResolverGroup<SocketAddress> group = (AddressResolverGroup<SocketAddress>) this.delegate.get();
		return new TracedAddressResolver(group.getResolver(executor), executor, this.lookups);
	}

	@Override
	public void close() {
		super.close();
		if (this.identity instanceof AddressResolverGroup<?> group) {
			group.close();
		}
	}

	@Override
	public boolean equals(Object other) {
		return other instanceof TracedAddressResolverGroup group && group.identity.equals(this.identity);
	}

	@Override
	public int hashCode() {
		return this.identity.hashCode();
	}

	@Override
	public String toString() {
		return "Traced[" + this.identity + "]";
	}

}
