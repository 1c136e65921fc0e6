package io.nettrace.benchmarks;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import java.util.function.IntFunction;

/**
 * Many callers at the same moment.
 *
 * @param start when they started, in the time of {@link System#nanoTime()}
 * @param end when the last one had its answer
 */
record Burst(long start, long end) {

	/**
	 * Start callers, each on its own thread, and wait for the last one.
	 * @param threads runs each one on a thread of its own
	 * @param callers how many
	 * @param call what each caller does, by its number
	 */
	static Burst of(Executor threads, int callers, IntFunction<Call> call) throws Exception {
		CountDownLatch ready = new CountDownLatch(callers);
		CountDownLatch gate = new CountDownLatch(1);
		@SuppressWarnings({ "unchecked", "rawtypes" })
		FutureTask<Long>[] running = new FutureTask[callers];
		for (int i = 0; i < callers; i++) {
			Call mine = call.apply(i);
			running[i] = new FutureTask<>(() -> {
				ready.countDown();
				gate.await();
				mine.run();
				return System.nanoTime();
			});
			threads.execute(running[i]);
		}
		ready.await();
		long start = System.nanoTime();
		gate.countDown();
		return new Burst(start, last(running, start));
	}

	private static long last(FutureTask<Long>[] running, long start) throws Exception {
		long last = start;
		for (FutureTask<Long> caller : running) {
			try {
				last = Math.max(last, caller.get());
			}
			catch (ExecutionException ex) {
				throw new IllegalStateException(ex.getCause());
			}
		}
		return last;
	}

	double millis() {
		return (this.end - this.start) / 1e6;
	}

	/**
	 * What a caller does.
	 */
	interface Call {

		void run() throws Exception;

	}

}
