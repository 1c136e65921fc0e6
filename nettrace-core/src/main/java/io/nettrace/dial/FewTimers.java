package io.nettrace.dial;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Executor;

import org.jspecify.annotations.Nullable;

/**
 * Delays that are all of the same length, so that they pass in the order in which they
 * began: one timer at a time serves them all. Most are given up within a millisecond, as
 * the first address answers, and a timer for each would wake another thread each time.
 */
final class FewTimers implements Delays {

	/**
	 * A timer with nothing left to wait for is kept for that long, in case that something
	 * comes.
	 */
	private static final Duration KEPT = Duration.ofSeconds(1);

	/**
	 * What has been given up stays behind the first that has not: no more than so many.
	 */
	private static final int MOST = 1_000;

	private final Delays timers;

	private final Executor executor;

	// The rest is guarded by this

	private final Deque<Waiting> waiting = new ArrayDeque<>();

	private @Nullable Runnable timer;

	private long timerEnd;

	/**
	 * Create an instance.
	 * @param timers real timers
	 * @param executor runs the tasks; one that it does not take, the timer runs
	 */
	FewTimers(Delays timers, Executor executor) {
		this.timers = timers;
		this.executor = executor;
	}

	@Override
	public Runnable start(Duration delay, Runnable task) {
		Runnable asHere = withClassLoader(Thread.currentThread().getContextClassLoader(), task);
		synchronized (this) {
			Waiting next = new Waiting(delay, asHere);
			if (this.timer == null) {
				startTimer(delay, next.end);
			}
			else if (isTooEarly(next) || this.waiting.size() >= MOST) {
				return this.timers.start(delay, () -> handOver(asHere));
			}
			this.waiting.add(next);
			return next;
		}
	}

	/**
	 * The JDK's timer, and with it a thread that it starts, has the context class loader
	 * of whoever used it first, which may be another application's. Hooks run there.
	 */
	private static Runnable withClassLoader(@Nullable ClassLoader loader, Runnable task) {
		return () -> {
			Thread thread = Thread.currentThread();
			ClassLoader own = thread.getContextClassLoader();
			thread.setContextClassLoader(loader);
			try {
				task.run();
			}
			finally {
				thread.setContextClassLoader(own);
			}
		};
	}

	/**
	 * Whether something would be due before what waits already, or before the timer.
	 */
	private boolean isTooEarly(Waiting next) {
		return next.end - this.timerEnd < 0 || (!this.waiting.isEmpty() && next.end - this.waiting.getLast().end < 0);
	}

	private void startTimer(Duration delay, long end) {
		this.timer = this.timers.start(delay, this::passed);
		this.timerEnd = end;
	}

	private void passed() {
		List<Runnable> tasks = new ArrayList<>(1);
		synchronized (this) {
			long now = System.nanoTime();
			Waiting first = this.waiting.peek();
			while (first != null && first.end - now <= 0) {
				this.waiting.remove();
				if (first.task != null) {
					tasks.add(first.task);
					first.task = null;
				}
				first = this.waiting.peek();
			}
			this.timer = null;
			if (first != null) {
				startTimer(Duration.ofNanos(first.end - now), first.end);
			}
		}
		tasks.forEach(this::handOver);
	}

	private void handOver(Runnable task) {
		try {
			this.executor.execute(task);
		}
		catch (RuntimeException | Error ex) {
			// "unable to create native thread"
			runHere(task);
		}
	}

	/**
	 * On the timer's thread, where others wait for their turn.
	 */
	private static void runHere(Runnable task) {
		try {
			task.run();
		}
		catch (RuntimeException | Error ignored) {
			// its race was told before it was thrown
		}
	}

	/**
	 * Let go of what has been given up, as far as nothing is in front of or behind it. In
	 * between, little is left of it, and not for longer than the delay of the first.
	 */
	private void clean(Duration delay) {
		while (!this.waiting.isEmpty() && this.waiting.getLast().task == null) {
			this.waiting.removeLast();
		}
		while (!this.waiting.isEmpty() && this.waiting.getFirst().task == null) {
			this.waiting.removeFirst();
		}
		if (this.waiting.isEmpty() && this.timer != null && delay.compareTo(KEPT) > 0) {
			this.timer.run();
			this.timer = null;
		}
	}

	/**
	 * A task that waits, and what gives it up.
	 */
	private final class Waiting implements Runnable {

		private final Duration delay;

		private final long end;

		private @Nullable Runnable task;

		Waiting(Duration delay, Runnable task) {
			this.delay = delay;
			this.end = System.nanoTime() + delay.toNanos();
			this.task = task;
		}

		@Override
		public void run() {
			synchronized (FewTimers.this) {
				this.task = null;
				clean(this.delay);
			}
		}

	}

}
