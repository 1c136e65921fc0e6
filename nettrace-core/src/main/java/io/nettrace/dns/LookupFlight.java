package io.nettrace.dns;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;

import io.nettrace.NetTraceContext;
import io.nettrace.concurrent.LookupThreads;
import org.jspecify.annotations.Nullable;

/**
 * One call of a resolver. While it runs no hook of anybody's fires on its thread.
 */
final class LookupFlight extends SingleFlight.Flight<Question, List<InetSocketAddress>> {

	private final Question question;

	private @Nullable LookupThreads threads;

	LookupFlight(Question question) {
		super(question);
		this.question = question;
	}

	/**
	 * Call the resolver on the thread of the caller that asks.
	 */
	Answer runHere(Lookup lookup) {
		Answer answer = call(lookup);
		boolean interrupted = answer.error() != null && Thread.currentThread().isInterrupted();
		land(answer.value(), interrupted ? new AskAgain() : answer.error());
		return isShared() ? new Answer(answer.value(), true, answer.error()) : answer;
	}

	/**
	 * Call the resolver on a thread of its own, where it stays if everybody gives up.
	 */
	void runOn(LookupThreads threads, Lookup lookup) {
		this.threads = threads;
		try {
			threads.execute(() -> {
				Answer answer = call(lookup);
				land(answer.value(), answer.error());
			});
		}
		catch (RejectedExecutionException ex) {
			land(null, LookupFailures.refused(this.question, ex));
		}
	}

	private Answer call(Lookup lookup) {
		NetTraceContext.Scope scope = NetTraceContext.silent().open();
		try {
			return new Answer(lookup.run(), false, null);
		}
		catch (Throwable ex) {
			return new Answer(null, false, LookupFailures.named(this.question, ex));
		}
		finally {
			scope.close();
		}
	}

	/**
	 * Start the resolver, which does not block.
	 */
	void start(Lookup.Async lookup) {
		NetTraceContext.Scope scope = NetTraceContext.silent().open();
		try {
			lookup.start(this::land);
		}
		catch (Throwable ex) {
			land(null, ex);
		}
		finally {
			scope.close();
		}
	}

	@Override
	void abandoned() {
		if (this.threads != null) {
			this.threads.abandon();
		}
	}

	@Override
	void reclaimed() {
		if (this.threads != null) {
			this.threads.reclaim();
		}
	}

	/**
	 * What joiners are told if the thread that asked for them was interrupted: its
	 * interruption is not theirs, so they have to ask again.
	 */
	static final class AskAgain extends Exception {

		private static final long serialVersionUID = 1L;

		AskAgain() {
			super("the thread that asked was interrupted", null, false, false);
		}

	}

	/**
	 * What one caller gets.
	 *
	 * @param value what the resolver returned
	 * @param shared whether anybody else got it too
	 * @param error what the resolver threw, or why the caller gave up
	 */
	record Answer(@Nullable List<InetSocketAddress> value, boolean shared, @Nullable Throwable error) {
	}

}
