package io.nettrace.client.reactor;

import io.netty.util.concurrent.EventExecutor;
import io.nettrace.NetTrace;
import io.nettrace.NetTraceContext;
import io.nettrace.NetTraceRequest;
import org.jspecify.annotations.Nullable;
import reactor.util.context.Context;
import reactor.util.context.ContextView;

/**
 * A request on its way through Reactor's context to the connections that are opened for
 * it: one, or one after the other for redirects and retries.
 */
final class RequestTraces {

	private final NetTraceRequest request;

	private volatile @Nullable OperationTrace current;

	private volatile boolean cancelled;

	RequestTraces(NetTraceRequest request) {
		this.request = request;
	}

	Context writeTo(Context context) {
		return context.put(RequestTraces.class, this);
	}

	static @Nullable RequestTraces readFrom(ContextView context) {
		return context.getOrDefault(RequestTraces.class, null);
	}

	/**
	 * What was bound around the call.
	 */
	NetTraceContext context() {
		return this.request.context();
	}

	/**
	 * Make the trace of a lookup and the connects after it.
	 * @param eventLoop where all of its hooks are called
	 */
	NetTrace newTrace(EventExecutor eventLoop) {
		NetTrace trace = this.request.newTrace();
		if (trace == NetTrace.NONE) {
			return trace;
		}
		OperationTrace operation = new OperationTrace(trace, eventLoop);
		this.current = operation;
		return this.cancelled ? NetTrace.NONE : operation;
	}

	/**
	 * End what is going on for the subscriber that has cancelled.
	 */
	void cancel() {
		this.cancelled = true;
		OperationTrace operation = this.current;
		if (operation != null) {
			operation.cancel();
		}
	}

}
