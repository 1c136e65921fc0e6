package io.nettrace;

import java.util.List;
import java.util.function.Supplier;

/**
 * What the thread that sends a request knows of it: the context bound to that thread, and
 * what the factories find there. A client that does not block may look up and connect
 * later, on other threads, and more than once, for a redirect or a retry; each such
 * operation gets a trace of its own here. Made by {@link NetTracing#request}. Safe for
 * use by several threads.
 */
public final class NetTraceRequest {

	private final NetTracing tracing;

	private final NetTraceContext context;

	private final List<Supplier<NetTrace>> makers;

	NetTraceRequest(NetTracing tracing, NetTraceContext context, List<Supplier<NetTrace>> makers) {
		this.tracing = tracing;
		this.context = context;
		this.makers = makers;
	}

	/**
	 * Make the trace of an operation that is about to start.
	 * @return the trace, which never throws; {@link NetTrace#NONE} if nobody listens
	 */
	public NetTrace newTrace() {
		return this.tracing.compose(this.context.traces(), this.makers);
	}

	/**
	 * Return the context that was bound to the thread that sent the request. Open it
	 * around an operation on another thread: its alternate resolver holds there too.
	 * @return the context
	 */
	public NetTraceContext context() {
		return this.context;
	}

}
