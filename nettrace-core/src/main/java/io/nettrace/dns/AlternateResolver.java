package io.nettrace.dns;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;

import io.nettrace.NetTraceContext;
import io.nettrace.Resolver;
import org.jspecify.annotations.Nullable;

/**
 * The resolver that a caller has bound with {@link NetTraceContext#withResolver}. It
 * takes the place of the innermost resolver of a client, so that an address filter around
 * that one stays in front of it.
 */
public final class AlternateResolver {

	private final Resolver resolver;

	private AlternateResolver(Resolver resolver) {
		this.resolver = resolver;
	}

	/**
	 * Return the alternate resolver of the lookup that the current thread makes. Every
	 * adapter asks for it in place of its client's innermost resolver.
	 * @return the resolver, or {@code null} if the client's own one is to be asked
	 */
	public static @Nullable AlternateResolver current() {
		NetTraceContext context = NetTraceContext.current();
		Resolver resolver = context.isSilent() ? context.resolver() : null;
		return (resolver != null) ? new AlternateResolver(resolver) : null;
	}

	/**
	 * Return what is bound to a thread while a resolver works for a caller: silence, and
	 * the caller's alternate resolver, if it has one.
	 * @param context what is bound around the caller's lookup
	 */
	static NetTraceContext atWork(NetTraceContext context) {
		Resolver resolver = context.resolver();
		return (resolver != null) ? NetTraceContext.silent().withResolver(resolver) : NetTraceContext.silent();
	}

	/**
	 * Ask the resolver, which may block.
	 * @param question what to look up
	 * @return what it returned, with the port of the question
	 * @throws IOException what it threw
	 */
	public @Nullable List<InetSocketAddress> resolve(Question question) throws IOException {
		// What it looks up itself must not come back to it
		NetTraceContext.Scope scope = NetTraceContext.silent().open();
		try {
			return withPort(this.resolver.resolve(question.network(), question.host()), question.port());
		}
		finally {
			scope.close();
		}
	}

	private static @Nullable List<InetSocketAddress> withPort(@Nullable List<InetAddress> addresses, int port) {
		if (addresses == null) {
			return null;
		}
		List<InetSocketAddress> answer = new ArrayList<>(addresses.size());
		for (InetAddress address : addresses) {
			answer.add((address != null) ? new InetSocketAddress(address, port) : null);
		}
		return answer;
	}

}
