package io.nettrace.client.mongodb;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;

import com.mongodb.spi.dns.InetAddressResolver;
import io.nettrace.NetTrace;
import io.nettrace.NetTraceContext;
import io.nettrace.dns.AlternateResolver;
import io.nettrace.dns.IpLiteral;
import io.nettrace.dns.LookupGroup;
import io.nettrace.dns.Question;
import io.nettrace.instrument.NetTracing;
import org.jspecify.annotations.Nullable;

/**
 * Fires the DNS hooks around a driver's resolver.
 */
final class TracedInetAddressResolver implements InetAddressResolver {

	private static final String CLIENT = "mongodb";

	private final InetAddressResolver delegate;

	private final NetTracing tracing;

	private final LookupGroup lookups;

	TracedInetAddressResolver(InetAddressResolver delegate, NetTracing tracing, LookupGroup lookups) {
		this.delegate = delegate;
		this.tracing = tracing;
		this.lookups = lookups;
	}

	/**
	 * The driver also hands it addresses, which are not looked up.
	 */
	@Override
	public List<InetAddress> lookupByName(String host) throws UnknownHostException {
		if (IpLiteral.matches(host)) {
			return this.delegate.lookupByName(host);
		}
		NetTrace trace = this.tracing.blockingDial(CLIENT, host, -1);
		if (trace == NetTrace.NONE && this.lookups.isTransparent(NetTraceContext.current())) {
			return this.delegate.lookupByName(host);
		}
		List<InetSocketAddress> answer = resolve(trace, new Question("ip", host, 0));
		return (answer != null) ? answer.stream().map(InetSocketAddress::getAddress).toList() : List.of();
	}

	private @Nullable List<InetSocketAddress> resolve(NetTrace trace, Question question) throws UnknownHostException {
		try {
			return this.lookups.resolve(trace, question, this::ask);
		}
		catch (IOException ex) {
			TracedInetAddressResolver.<UnknownHostException>rethrow(ex);
			return null;
		}
	}

	private @Nullable List<InetSocketAddress> ask(Question question) throws IOException {
		AlternateResolver alternate = AlternateResolver.current();
		if (alternate != null) {
			return alternate.resolve(question);
		}
		List<InetSocketAddress> answer = new ArrayList<>();
		for (InetAddress address : this.delegate.lookupByName(question.host())) {
			answer.add(new InetSocketAddress(address, 0));
		}
		return answer;
	}

	/**
	 * The resolver's own exception, whatever it is.
	 */
	@SuppressWarnings("unchecked")
	private static <E extends IOException> void rethrow(IOException failure) throws E {
		throw (E) failure;
	}

}
