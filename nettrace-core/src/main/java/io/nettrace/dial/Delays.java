package io.nettrace.dial;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Does something later.
 */
@FunctionalInterface
interface Delays {

	/**
	 * Do something when a time has passed.
	 * @param delay the time
	 * @param task what to do
	 * @return gives it up, and lets go of it
	 */
	Runnable start(Duration delay, Runnable task);

	/**
	 * Delays of real time: of the executor itself, an event loop for one, if it has any.
	 * Else, and if it takes no tasks any more, the JDK's own timer, which every
	 * {@link CompletableFuture} with a time-out uses, hands the task over.
	 * @param executor runs the tasks; one that it does not take, the timer runs
	 */
	static Delays on(Executor executor) {
		return (executor instanceof ScheduledExecutorService scheduler) ? of(scheduler)
				: new FewTimers(Delays::ofJdk, executor);
	}

	private static Delays of(ScheduledExecutorService scheduler) {
		return (delay, task) -> {
			try {
				Future<?> scheduled = scheduler.schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
				return () -> scheduled.cancel(false);
			}
			catch (RejectedExecutionException ex) {
				return new FewTimers(Delays::ofJdk, scheduler).start(delay, task);
			}
		};
	}

	private static Runnable ofJdk(Duration delay, Runnable task) {
		CompletableFuture<Void> timer = new CompletableFuture<>();
		CompletableFuture<Void> done = timer.thenRun(task);
		timer.completeOnTimeout(null, delay.toNanos(), TimeUnit.NANOSECONDS);
		return () -> {
			timer.cancel(false);
			done.cancel(false);
		};
	}

}
