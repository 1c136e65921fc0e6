package io.nettrace.dns;

import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import java.util.function.BiConsumer;

import io.nettrace.NetTrace;
import io.nettrace.NetTraceContext;
import io.nettrace.dns.LookupFlight.Answer;
import io.nettrace.dns.SingleFlight.Waiter;
import org.jspecify.annotations.Nullable;

/**
 * The lookup of one caller that does not wait. What ends it first, the answer, the
 * timeout or the caller, decides what is delivered.
 */
final class AsyncLookup implements Waiter<List<InetSocketAddress>>, Runnable {

	private static final AtomicReferenceFieldUpdater<AsyncLookup, @Nullable Answer> ANSWER = AtomicReferenceFieldUpdater
		.newUpdater(AsyncLookup.class, Answer.class, "answer");

	private final LookupGroup group;

	private final NetTrace trace;

	private final Question question;

	private final Lookup.Async lookup;

	private final AsyncCaller caller;

	private final BiConsumer<? super @Nullable List<InetSocketAddress>, ? super @Nullable Throwable> whenDone;

	private final boolean shares;

	private final NetTraceContext atWork;

	private final boolean asksJvm;

	private long startNanos;

	// Set once, by what ends the lookup
	private volatile @Nullable Answer answer;

	private volatile @Nullable LookupFlight flight;

	private boolean joined;

	private volatile @Nullable Runnable stopTimer;

	AsyncLookup(LookupGroup group, NetTraceContext context, NetTrace trace, Question question, Lookup.Async lookup,
			AsyncCaller caller,
			BiConsumer<? super @Nullable List<InetSocketAddress>, ? super @Nullable Throwable> whenDone) {
		this.group = group;
		this.trace = trace;
		this.question = question;
		this.lookup = lookup;
		this.caller = caller;
		this.whenDone = whenDone;
		this.shares = group.shares(context);
		this.atWork = AlternateResolver.atWork(context);
		this.asksJvm = group.asksJvm(context);
	}

	void start(@Nullable Duration timeout) {
		if (!this.question.needsLookup()) {
			ask(false);
			return;
		}
		this.trace.dnsStart(this.question.host());
		this.startNanos = System.nanoTime();
		try {
			if (timeout != null) {
				this.stopTimer = this.caller.schedule(() -> giveUp(LookupFailures.timedOut(this.question)), timeout);
			}
		}
		catch (RejectedExecutionException ex) {
			giveUp(LookupFailures.refused(this.question, ex));
			return;
		}
		ask(this.shares);
	}

	private void ask(boolean shares) {
		LookupFlight own = new LookupFlight(this.question);
		LookupFlight flight = shares ? this.group.joinOrStart(own) : own;
		this.joined = (flight != own);
		this.flight = flight;
		flight.await(this);
		if (flight == own) {
			run(own);
		}
		if (isEnded()) {
			flight.leave(this); // given up before there was anything to leave
		}
	}

	private void run(LookupFlight own) {
		if (!this.question.needsLookup()) {
			own.start(NetTraceContext.silent(), this.lookup);
		}
		else if (this.atWork.resolver() != null) {
			own.startOn(this.group.threads(), this.atWork, this.lookup);
		}
		else {
			own.start(this.atWork, this.lookup);
		}
	}

	@Override
	public void landed(@Nullable List<InetSocketAddress> value, @Nullable Throwable error, boolean shared) {
		if (error instanceof LookupFlight.AskAgain) {
			execute(() -> askAgain(this.shares));
			return;
		}
		Answer answer = new Answer(value, shared, error);
		Answer mine = Objects.requireNonNull(this.flight).forPort(this.question.port(), answer);
		if (mine == null) {
			execute(() -> askAgain(false));
			return;
		}
		end(this.joined ? mine.forJoiner() : mine);
	}

	private void askAgain(boolean shares) {
		if (!isEnded()) {
			ask(shares);
		}
	}

	void cancel() {
		giveUp(LookupFailures.cancelled(this.question));
	}

	private void giveUp(UnknownHostException reason) {
		if (end(new Answer(null, false, reason))) {
			LookupFlight flight = this.flight;
			if (flight != null) {
				flight.leave(this);
			}
		}
	}

	private boolean end(Answer answer) {
		if (!ANSWER.compareAndSet(this, null, answer)) {
			return false;
		}
		Runnable stopTimer = this.stopTimer;
		if (stopTimer != null) {
			stopTimer.run();
		}
		execute(this);
		return true;
	}

	private boolean isEnded() {
		return this.answer != null;
	}

	private void execute(Runnable task) {
		try {
			this.caller.execute(task);
		}
		catch (RejectedExecutionException shutDown) {
			task.run(); // on the wrong thread rather than not at all
		}
	}

	/**
	 * Deliver the answer.
	 */
	@Override
	public void run() {
		Answer answer = Objects.requireNonNull(this.answer);
		List<InetSocketAddress> addresses = answer.carrying(this.trace);
		try {
			if (this.question.needsLookup()) {
				if (this.asksJvm) {
					Answer.tellOfJvm(this.trace, this.question, this.startNanos, answer.error());
				}
				Answer.done(this.trace, this.question, addresses, answer.shared(), answer.error());
			}
		}
		finally {
			this.whenDone.accept((answer.error() != null) ? null : addresses, answer.error());
		}
	}

}
