package io.nettrace.client.jetty;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import io.nettrace.NetTrace;
import io.nettrace.NetTraceContext;
import io.nettrace.client.AddressFilters;
import io.nettrace.dns.Lookup;
import io.nettrace.dns.LookupGroup;
import io.nettrace.dns.Question;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.util.Promise;
import org.eclipse.jetty.util.SocketAddressResolver;
import org.jspecify.annotations.Nullable;

/**
 * Fires the DNS hooks around the client's resolver. The answers carry the trace to the
 * connects.
 */
final class TracedSocketAddressResolver implements SocketAddressResolver {

	private final SocketAddressResolver delegate;

	private final QueuedRequests requests;

	private final LookupGroup lookups;

	private final HttpClient client;

	private final @Nullable JettyRaces races;

	private final Set<PendingLookup> pending = ConcurrentHashMap.newKeySet();

	/**
	 * Create a resolver.
	 * @param delegate the client's own
	 * @param requests finds the request that a connection is opened for
	 * @param lookups the lookups of the client's resolver
	 * @param client the client
	 * @param races what the answers are for, {@code null} if Jetty tries one after the
	 * other
	 */
	TracedSocketAddressResolver(SocketAddressResolver delegate, QueuedRequests requests, LookupGroup lookups,
			HttpClient client, @Nullable JettyRaces races) {
		this.delegate = delegate;
		this.requests = requests;
		this.lookups = lookups;
		this.client = client;
		this.races = races;
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
		JettyRequest request = this.requests.next(context);
		NetTrace trace = request.newDial(QueuedRequests.destination(context));
		NetTraceContext bound = request.context();
		DialTrace dial = (trace instanceof DialTrace traced) ? traced : null;
		Promise<List<InetSocketAddress>> answer = (this.races != null) ? this.races.of(context, dial, promise)
				: promise;
		if (trace == NetTrace.NONE && this.lookups.isTransparent(bound)) {
			this.delegate.resolve(host, port, context, answer);
			return;
		}
		TracedTransport.addTo(context, dial);
		PendingLookup lookup = new PendingLookup(this.client, answer, this.lookups.shares(bound), this.pending);
		Lookup.Async resolver = (whenDone) -> this.delegate.resolve(host, port, context, Promise
			.from((addresses) -> whenDone.accept(addresses, null), (failure) -> whenDone.accept(null, failure)));
		lookup.start((caller) -> this.lookups.resolve(bound, trace, new Question("tcp", host, port),
				(whenDone) -> caller.ask(resolver, whenDone), caller, caller::complete));
	}

	/**
	 * End what is being looked up, because the client stops: its timer will be gone, and
	 * some resolvers never answer.
	 */
	void stop() {
		this.pending.forEach(PendingLookup::stop);
	}

}
