package io.nettrace.concurrent;

import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

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
		return new QueueMailbox<>();
	}

	private static final class QueueMailbox<T> implements Mailbox<T> {

		private final LinkedBlockingQueue<T> items = new LinkedBlockingQueue<>();

		@Override
		public void put(T item) {
			this.items.add(item);
		}

		@Override
		public @Nullable T poll(long deadline) throws InterruptedException {
			if (deadline == NEVER) {
				return this.items.take();
			}
			return this.items.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
		}

	}

}
