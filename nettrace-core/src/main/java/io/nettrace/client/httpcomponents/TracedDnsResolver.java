package io.nettrace.client.httpcomponents;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;

import io.nettrace.NetTrace;
import io.nettrace.NetTraceContext;
import io.nettrace.client.AddressFilters;
import io.nettrace.dns.Lookup;
import io.nettrace.dns.LookupGroup;
import io.nettrace.dns.Question;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.SystemDefaultDnsResolver;
import org.jspecify.annotations.Nullable;

/**
 * Fires the DNS hooks around the client's resolver. The answers carry the trace to the
 * sockets that connect to them.
 */
final class TracedDnsResolver implements DnsResolver {

	private final DnsResolver delegate;

	private final Dials dials;

	private final LookupGroup lookups;

	private final Lookup withPort = this::withPort;

	private final Lookup withoutPort = this::withoutPort;

	/**
	 * Create a resolver.
	 * @param delegate the resolver to ask
	 * @param dials makes the trace of a dial, if the resolver is called outside one
	 * @param lookups the lookups of this resolver
	 */
	TracedDnsResolver(DnsResolver delegate, Dials dials, LookupGroup lookups) {
		this.delegate = delegate;
		this.dials = dials;
		this.lookups = lookups;
	}

	/**
	 * Makes the trace of a dial.
	 */
	@FunctionalInterface
	interface Dials {

		/**
		 * Make the trace.
		 * @param host the host that is looked up
		 * @param port the host's port, or -1
		 */
		NetTrace dial(String host, int port);

	}

	/**
	 * Whether a resolver, perhaps inside an address filter, asks the JVM. A subclass of
	 * the library's resolver is the application's.
	 */
	static boolean isSystem(DnsResolver resolver) {
		DnsResolver innermost = AddressFilters.innermost(resolver, DnsResolver.class);
		return innermost != null && innermost.getClass() == SystemDefaultDnsResolver.class;
	}

	/**
	 * What the connection operator calls.
	 */
	@Override
	public @Nullable List<InetSocketAddress> resolve(String host, int port) throws UnknownHostException {
		NetTrace trace = dial(host, port);
		if (trace == NetTrace.NONE && this.lookups.isTransparent(NetTraceContext.current())) {
			return this.delegate.resolve(host, port);
		}
		return resolve(trace, new Question("tcp", host, port), this.withPort);
	}

	private NetTrace dial(String host, int port) {
		NetTrace dial = CarriedByThread.DIAL.get();
		return (dial != null) ? dial : this.dials.dial(host, port);
	}

	private @Nullable List<InetSocketAddress> withPort(Question question) throws UnknownHostException {
		return this.delegate.resolve(question.host(), question.port());
	}

	@Override
	public InetAddress @Nullable [] resolve(String host) throws UnknownHostException {
		NetTrace trace = dial(host, -1);
		if (trace == NetTrace.NONE && this.lookups.isTransparent(NetTraceContext.current())) {
			return this.delegate.resolve(host);
		}
		List<InetSocketAddress> addresses = resolve(trace, new Question("ip", host, 0), this.withoutPort);
		if (addresses == null) {
			return null;
		}
		InetAddress[] withoutPort = new InetAddress[addresses.size()];
		for (int i = 0; i < withoutPort.length; i++) {
			InetSocketAddress each = addresses.get(i);
			withoutPort[i] = (each != null) ? each.getAddress() : null;
		}
		return withoutPort;
	}

	private @Nullable List<InetSocketAddress> resolve(NetTrace trace, Question question, Lookup lookup)
			throws UnknownHostException {
		try {
			return this.lookups.resolve(trace, question, lookup);
		}
		catch (IOException ex) {
			throw AnyIOException.thrown(ex);
		}
	}

	private @Nullable List<InetSocketAddress> withoutPort(Question question) throws UnknownHostException {
		InetAddress[] addresses = this.delegate.resolve(question.host());
		if (addresses == null) {
			return null;
		}
		List<InetSocketAddress> answer = new ArrayList<>(addresses.length);
		for (InetAddress address : addresses) {
			answer.add((address != null) ? new InetSocketAddress(address, 0) : null);
		}
		return answer;
	}

	@Override
	public String resolveCanonicalHostname(String host) throws UnknownHostException {
		return this.delegate.resolveCanonicalHostname(host);
	}

}
