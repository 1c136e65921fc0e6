package io.nettrace.benchmarks;

import java.lang.management.ManagementFactory;
import java.util.concurrent.Callable;

import com.sun.management.ThreadMXBean;

/**
 * What a piece of work allocates on its thread, once it is compiled.
 */
final class Allocation {

	private static final int CALLS = 10_000;

	private static final int ROUNDS = 150;

	private static final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

	@SuppressWarnings("UnusedVariable") // so that no work is left out
	private static volatile Object result = "";

	private Allocation() {
	}

	/**
	 * Measure until a bar is reached. A compiler that has not come to it yet allocates
	 * what it will leave out later, so the least counts.
	 * @param bar what is enough
	 * @return the bytes of one call
	 */
	static double of(Callable<?> work, double bar) throws Exception {
		double least = Double.MAX_VALUE;
		for (int round = 0; round < ROUNDS && least > bar; round++) {
			least = Math.min(least, round(work));
		}
		return least;
	}

	private static double round(Callable<?> work) throws Exception {
		long before = threads.getCurrentThreadAllocatedBytes();
		for (int i = 0; i < CALLS; i++) {
			result = work.call();
		}
		return (double) (threads.getCurrentThreadAllocatedBytes() - before) / CALLS;
	}

}
