package io.nettrace.concurrent;

import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Threads that do the same at once and are interrupted at random.
 * {@code -Dnettrace.stress.seed=SEED} repeats what they draw, as far as threads can be
 * repeated.
 */
public final class DisturbedThreads {

	private static final int LONGEST_PAUSE_NANOS = 400_000;

	private final long seed = Long.getLong("nettrace.stress.seed", System.nanoTime());

	private final int count;

	private final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();

	public DisturbedThreads(int count) {
		this.count = count;
	}

	/**
	 * Let each thread do its work a number of times, and wait for all. None may fail.
	 */
	public void run(ThreadFactory factory, int times, Consumer<Random> work) {
		List<Thread> threads = new ArrayList<>();
		CountDownLatch working = new CountDownLatch(this.count);
		for (int i = 0; i < this.count; i++) {
			Random random = new Random(this.seed + i);
			threads.add(factory.newThread(() -> {
				try {
					repeat(times, work, random);
				}
				finally {
					working.countDown();
				}
			}));
		}
		threads.forEach(Thread::start);
		Random random = new Random(this.seed - 1);
		while (working.getCount() > 0) {
			threads.get(random.nextInt(this.count)).interrupt();
			LockSupport.parkNanos(random.nextInt(LONGEST_PAUSE_NANOS));
		}
		assertThat(this.failures).as("nettrace.stress.seed=%d", this.seed).isEmpty();
	}

	private void repeat(int times, Consumer<Random> work, Random random) {
		try {
			for (int i = 0; i < times; i++) {
				Thread.interrupted();
				work.accept(random);
			}
		}
		catch (Throwable ex) {
			this.failures.add(ex);
		}
	}

}
