package io.nettrace.concurrent;

import java.time.Duration;

import org.jspecify.annotations.Nullable;

/**
 * Time, and waiting in it. {@link #system()} is the real one.
 */
public interface Clock {

	/**
	 * A deadline that never passes.
	 */
	long NEVER = Long.MAX_VALUE;

	/**
	 * Return the clock of real time.
	 * @return the clock
	 */
	static Clock system() {
		return SystemClock.INSTANCE;
	}

	/**
	 * Return the time, as {@link System#nanoTime()} does.
	 * @return nanoseconds from an origin of the clock's own, never {@link #NEVER}
	 */
	long nanoTime();

	/**
	 * Return the time when a timeout will have passed.
	 * @param timeout the timeout, {@code null} for ever
	 * @return the deadline, {@link #NEVER} also if it is centuries away
	 */
	default long deadlineIn(@Nullable Duration timeout) {
		if (timeout == null) {
			return NEVER;
		}
		try {
			return Math.addExact(nanoTime(), timeout.toNanos());
		}
		catch (ArithmeticException centuriesAway) {
			return timeout.isNegative() ? nanoTime() : NEVER;
		}
	}

	/**
	 * Return how long it is until a deadline.
	 * @param deadline the deadline, or {@link #NEVER}
	 * @return the duration, negative if the deadline has passed, {@code null} if it never
	 * passes
	 */
	default @Nullable Duration until(long deadline) {
		return (deadline != NEVER) ? Duration.ofNanos(deadline - nanoTime()) : null;
	}

	/**
	 * Whether a deadline has passed.
	 * @param deadline the deadline, or {@link #NEVER}
	 * @return whether it is no longer in the future
	 */
	default boolean hasPassed(long deadline) {
		return deadline != NEVER && deadline - nanoTime() <= 0;
	}

	/**
	 * Create a mailbox to wait at.
	 * @param <T> the type of the items
	 * @return an empty mailbox
	 */
	<T> Mailbox<T> mailbox();

	/**
	 * Where any thread puts items for one thread that waits for them.
	 *
	 * @param <T> the type of the items
	 */
	interface Mailbox<T> {

		/**
		 * Put an item; never waits.
		 * @param item the item
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
