package io.nettrace.dial;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
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
	 * Delays of real time. The JDK's own timer, which every {@link CompletableFuture}
	 * with a time-out uses, only hands the task over.
	 * @param executor runs the tasks; one that it does not take, the timer runs
	 */
	static Delays on(Executor executor) {
		return (delay, task) -> {
			CompletableFuture<Void> timer = new CompletableFuture<>();
			CompletableFuture<Void> handedOver = timer.thenRun(() -> {
				try {
					executor.execute(task);
				}
				catch (RuntimeException | Error ex) {
					// "unable to create native thread"
					task.run();
				}
			});
			timer.completeOnTimeout(null, delay.toNanos(), TimeUnit.NANOSECONDS);
			return () -> {
				timer.cancel(false);
				handedOver.cancel(false);
			};
		};
	}

}
