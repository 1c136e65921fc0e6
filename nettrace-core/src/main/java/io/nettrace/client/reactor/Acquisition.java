package io.nettrace.client.reactor;

import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeoutException;

import io.nettrace.ConnectionTarget;
import io.nettrace.NetTrace;
import io.nettrace.WaitInfo;
import io.nettrace.WaitInfo.Outcome;
import io.nettrace.WaitInfo.Reason;
import org.jspecify.annotations.Nullable;

/**
 * An exchange on its way to a connection, from {@link NetTrace#getConn} to
 * {@link NetTrace#gotConn}. The pool may hand over a connection on one thread while the
 * thread that asked is still being told that it has to wait.
 */
final class Acquisition {

	private final NetTrace hooks;

	private volatile @Nullable DialTrace dial;

	private volatile @Nullable ReactorExchange exchange;

	// Each below is guarded by this

	private @Nullable ConnectionTarget target;

	private boolean asked;

	private long askedAt;

	private @Nullable WaitInfo wait;

	private boolean served;

	// Where the exchange has ended that this one led to
	private @Nullable Thread endedOn;

	/**
	 * Create an acquisition.
	 * @param hooks the request's
	 * @param target what the exchange is for, {@code null} if it is not known yet
	 */
	Acquisition(NetTrace hooks, @Nullable ConnectionTarget target) {
		this.hooks = hooks;
		this.target = target;
	}

	/**
	 * The exchange asks for a connection, unless that has been told, or cannot be yet.
	 * @param known what it is for, if that is known
	 */
	synchronized void ask(@Nullable ConnectionTarget known) {
		if (this.asked) {
			return;
		}
		this.target = (known != null) ? known : this.target;
		if (this.target != null) {
			this.asked = true;
			this.askedAt = System.nanoTime();
			this.hooks.getConn(this.target);
		}
	}

	/**
	 * The pool has neither a connection nor place for a new one. It counts a host's
	 * connections, and no others.
	 */
	synchronized void waits() {
		ask(null);
		if (this.asked && this.target != null && !this.served && this.wait == null) {
			this.wait = WaitInfo.starting(this.target, Reason.HOST_LIMIT);
			this.hooks.waitStart(this.wait);
		}
	}

	/**
	 * The exchange waits no longer, if it did.
	 * @param outcome what it has got
	 * @param error why it has got nothing, or {@code null}
	 */
	synchronized void served(Outcome outcome, @Nullable Throwable error) {
		this.served = true;
		WaitInfo begun = this.wait;
		if (begun != null) {
			this.wait = null;
			this.hooks.waitDone(begun.ended(outcome, error));
		}
	}

	/**
	 * Whether {@link NetTrace#getConn} has been called.
	 */
	synchronized boolean hasAsked() {
		return this.asked;
	}

	/**
	 * When the exchange has asked, as {@link System#nanoTime()} tells.
	 */
	synchronized long askedAt() {
		return this.asked ? this.askedAt : System.nanoTime();
	}

	/**
	 * The exchange has come to its end: if the library asks once more it is for the next
	 * one, of a redirect or a retry.
	 * @param redirect where the response leads to, or {@code null}
	 */
	synchronized void exchangeEnded(@Nullable ConnectionTarget redirect) {
		this.endedOn = Thread.currentThread();
		this.target = (redirect != null) ? redirect : this.target;
	}

	/**
	 * Return this, or after the end of its exchange the next one.
	 */
	synchronized Acquisition current() {
		return (this.endedOn != null) ? new Acquisition(this.hooks, this.target) : this;
	}

	/**
	 * Whether the current thread may ask for the next exchange: the library does where
	 * the exchange before has ended.
	 */
	synchronized boolean isContinuedHere() {
		return this.endedOn == null || this.endedOn == Thread.currentThread();
	}

	/**
	 * Return the hooks of the request.
	 */
	NetTrace hooks() {
		return this.hooks;
	}

	/**
	 * A connection is being set up.
	 */
	void dials(DialTrace dial) {
		this.dial = dial;
	}

	/**
	 * The exchange has got its connection.
	 */
	void leadsTo(ReactorExchange exchange) {
		this.exchange = exchange;
	}

	/**
	 * The request is cancelled.
	 */
	void cancel() {
		DialTrace dialing = this.dial;
		if (dialing != null) {
			dialing.cancel();
		}
		served(Outcome.CANCELLED, new CancellationException("operation was canceled"));
	}

	/**
	 * The request has failed.
	 * @param failure what it fails with
	 */
	void fail(Throwable failure) {
		served((failure instanceof TimeoutException) ? Outcome.TIMED_OUT : Outcome.FAILED, failure);
		ReactorExchange under = this.exchange;
		if (under != null) {
			under.requestFailed(failure);
		}
	}

}
