package io.nettrace.dns;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;

import io.nettrace.NetTrace;
import io.nettrace.NetTraceAddress;
import io.nettrace.NetTraceContext;
import io.nettrace.PartialAnswerException;
import io.nettrace.concurrent.LookupThreads;
import org.jspecify.annotations.Nullable;

/**
 * One call of a resolver. While it runs no hook of anybody's fires on its thread.
 */
final class LookupFlight extends SingleFlight.Flight<Question.Key, List<InetSocketAddress>> {

	private final Question question;

	private @Nullable LookupThreads threads;

	LookupFlight(Question question) {
		super(question.key());
		this.question = question;
	}

	/**
	 * Call the resolver on the thread of the caller that asks.
	 */
	Answer runHere(Lookup lookup) {
		Answer answer = call(lookup);
		if (answer.error() != null && Thread.currentThread().isInterrupted()) {
			land(null, new AskAgain());
			return answer;
		}
		land(answer.value(), answer.error());
		return new Answer(answer.value(), isShared(), answer.error());
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
		catch (RuntimeException | Error ex) {
			land(null, ex); // no memory for a thread: whoever joined would wait for ever
		}
	}

	private Answer call(Lookup lookup) {
		NetTraceContext.Scope scope = NetTraceContext.silent().open();
		try {
			return new Answer(lookup.run(), false, null);
		}
		catch (Throwable ex) {
			return new Answer(found(ex), false, LookupFailures.named(this.question, ex));
		}
		finally {
			scope.close();
		}
	}

	private @Nullable List<InetSocketAddress> found(Throwable failure) {
		if (!(failure instanceof PartialAnswerException partial)) {
			return null;
		}
		List<InetSocketAddress> found = new ArrayList<>();
		for (InetAddress address : partial.addresses()) {
			found.add(new InetSocketAddress(address, this.question.port()));
		}
		return found;
	}

	/**
	 * Start the resolver, which does not block.
	 */
	void start(Lookup.Async lookup) {
		NetTraceContext.Scope scope = NetTraceContext.silent().open();
		try {
			lookup.start(
					(value, error) -> land(value, (error != null) ? LookupFailures.named(this.question, error) : null));
		}
		catch (Throwable ex) {
			land(null, LookupFailures.named(this.question, ex));
		}
		finally {
			scope.close();
		}
	}

	/**
	 * Return this flight's answer as a caller gets it who asked for a port, perhaps for
	 * another one than this flight did.
	 * @return {@code null} if the resolver has chosen ports itself, so that nobody knows
	 * what it would have answered
	 */
	@Nullable Answer forPort(int port, Answer answer) {
		int asked = this.question.port();
		if (port == asked || answer.value() == null) {
			return answer;
		}
		List<InetSocketAddress> moved = new ArrayList<>(answer.value().size());
		for (InetSocketAddress each : answer.value()) {
			if (each.getPort() != asked || each.isUnresolved()) {
				return null;
			}
			moved.add(new InetSocketAddress(each.getAddress(), port));
		}
		return new Answer(moved, answer.shared(), answer.error());
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

		/**
		 * Return the addresses for the hooks.
		 */
		List<InetAddress> addresses() {
			List<InetAddress> addresses = new ArrayList<>();
			if (this.value != null) {
				for (InetSocketAddress each : this.value) {
					if (each != null && each.getAddress() != null) {
						addresses.add(each.getAddress());
					}
				}
			}
			return addresses;
		}

		/**
		 * Return the addresses for the caller: carrying its trace, and in a list of its
		 * own.
		 */
		@Nullable List<InetSocketAddress> carrying(NetTrace trace) {
			if (this.value == null || (trace == NetTrace.NONE && !this.shared)) {
				return this.value;
			}
			List<InetSocketAddress> carrying = new ArrayList<>(this.value.size());
			for (InetSocketAddress each : this.value) {
				carrying.add((each != null) ? NetTraceAddress.carrying(each, trace) : null);
			}
			return carrying;
		}

	}

}
