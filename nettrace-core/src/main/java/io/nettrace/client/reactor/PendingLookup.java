package io.nettrace.client.reactor;

import io.nettrace.NetTrace;
import io.nettrace.NetTraceContext;
import org.jspecify.annotations.Nullable;

/**
 * What a lookup that is about to start belongs to. Reactor Netty does not tell a resolver
 * for which channel it is asked, but asks it right after {@code doOnResolve}, on the same
 * thread.
 *
 * @param trace whose hooks are called
 * @param context what was bound around the request
 */
record PendingLookup(NetTrace trace, NetTraceContext context) {

	private static final PendingLookup NOBODYS = new PendingLookup(NetTrace.NONE, NetTraceContext.empty());

	private static final ThreadLocal<@Nullable PendingLookup> PENDING = new ThreadLocal<>();

	static void handOver(NetTrace trace, NetTraceContext context) {
		PENDING.set(new PendingLookup(trace, context));
	}

	static PendingLookup take() {
		PendingLookup pending = PENDING.get();
		if (pending == null) {
			return NOBODYS;
		}
		PENDING.set(null); // an event loop's: removing it would make it anew each time
		return pending;
	}

}
