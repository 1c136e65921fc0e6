package io.nettrace.client.netty;

import java.util.concurrent.Executor;
import java.util.function.Supplier;

import io.nettrace.instrument.RequestTrace;
import io.netty.channel.IoEventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.SingleThreadIoEventLoop;
import io.netty.util.concurrent.Promise;
import org.jspecify.annotations.Nullable;

/**
 * Runs each task for the request of the thread that has asked for it.
 */
final class CarryingEventLoop extends SingleThreadIoEventLoop {

	private final Supplier<RequestTrace> requests;

	CarryingEventLoop(IoEventLoopGroup parent, Executor executor, IoHandlerFactory io,
			Supplier<RequestTrace> requests) {
		super(parent, executor, io);
		this.requests = requests;
	}

	/**
	 * What {@code submit} and {@code schedule} call, too.
	 */
	@Override
	public void execute(Runnable task) {
		RequestTrace request = requestOfCurrentThread();
		super.execute((request != null && task != null) ? () -> run(request, task) : task);
	}

	/**
	 * A thread of an event loop has what it carries; what an application's callback may
	 * have there is its own.
	 */
	private @Nullable RequestTrace requestOfCurrentThread() {
		RequestTrace carried = CarriedRequest.current();
		if (carried != null || inEventLoop()) {
			return carried;
		}
		RequestTrace request = this.requests.get();
		return (request != RequestTrace.NONE) ? request : null;
	}

	private static void run(RequestTrace request, Runnable task) {
		RequestTrace before = CarriedRequest.exchange(request);
		try {
			task.run();
		}
		finally {
			CarriedRequest.exchange(before);
		}
	}

	@Override
	public <V> Promise<V> newPromise() {
		return new CarryingPromise<>(this);
	}

}
