package io.nettrace.client.netty;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.function.BiConsumer;

import io.nettrace.NetTrace;
import io.nettrace.dns.AlternateResolver;
import io.nettrace.dns.LookupGroup;
import io.nettrace.dns.Question;
import io.nettrace.instrument.RequestTrace;
import io.netty.resolver.AddressResolver;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.FutureListener;
import io.netty.util.concurrent.Promise;
import org.jspecify.annotations.Nullable;

/**
 * Fires the DNS hooks around a bootstrap's resolver, without waiting for it. The answer
 * carries the trace to the channel that connects to it.
 */
final class TracedAddressResolver implements AddressResolver<SocketAddress> {

	private final AddressResolver<SocketAddress> delegate;

	private final TracedBootstrap bootstrap;

	private final LookupGroup lookups;

	private final EventExecutor eventLoop;

	TracedAddressResolver(AddressResolver<SocketAddress> delegate, TracedBootstrap bootstrap, LookupGroup lookups,
			EventExecutor eventLoop) {
		this.delegate = delegate;
		this.bootstrap = bootstrap;
		this.lookups = lookups;
		this.eventLoop = eventLoop;
	}

	@Override
	public boolean isSupported(SocketAddress address) {
		return this.delegate.isSupported(address);
	}

	@Override
	public boolean isResolved(SocketAddress address) {
		return this.delegate.isResolved(address);
	}

	/**
	 * What a bootstrap calls. It connects to the one address that it gets.
	 */
	@Override
	public Future<SocketAddress> resolve(SocketAddress address) {
		return resolve(address, this.eventLoop.newPromise());
	}

	@Override
	public Future<SocketAddress> resolve(SocketAddress address, Promise<SocketAddress> promise) {
		if (!(address instanceof InetSocketAddress unresolved)) {
			return this.delegate.resolve(address, promise);
		}
		RequestTrace request = this.bootstrap.take(address);
		NetTrace trace = request.dial();
		if (trace == NetTrace.NONE && this.lookups.isTransparent(request.context())) {
			return this.delegate.resolve(address, promise);
		}
		Question question = new Question("tcp", unresolved.getHostString(), unresolved.getPort());
		this.lookups.resolve(request.context(), trace, question, (whenDone) -> ask(unresolved, question, whenDone),
				new EventLoopCaller(this.eventLoop), (addresses, error) -> keep(promise, question, addresses, error));
		return promise;
	}

	private void ask(InetSocketAddress unresolved, Question question,
			BiConsumer<? super @Nullable List<InetSocketAddress>, ? super @Nullable Throwable> whenDone)
			throws IOException {
		AlternateResolver alternate = AlternateResolver.current();
		if (alternate != null) {
			whenDone.accept(alternate.resolve(question), null);
			return;
		}
		this.delegate.resolve(unresolved).addListener((FutureListener<SocketAddress>) (answer) -> {
			if (answer.isSuccess()) {
				whenDone.accept(List.of((InetSocketAddress) answer.getNow()), null);
			}
			else {
				whenDone.accept(null, answer.cause());
			}
		});
	}

	private static void keep(Promise<SocketAddress> promise, Question question,
			@Nullable List<InetSocketAddress> addresses, @Nullable Throwable error) {
		if (error != null) {
			promise.tryFailure(error);
		}
		else if (addresses == null || addresses.isEmpty()) {
			promise.tryFailure(new UnknownHostException(question.host() + ": no addresses"));
		}
		else {
			promise.trySuccess(addresses.get(0));
		}
	}

	/**
	 * No bootstrap calls it.
	 */
	@Override
	public Future<List<SocketAddress>> resolveAll(SocketAddress address) {
		return this.delegate.resolveAll(address);
	}

	@Override
	public Future<List<SocketAddress>> resolveAll(SocketAddress address, Promise<List<SocketAddress>> promise) {
		return this.delegate.resolveAll(address, promise);
	}

	@Override
	public void close() {
		this.delegate.close();
	}

}
