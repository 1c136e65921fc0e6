package io.nettrace.concurrent;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

import org.jspecify.annotations.Nullable;

/**
 * A clock with threads of its own, of which one runs at a time: until it waits at a
 * mailbox or ends. Time stands still while any can run, and then jumps to the next
 * deadline. So a test of many threads and minutes takes milliseconds and is repeatable:
 * without a seed threads run in the order in which they became able to, with a seed the
 * order is drawn, and a thread that puts an item into a mailbox may have to let others
 * pass.
 * <p>
 * Start threads with {@link #execute} or {@link #at}, then call {@link #run()} from the
 * thread of the test.
 */
public final class VirtualTime implements Clock, Executor {

	// Of real time; only a thread that waits elsewhere than at this clock takes so long
	private static final long HANGS_SECONDS = 30;

	// Negative, as System.nanoTime() may be
	private static final long ORIGIN = TimeUnit.DAYS.toNanos(-1);

	private static final ThreadLocal<@Nullable Actor> SELF = new ThreadLocal<>();

	private final ReentrantLock lock = new ReentrantLock();

	private final Condition idle = this.lock.newCondition();

	private final List<Actor> ready = new ArrayList<>();

	private final List<Actor> waiting = new ArrayList<>();

	private final List<Throwable> failures = new ArrayList<>();

	private final @Nullable Random random;

	private @Nullable Actor running;

	private long now = ORIGIN;

	private int started;

	private VirtualTime(@Nullable Random random) {
		this.random = random;
	}

	/**
	 * Create a clock whose threads take turns.
	 * @return the clock
	 */
	public static VirtualTime inOrder() {
		return new VirtualTime(null);
	}

	/**
	 * Create a clock that draws whose turn it is.
	 * @param seed the same seed gives the same order
	 * @return the clock
	 */
	public static VirtualTime shuffled(long seed) {
		return new VirtualTime(new Random(seed));
	}

	/**
	 * Start a thread.
	 */
	@Override
	public void execute(Runnable task) {
		start(task);
	}

