package io.nettrace.benchmarks;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;

import io.netty.resolver.AbstractAddressResolver;
import io.netty.resolver.AddressResolver;
import io.netty.resolver.AddressResolverGroup;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Promise;

/**
 * Always gives the same answer, for Netty.
 */
final class StubAddressResolverGroup extends AddressResolverGroup<InetSocketAddress> {

	private final List<InetSocketAddress> answer = List
		.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 8080));

	@Override
	protected AddressResolver<InetSocketAddress> newResolver(EventExecutor executor) {
		return new AbstractAddressResolver<>(executor, InetSocketAddress.class) {

			@Override
			protected boolean doIsResolved(InetSocketAddress address) {
				return !address.isUnresolved();
			}

			@Override
			protected void doResolve(InetSocketAddress unresolved, Promise<InetSocketAddress> promise) {
				promise.setSuccess(StubAddressResolverGroup.this.answer.get(0));
			}

			@Override
			protected void doResolveAll(InetSocketAddress unresolved, Promise<List<InetSocketAddress>> promise) {
				promise.setSuccess(StubAddressResolverGroup.this.answer);
			}

		};
	}

}
