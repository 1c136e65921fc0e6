package io.nettrace.client.reactor;

import java.net.SocketAddress;

import io.netty.resolver.AddressResolver;
import io.netty.resolver.AddressResolverGroup;
import io.netty.resolver.DefaultAddressResolverGroup;
import io.netty.util.concurrent.EventExecutor;
import org.jspecify.annotations.Nullable;
import reactor.netty.http.HttpResources;

/**
 * Makes a traced resolver for each connection. It is part of the key of the pool, and of
 * what the pool holds for as long as the JVM runs: so it holds nothing of ours, and is
 * equal to another one of an equal delegate.
 */
final class TracedAddressResolverGroup extends AddressResolverGroup<SocketAddress> {

	/**
	 * For clients without a resolver of their own.
	 */
	static final TracedAddressResolverGroup BY_DEFAULT = new TracedAddressResolverGroup(null, true);

	private final @Nullable AddressResolverGroup<?> delegate;

	private final boolean system;

	/**
	 * Create a group.
	 * @param delegate the client's own resolver, {@code null} for the default one
	 * @param system see {@link #isSystem()}
	 */
	TracedAddressResolverGroup(@Nullable AddressResolverGroup<?> delegate, boolean system) {
		this.delegate = delegate;
		this.system = system;
	}

	/**
	 * Not kept for the event loop as netty does: a resolver that is kept cannot be freed
	 * before its event loop ends, and clients may come and go.
	 */
	@Override
	public AddressResolver<SocketAddress> getResolver(EventExecutor executor) {
		return newResolver(executor);
	}

	@Override
	protected AddressResolver<SocketAddress> newResolver(EventExecutor executor) {
		AddressResolverGroup<SocketAddress> delegate = delegate();
		NettyLookups queries = NettyLookups.of(delegate); // before it makes a resolver
		return new TracedAddressResolver(this, delegate.getResolver(executor), executor, queries);
	}

	/**
	 * The default is asked for each time: {@link HttpResources} may be reset.
	 */
	@SuppressWarnings("unchecked")
	private AddressResolverGroup<SocketAddress> delegate() {
		AddressResolverGroup<?> group = (this.delegate != null) ? this.delegate
				: HttpResources.get().getOrCreateDefaultResolver();
		return (AddressResolverGroup<SocketAddress>) group;
	}

	/**
	 * Whether the client has no resolver of its own. Reactor Netty leaves the name alone
	 * if such a client has a proxy.
	 */
	boolean isByDefault() {
		return this.delegate == null;
	}

	/**
	 * Whether the answers are the JVM's or those of Reactor Netty's default resolver.
	 */
	boolean isSystem() {
		return this.system;
	}

	/**
	 * Whether the client's resolver asks the JVM's.
	 */
	boolean asksJvm() {
		return this.delegate instanceof DefaultAddressResolverGroup;
	}

	/**
	 * What stands for the resolver.
	 */
	Object key() {
		return (this.delegate != null) ? this.delegate : BY_DEFAULT;
	}

	/**
	 * The default resolver serves all clients.
	 */
	@Override
	public void close() {
		if (this.delegate != null) {
			this.delegate.close();
		}
	}

	@Override
	public boolean equals(@Nullable Object other) {
		return other instanceof TracedAddressResolverGroup group
				&& ((this.delegate != null) ? this.delegate.equals(group.delegate) : group.delegate == null);
	}

	@Override
	public int hashCode() {
		return (this.delegate != null) ? this.delegate.hashCode() : TracedAddressResolverGroup.class.hashCode();
	}

	@Override
	public String toString() {
		return "Traced[" + ((this.delegate != null) ? this.delegate : "default") + "]";
	}

}
