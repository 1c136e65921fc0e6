package io.nettrace.client.reactor;

import java.time.Duration;
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

	/**
	 * The shortest wait that is noticed. A shorter one cannot be told apart from the
	 * ordinary work of an event loop.
	 */
	static final long NOTICED_FROM_NANOS = 15_000_000;

	private final NetTrace hooks;

	private final TracedConnect source;

	private volatile @Nullable DialTrace dial;

	private volatile @Nullable ReactorExchange exchange;

	// Each below is guarded by this

	private @Nullable ConnectionTarget target;

	private boolean asked;

	private long askedAt;

	private @Nullable WaitInfo wait;

	private boolean startsWait;

	private @Nullable WaitInfo waitEnd;

	private boolean served;

	// Where the exchange has ended that this one led to
	private @Nullable Thread endedOn;

	// Of the exchange after that one
	private @Nullable Acquisition next;

	private boolean cancelled;

	/**
	 * Create an acquisition.
	 * @param hooks the request's
	 * @param source knows the pools of the request
	 * @param target what the exchange is for, {@code null} if it is not known yet
	 */
	Acquisition(NetTrace hooks, TracedConnect source, @Nullable ConnectionTarget target) {
		this.hooks = hooks;
		this.source = source;
		this.target = target;
	}

	/**
	 * The exchange asks for a connection, unless that has been told, or cannot be yet. A
	 * request that is cancelled asks for nothing more.
	 * @param known what it is for, if that is known
	 */
	synchronized void ask(@Nullable ConnectionTarget known) {
		if (!this.cancelled) {
			askAnyway(known);
		}
	}

	/**
	 * The exchange has got a connection, so it has asked for it.
	 * @param known what it is for, if that is known
	 */
	synchronized void askAnyway(@Nullable ConnectionTarget known) {
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
		if (this.asked && this.target != null && !this.cancelled && !this.served && this.wait == null) {
			this.wait = WaitInfo.starting(this.target, Reason.HOST_LIMIT);
			this.startsWait = true;
			this.hooks.waitStart(this.wait);
			this.startsWait = false;
			if (this.waitEnd != null) {
				this.hooks.waitDone(this.waitEnd);
			}
		}
	}

	/**
	 * A hook that is told of the start may give the request up. All are told of the start
	 * before any is told of the end.
	 */
	private void endsWait(WaitInfo end) {
		if (this.startsWait) {
			this.waitEnd = end;
		}
		else {
			this.hooks.waitDone(end);
		}
	}

	/**
	 * The exchange waits no longer, if it did.
	 * @param outcome what it has got
	 * @param error why it has got nothing, or {@code null}
	 */
	synchronized void served(Outcome outcome, @Nullable Throwable error) {
		WaitInfo begun = endWait();
		if (begun != null) {
			endsWait(begun.ended(outcome, error));
		}
	}

	/**
	 * Return the wait under way, {@code null} if the exchange does not wait.
	 */
	private @Nullable WaitInfo endWait() {
		noticeWait();
		this.served = true;
		WaitInfo begun = this.wait;
		this.wait = null;
		return begun;
	}

	/**
	 * Most pools do not tell of waits: what is left is the time since the exchange has
	 * asked, in which its event loop may have been busy, too.
	 */
	private void noticeWait() {
		if (!this.asked || this.target == null || this.served || this.wait != null) {
			return;
		}
		long elapsed = System.nanoTime() - this.askedAt;
		if (elapsed >= NOTICED_FROM_NANOS && !RequestSettings.poolsTellOfWaits(this.source.connect())) {
			this.wait = WaitInfo.noticed(this.target, Duration.ofNanos(elapsed));
			this.hooks.waitStart(this.wait);
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
	 * Return this, or after the end of its exchange that of the next one.
	 */
	synchronized Acquisition current() {
		if (this.endedOn != null && this.next == null) {
			this.next = new Acquisition(this.hooks, this.source, this.target);
			this.next.cancelled = this.cancelled;
		}
		return (this.next != null) ? this.next.current() : this;
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
	 * The request is cancelled. Most often it does not wait, and needs no exception:
	 * WebClient cancels what it has got its answer from.
	 */
	void cancel() {
		DialTrace dialing = this.dial;
		if (dialing != null) {
			dialing.cancel();
		}
		Acquisition following;
		synchronized (this) {
			this.cancelled = true;
			WaitInfo begun = endWait();
			if (begun != null) {
				endsWait(begun.ended(Outcome.CANCELLED, new CancellationException("operation was canceled")));
			}
			following = this.next;
		}
		if (following != null) {
			following.cancel();
		}
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
		Acquisition following = next();
		if (following != null) {
			following.fail(failure);
		}
	}

	private synchronized @Nullable Acquisition next() {
		return this.next;
	}

}
