package io.nettrace.instrument;

import io.nettrace.NetTrace;
import io.nettrace.NetTraceContext;

/**
 * The trace of one request, made where the request first asks for a connection. It
 * travels with the request, and whatever happens for it finds it: its exchanges, and the
 * dials that set up their connections.
 */
public final class RequestTrace {

	/**
	 * Of a request that nothing listens to.
	 */
	public static final RequestTrace NONE = new RequestTrace(NetTraceContext.empty(), NetTrace.NONE);

	/**
	 * Of a request that a resolver or a hook sends itself.
	 */
	static final RequestTrace SILENT = new RequestTrace(NetTraceContext.silent(), NetTrace.NONE);

	private final NetTraceContext context;

	private final NetTrace hooks;

	private RequestTrace(NetTraceContext context, NetTrace hooks) {
		this.context = context;
		this.hooks = hooks;
	}

	static RequestTrace of(NetTraceContext context, NetTrace hooks) {
		return (hooks == NetTrace.NONE && context == NetTraceContext.empty()) ? NONE : new RequestTrace(context, hooks);
	}

	/**
	 * Return the hooks of the request's exchanges.
	 * @return the trace, {@link NetTrace#NONE} if nothing listens
	 */
	public NetTrace hooks() {
		return this.hooks;
	}

	/**
	 * Return the hooks of a dial: the lookup, attempts, proxy and handshake that set up
	 * one connection. Call it once for each.
	 * @return the trace, {@link NetTrace#NONE} if nothing listens
	 */
	public NetTrace dial() {
		return this.hooks.forDial();
	}

	/**
	 * Return the context that was bound to the thread that sent the request. Open it
	 * around what is done for the request on another thread: its alternate resolver holds
	 * there too.
	 * @return the context
	 */
	public NetTraceContext context() {
		return this.context;
	}

}
