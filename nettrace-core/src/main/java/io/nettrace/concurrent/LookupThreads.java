package io.nettrace.concurrent;

import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Threads for work whose caller may give up on it: a system resolver cannot be
 * interrupted, so the thread stays until the answer or the resolver's own timeout. Counts
 * those that nobody waits for any more.
 */
public final class LookupThreads {

	private static final int MAX_ABANDONED = 100;

	private final Executor executor;

	private final int maxAbandoned;

	private final AtomicInteger abandoned = new AtomicInteger();

	private LookupThreads(Executor executor, int maxAbandoned) {
		this.executor = executor;
		this.maxAbandoned = maxAbandoned;
	}

	/**
	 * Create threads that start when needed.
	 * @return {@link Threads#perTask}, up to 100 abandoned lookups
	 */
	public static LookupThreads create() {
		return new LookupThreads(Threads.perTask("nettrace-lookup-"), MAX_ABANDONED);
	}

	/**
	 * Create an instance that runs on the given executor.
	 * @param executor runs each lookup; must not run it on the calling thread
	 * @param maxAbandoned how many lookups that nobody waits for may be running before no
	 * further one is started, at least 1
	 * @return the threads
	 */
	public static LookupThreads of(Executor executor, int maxAbandoned) {
		if (maxAbandoned < 1) {
			throw new IllegalArgumentException("'maxAbandoned' must be at least 1, not " + maxAbandoned);
		}
		return new LookupThreads(executor, maxAbandoned);
	}

	/**
	 * Run a task on a thread of its own.
	 * @param task the task
	 * @throws RejectedExecutionException if too many abandoned tasks are still running
	 */
	public void execute(Runnable task) {
		int count = this.abandoned.get();
		if (count >= this.maxAbandoned) {
			throw new RejectedExecutionException(
					count + " lookups that nobody waits for any more are still running, so no further one is started");
		}
		this.executor.execute(task);
	}

	/**
	 * Note that nobody waits any more for a task that is still running.
	 */
	public void abandon() {
		this.abandoned.incrementAndGet();
	}

	/**
	 * Note that an abandoned task has ended, or that somebody waits for it again.
	 */
	public void reclaim() {
		this.abandoned.decrementAndGet();
	}

	/**
	 * Return how many tasks run that nobody waits for.
	 * @return the number of abandoned tasks
	 */
	public int abandoned() {
		return this.abandoned.get();
	}

}
