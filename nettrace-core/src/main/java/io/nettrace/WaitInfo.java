package io.nettrace;

import java.util.Objects;

import org.jspecify.annotations.Nullable;

/**
 * An exchange that waits, because its pool has neither a connection for it nor place for
 * a new one.
 *
 * @param target what the exchange is for
 * @param reason what it waits for
 * @param outcome how the wait ended, {@code null} until it has
 * @param error why the exchange got nothing, or {@code null}
 */
public record WaitInfo(ConnectionTarget target, Reason reason, @Nullable Outcome outcome, @Nullable Throwable error) {

	public WaitInfo {
		Objects.requireNonNull(target, "'target' must not be null");
		Objects.requireNonNull(reason, "'reason' must not be null");
	}

	/**
	 * Return a wait that begins.
	 * @param target what the exchange is for
	 * @param reason what it waits for
	 * @return the wait, whose end is not known
	 */
	public static WaitInfo starting(ConnectionTarget target, Reason reason) {
		return new WaitInfo(target, reason, null, null);
	}

	/**
	 * Return how this wait has ended.
	 * @param outcome how it ended
	 * @param error why the exchange got nothing, or {@code null}
	 * @return the wait with its end
	 */
	public WaitInfo ended(Outcome outcome, @Nullable Throwable error) {
		return new WaitInfo(this.target, this.reason, outcome, error);
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
		 * The library does not tell.
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