	private Actor start(Runnable task) {
		this.lock.lock();
		try {
			Actor actor = new Actor(task, ++this.started);
			this.ready.add(actor);
			actor.thread.start();
			return actor;
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * Start a thread that runs a task at a time.
	 * @param millis the time, in {@link #millis()}
	 * @param task the task
	 * @return the thread, to be interrupted with {@link #interrupt}
	 */
	public Thread at(long millis, Runnable task) {
		return start(() -> {
			try {
				Clock.Mailbox<Object> never = mailbox();
				never.poll(ORIGIN + TimeUnit.MILLISECONDS.toNanos(millis));
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
			}
			task.run();
		}).thread;
	}

	/**
	 * Interrupt a thread of this clock. {@link Thread#interrupt} would let time go on
	 * before the thread has noticed.
	 * @param thread the thread
	 */
	public void interrupt(Thread thread) {
		this.lock.lock();
		try {
			for (Actor actor : this.waiting) {
				if (actor.thread == thread) {
					actor.interrupted = true;
					wake(actor);
					return;
				}
			}
			thread.interrupt();
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * Let the threads run until every one has ended.
	 */
	public void run() {
		this.lock.lock();
		try {
			next();
			while (this.running != null) {
				if (!this.idle.await(HANGS_SECONDS, TimeUnit.SECONDS)) {
					throw new AssertionError("A thread waits elsewhere than at the clock: " + describe(this.running));
				}
			}
			if (!this.waiting.isEmpty()) {
				throw new AssertionError(
						"Threads wait for ever: " + this.waiting.stream().map(VirtualTime::describe).toList());
			}
			if (!this.failures.isEmpty()) {
				throw new AssertionError("A thread failed", this.failures.get(0));
			}
		}
		catch (InterruptedException ex) {
			throw new AssertionError(ex);
		}
		finally {
			this.lock.unlock();
		}
	}

	private static String describe(Actor actor) {
		StringBuilder text = new StringBuilder(actor.thread.toString());
		for (StackTraceElement frame : actor.thread.getStackTrace()) {
			text.append("\n\tat ").append(frame);
		}
		return text.toString();
	}

	@Override
	public long nanoTime() {
		this.lock.lock();
		try {
			return this.now;
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * Return how much time has passed.
	 * @return milliseconds since the beginning
	 */
	public long millis() {
		return Duration.ofNanos(nanoTime() - ORIGIN).toMillis();
	}

	/**
	 * Return how many threads have been started.
	 * @return the number of threads
	 */
	public int threads() {
		this.lock.lock();
		try {
			return this.started;
		}
		finally {
			this.lock.unlock();
		}
	}

	@Override
	public <T> Mailbox<T> mailbox() {
		return new VirtualMailbox<>();
	}

	// All below is called with the lock held

	private void next() {
		if (this.ready.isEmpty()) {
			long next = this.waiting.stream().mapToLong((actor) -> actor.deadline).min().orElse(NEVER);
			if (next != NEVER) {
				this.now = next;
				this.waiting.stream().filter((actor) -> actor.deadline == next).toList().forEach(this::wake);
			}
		}
		if (this.ready.isEmpty()) {
			this.running = null;
			this.idle.signalAll();
			return;
		}
		this.running = this.ready.remove((this.random != null) ? this.random.nextInt(this.ready.size()) : 0);
		this.running.turn.signal();
	}

	private void wake(Actor actor) {
		if (this.waiting.remove(actor)) {
			this.ready.add(actor);
		}
	}

	private void awaitTurn(Actor actor) {
		while (this.running != actor) {
			actor.turn.awaitUninterruptibly();
		}
	}

	private final class Actor {

		private final Condition turn = VirtualTime.this.lock.newCondition();

		private final Thread thread;

		private long deadline = NEVER;

		private boolean interrupted;

		Actor(Runnable task, int number) {
			this.thread = new Thread(() -> run(task), "virtual-time-" + number);
			this.thread.setDaemon(true);
		}

		private void run(Runnable task) {
			VirtualTime.this.lock.lock();
			try {
				SELF.set(this);
				awaitTurn(this);
			}
			finally {
				VirtualTime.this.lock.unlock();
			}
			Throwable failure = null;
			try {
				task.run();
			}
			catch (Throwable ex) {
				failure = ex;
			}
			VirtualTime.this.lock.lock();
			try {
				if (failure != null) {
					VirtualTime.this.failures.add(failure);
				}
				next();
			}
			finally {
				VirtualTime.this.lock.unlock();
			}
		}

	}

	private final class VirtualMailbox<T> implements Mailbox<T> {

		private final Deque<T> items = new ArrayDeque<>();

		private final List<Actor> readers = new ArrayList<>();

		@Override
		public void put(T item) {
			VirtualTime.this.lock.lock();
			try {
				this.items.add(item);
				this.readers.forEach(VirtualTime.this::wake);
				Actor actor = SELF.get();
				Random random = VirtualTime.this.random;
				if (actor != null && random != null && random.nextBoolean()) {
					VirtualTime.this.ready.add(actor);
					next();
					awaitTurn(actor);
				}
			}
			finally {
				VirtualTime.this.lock.unlock();
			}
		}

		@Override
		public @Nullable T poll(long deadline) throws InterruptedException {
			VirtualTime.this.lock.lock();
			try {
				Actor actor = SELF.get();
				if (actor == null) {
					throw new IllegalStateException("Only threads of the clock can wait");
				}
				while (true) {
					if (Thread.interrupted()) {
						throw new InterruptedException();
					}
					if (!this.items.isEmpty() || hasPassed(deadline)) {
						return this.items.poll();
					}
					sleep(actor, deadline);
				}
			}
			finally {
				VirtualTime.this.lock.unlock();
			}
		}

		private void sleep(Actor actor, long deadline) {
			actor.deadline = deadline;
			this.readers.add(actor);
			VirtualTime.this.waiting.add(actor);
			next();
			awaitTurn(actor);
			this.readers.remove(actor);
			if (actor.interrupted) {
				actor.interrupted = false;
				Thread.currentThread().interrupt();
			}
		}

	}

}
