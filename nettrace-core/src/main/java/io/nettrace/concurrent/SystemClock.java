package io.nettrace.concurrent;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;

import org.jspecify.annotations.Nullable;

/**
 * Real time.
 */
final class SystemClock implements Clock {

	static final SystemClock INSTANCE = new SystemClock();

	private SystemClock() {
	}

	@Override
	public long nanoTime() {
		return System.nanoTime();
	}

	@Override
	public <T> Mailbox<T> mailbox() {
		return new ParkingMailbox<>();
	}

	/**
	 * One thread waits. A blocking queue would do, but would make two locks and two
	 * conditions for each caller of a lookup that is shared.
	 */
	private static final class ParkingMailbox<T> implements Mailbox<T> {

		private final Queue<T> items = new ConcurrentLinkedQueue<>();

		private volatile @Nullable Thread waiting;

		@Override
		public void put(T item) {
			this.items.add(item);
			LockSupport.unpark(this.waiting);
		}

		@Override
		public @Nullable T poll(long deadline) throws InterruptedException {
			this.waiting = Thread.currentThread();
			while (true) {
				if (Thread.interrupted()) {
					throw new InterruptedException();
				}
				T item = this.items.poll();
				if (item != null) {
					return item;
				}
				if (deadline == NEVER) {
					LockSupport.park(this);
					continue;
				}
				long left = deadline - System.nanoTime();
				if (left <= 0) {
					return null;
				}
				LockSupport.parkNanos(this, left);
			}
		}

	}

}
