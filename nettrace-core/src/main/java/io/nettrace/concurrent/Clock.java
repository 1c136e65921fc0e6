package io.nettrace.concurrent;

import org.jspecify.annotations.Nullable;

/**
 * Time, and waiting in it. {@link #SYSTEM} is the real one.
 */
public interface Clock {

	/**
	 * Real time.
	 */
	Clock SYSTEM = new SystemClock();

	/**
	 * A deadline that never passes.
	 */
	long NEVER = Long.MAX_VALUE;

	/**
	 * Return the time, as {@link System#nanoTime()} does.
	 * @return nanoseconds from an origin of the clock's own, never {@link #NEVER}
	 */
	long nanoTime();

	/**
	 * Make something to wait at.
	 * @param <T> the type of what is waited for
	 * @return an empty mailbox
	 */
	<T> Mailbox<T> mailbox();

	/**
	 * Where threads leave something for one that waits.
	 *
	 * @param <T> the type of what is left
	 */
	interface Mailbox<T> {

		/**
		 * Leave something; never waits.
		 * @param item what to leave
		 */
		void put(T item);

		/**
		 * Wait for the next item.
		 * @param deadline when to give up, in the clock's {@link Clock#nanoTime()}, or
		 * {@link Clock#NEVER}
		 * @return the item, or {@code null} if the deadline has passed
		 * @throws InterruptedException if the thread is interrupted before or while it
		 * waits, whether or not an item is there
		 */
		@Nullable T poll(long deadline) throws InterruptedException;

	}

}
