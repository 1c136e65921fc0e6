package io.nettrace.client.reactor;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Supplier;

import io.nettrace.Hook;
import io.nettrace.NetTrace;
import io.nettrace.NetTraceContext;
import io.nettrace.client.netty.EventLoopCaller;
import io.nettrace.dns.AlternateResolver;
import io.nettrace.dns.Lookup;
import io.nettrace.dns.LookupGroup;
import io.nettrace.dns.Question;
import io.netty.resolver.AddressResolver;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.FutureListener;
import io.netty.util.concurrent.Promise;
import org.jspecify.annotations.Nullable;

/**
 * Fires the DNS hooks around the client's resolver, without waiting for it. The answers
 * carry the trace to the channels that connect to them.
 */
final class TracedAddressResolver implements AddressResolver<SocketAddress> {

	private final TracedAddressResolverGroup group;

	private final AddressResolver<SocketAddress> delegate;

	private final EventExecutor eventLoop;

	private final @Nullable NettyLookups queries;

	/**
	 * Create a resolver.
	 * @param group what the resolver belongs to
	 * @param delegate the client's
	 * @param eventLoop where the client asks
	 * @param queries knows the queries of the client's resolver, if that tells
	 */
	TracedAddressResolver(TracedAddressResolverGroup group, AddressResolver<SocketAddress> delegate,
			EventExecutor eventLoop, @Nullable NettyLookups queries) {
		this.group = group;
		this.delegate = delegate;
		this.eventLoop = eventLoop;
		this.queries = queries;
	}

	@Override
	public boolean isSupported(SocketAddress address) {
		return this.delegate.isSupported(address);
	}

	@Override
	public boolean isResolved(SocketAddress address) {
		return this.delegate.isResolved(address);
	}

	@Override
	public Future<SocketAddress> resolve(SocketAddress address) {
		return this.delegate.resolve(address);
	}

	@Override
	public Future<SocketAddress> resolve(SocketAddress address, Promise<SocketAddress> promise) {
		return this.delegate.resolve(address, promise);
	}

	/**
	 * What Reactor Netty calls.
	 */
	@Override
	public Future<List<SocketAddress>> resolveAll(SocketAddress address) {
		return resolveAll(address, this.eventLoop.newPromise());
	}

	@Override
	public Future<List<SocketAddress>> resolveAll(SocketAddress address, Promise<List<SocketAddress>> promise) {
		ChannelTraceHandler channel = ChannelTraceHandler.takeLookingUp();
		if (channel == null || !(address instanceof InetSocketAddress unresolved)) {
			return this.delegate.resolveAll(address, promise);
		}
		if (this.group.isByDefault() && channel.hasProxy()) {
			return promise.setSuccess(List.of(address)); // for the proxy to look up
		}
		NetTrace trace = channel.dial();
		NetTraceContext context = channel.context();
		LookupGroup lookups = channel.lookups(this.group);
		if (trace == NetTrace.NONE && lookups.isTransparent(context)) {
			return this.delegate.resolveAll(address, promise);
		}
		Question question = new Question("tcp", unresolved.getHostString(), unresolved.getPort());
		ResolveAll resolveAll = new ResolveAll(this.delegate, unresolved, promise, asks(channel, unresolved));
		lookups.resolve(context, trace, question, resolveAll, new EventLoopCaller(this.eventLoop), resolveAll);
		return promise;
	}

	/**
	 * Return what is called right before the client's resolver is asked.
	 * @return {@code null} if its queries are of no interest, or not known
	 */
	private @Nullable Supplier<@Nullable NettyLookup> asks(ChannelTraceHandler channel, InetSocketAddress unresolved) {
		NettyLookups queries = this.queries;
		if (queries == null || !(channel.dial() instanceof DialTrace dial) || !channel.watches(Hook.DNS_ANSWER)) {
			return null;
		}
		return () -> {
			NettyLookup lookup = queries.begin(unresolved.getHostString(), this.eventLoop);
			if (lookup != null) {
				dial.asks(lookup);
			}
			return lookup;
		};
	}

	@Override
	public void close() {
		this.delegate.close();
	}

	/**
	 * Asks the client's resolver, and keeps the promise with what comes of it.
	 */
	private record ResolveAll(AddressResolver<SocketAddress> resolver, InetSocketAddress unresolved,
			Promise<List<SocketAddress>> promise, @Nullable Supplier<@Nullable NettyLookup> asks)
			implements
				Lookup.Async,
				BiConsumer<@Nullable List<InetSocketAddress>, @Nullable Throwable> {

		@Override
		public void start(BiConsumer<? super @Nullable List<InetSocketAddress>, ? super @Nullable Throwable> whenDone)
				throws IOException {
			AlternateResolver alternate = AlternateResolver.current();
			if (alternate != null) {
				whenDone.accept(resolve(alternate), null);
				return;
			}
			NettyLookup lookup = (this.asks != null) ? this.asks.get() : null;
			this.resolver.resolveAll(this.unresolved).addListener((FutureListener<List<SocketAddress>>) (answer) -> {
				if (lookup != null) {
					lookup.end(answer.isSuccess());
				}
				if (answer.isSuccess()) {
					whenDone.accept(cast(answer.getNow()), null);
				}
				else {
					whenDone.accept(null, answer.cause());
				}
			});
		}

		/**
		 * The client's address filter is not in front of its resolver, but sees what
		 * comes of it.
		 */
		private @Nullable List<InetSocketAddress> resolve(AlternateResolver alternate) throws IOException {
			return alternate.resolve(new Question("tcp", this.unresolved.getHostString(), this.unresolved.getPort()));
		}

		/**
		 * Reactor Netty takes the first address without looking whether there is one.
		 */
		@Override
		public void accept(@Nullable List<InetSocketAddress> addresses, @Nullable Throwable error) {
			if (error != null) {
				this.promise.tryFailure(error);
			}
			else if (addresses == null || addresses.isEmpty()) {
				this.promise.tryFailure(new UnknownHostException(this.unresolved.getHostString() + ": no addresses"));
			}
			else {
				this.promise.trySuccess(cast(addresses));
			}
		}

		/**
		 * An {@link InetSocketAddress} is resolved to such addresses.
		 */
		@SuppressWarnings("unchecked")
		private static <A extends SocketAddress> List<A> cast(List<? extends SocketAddress> addresses) {
			return (List<A>) addresses;
		}

	}

}
