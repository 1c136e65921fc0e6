package io.nettrace.client.netty;

import java.util.concurrent.Executor;
import java.util.concurrent.ThreadFactory;
import java.util.function.Supplier;

import io.nettrace.instrument.RequestTrace;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.nio.NioEventLoopGroup;

/**
 * Event loops that know which request they do something for. They are of the class that
 * libraries know to be of NIO, in Netty 4.1 and 4.2.
 */
@SuppressWarnings("deprecation")
final class CarryingEventLoops extends NioEventLoopGroup {

	/**
	 * Create a group.
	 * @param threads the number of event loops, 0 for Netty's default
	 * @param threadFactory makes their threads
	 * @param requests supplies the trace of what the current thread does
	 */
	CarryingEventLoops(int threads, ThreadFactory threadFactory, Supplier<RequestTrace> requests) {
		super(threads, new Threads(threadFactory, requests));
	}

	/**
	 * Called by the constructor, before this has any field.
	 */
	@Override
	protected IoEventLoop newChild(Executor executor, IoHandlerFactory io, Object... arguments) {
		return new CarryingEventLoop(this, executor, io, ((Threads) executor).requests());
	}

	/**
	 * A thread for each event loop.
	 */
	private record Threads(ThreadFactory factory, Supplier<RequestTrace> requests) implements Executor {

		@Override
		public void execute(Runnable eventLoop) {
			this.factory.newThread(eventLoop).start();
		}

	}

}
