package io.nettrace.client.netty;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

import io.nettrace.dns.AsyncCaller;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;

/**
 * Delivers hooks and answers on an event loop.
 *
 * @param eventLoop the event loop
 */
public record EventLoopCaller(EventExecutor eventLoop) implements AsyncCaller {

	@Override
	public void execute(Runnable task) {
		if (this.eventLoop.inEventLoop()) {
			task.run();
		}
		else {
			this.eventLoop.execute(task);
		}
	}

	@Override
	public Runnable schedule(Runnable task, Duration delay) {
		Future<?> scheduled = this.eventLoop.schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
		return () -> scheduled.cancel(false);
	}

}
