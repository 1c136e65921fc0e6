package io.nettrace.client.jetty;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;

import io.nettrace.NetTrace;
import io.nettrace.NetTraceRequest;
import io.nettrace.client.AddressFilters;
import io.nettrace.dns.LookupGroup;
import io.nettrace.dns.Question;
import org.eclipse.jetty.util.Promise;
import org.eclipse.jetty.util.SocketAddressResolver;
import org.jspecify.annotations.Nullable;

/**
 * Fires the DNS hooks around the client's resolver. The answers carry the trace to the
 * connects.
 */
final class TracedSocketAddressResolver implements SocketAddressResolver {

	private final SocketAddressResolver delegate;

	private final SendingRequests requests;

	private final LookupGroup lookups;

	private final ClientCaller caller;

	TracedSocketAddressResolver(SocketAddressResolver delegate, SendingRequests requests, LookupGroup lookups,
			ClientCaller caller) {
		this.delegate = delegate;
		this.requests = requests;
		this.lookups = lookups;
		this.caller = caller;
	}

	/**
	 * Whether a resolver, perhaps inside an address filter, is one of the library's own,
	 * which ask the JVM. A subclass of them is the application's.
	 */
	static boolean isSystem(SocketAddressResolver resolver) {
		SocketAddressResolver innermost = AddressFilters.innermost(resolver, SocketAddressResolver.class);
		return innermost != null && (innermost.getClass() == SocketAddressResolver.Async.class
				|| innermost.getClass() == SocketAddressResolver.Sync.class);
	}

	@Override
	public void resolve(String host, int port, Map<String, Object> context, Promise<List<InetSocketAddress>> promise) {
		NetTraceRequest request = this.requests.next(context);
		NetTrace trace = request.newTrace();
		if (trace == NetTrace.NONE && this.lookups.isTransparent(request.context())) {
			this.delegate.resolve(host, port, context, promise);
			return;
		}
		this.lookups.resolve(request.context(), trace, new Question("tcp", host, port),
				(whenDone) -> this.delegate.resolve(host, port, context,
						Promise.from((addresses) -> whenDone.accept(addresses, null),
								(failure) -> whenDone.accept(null, failure))),
				this.caller, (addresses, failure) -> complete(promise, addresses, failure));
	}

	/**
	 * What the promise throws, for one where a resolver has found no address, is a
	 * failure too: here is nobody else to take it.
	 */
	private static void complete(Promise<List<InetSocketAddress>> promise, @Nullable List<InetSocketAddress> addresses,
			@Nullable Throwable failure) {
		if (failure != null) {
			promise.failed(failure);
			return;
		}
		try {
			promise.succeeded(addresses);
		}
		catch (Throwable ex) {
			promise.failed(ex);
		}
	}

}
