package io.nettrace;

import java.time.Duration;
import java.util.Objects;

import org.jspecify.annotations.Nullable;

/**
 * An exchange that waits, because its pool has neither a connection for it nor place for
 * a new one.
 *
 * @param target what the exchange is for
 * @param reason what it waits for
 * @param elapsed how long it had waited when {@link NetTrace#waitStart} was called: zero,
 * unless the wait is noticed only when it ends
 * @param outcome how the wait ended, {@code null} until it has
 * @param error why the exchange got nothing, or {@code null}
 */
public record WaitInfo(ConnectionTarget target, Reason reason, Duration elapsed, @Nullable Outcome outcome,
		@Nullable Throwable error) {

	public WaitInfo {
		Objects.requireNonNull(target, "'target' must not be null");
		Objects.requireNonNull(reason, "'reason' must not be null");
		Objects.requireNonNull(elapsed, "'elapsed' must not be null");
	}

	/**
	 * Return a wait that begins.
	 * @param target what the exchange is for
	 * @param reason what it waits for
	 * @return the wait, whose end is not known
	 */
	public static WaitInfo starting(ConnectionTarget target, Reason reason) {
		return new WaitInfo(target, reason, Duration.ZERO, null, null);
	}

	/**
	 * Return a wait that is noticed when it ends, for a reason that is not known.
	 * @param target what the exchange is for
	 * @param elapsed how long it has waited
	 * @return the wait, whose end is not known
	 */
	public static WaitInfo noticed(ConnectionTarget target, Duration elapsed) {
		return new WaitInfo(target, Reason.UNKNOWN, elapsed, null, null);
	}

	/**
	 * Return how this wait has ended.
	 * @param outcome how it ended
	 * @param error why the exchange got nothing, or {@code null}
	 * @return the wait with its end
	 */
	public WaitInfo ended(Outcome outcome, @Nullable Throwable error) {
		return new WaitInfo(this.target, this.reason, this.elapsed, outcome, error);
	}

	/**
	 * What an exchange waits for.
	 */
	public enum Reason {

		/**
		 * The host has as many connections as one host may have.
		 */
		HOST_LIMIT,

		/**
		 * The pool has as many connections as it may have in all.
		 */
		POOL_LIMIT,

		/**
		 * The library does not tell: the pool, or an event loop that is busy.
		 */
		UNKNOWN

	}

	/**
	 * How a wait ends.
	 */
	public enum Outcome {

		/**
		 * With a connection that another exchange has given back, or shares.
		 */
		REUSED,

		/**
		 * With place for a new connection, which is set up next.
		 */
		NEW,

		/**
		 * The exchange has waited for as long as it may.
		 */
		TIMED_OUT,

		/**
		 * The exchange was cancelled, or its thread interrupted.
		 */
		CANCELLED,

		/**
		 * The pool was closed, or takes no more waiting exchanges.
		 */
		FAILED

	}

}
