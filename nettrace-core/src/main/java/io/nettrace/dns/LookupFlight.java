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
final class LookupFlight extends SingleFlight.Flight<Question, List<InetSocketAddress>> {

	private @Nullable LookupThreads threads;

	LookupFlight(Question question) {
		super(question);
	}

	/**
	 * Call the resolver on the thread of the caller that asks.
	 */
	Answer runHere(Lookup lookup) {
		Answer answer = call(key(), lookup);
		if (answer.error() != null && Thread.currentThread().isInterrupted()) {
			land(null, new AskAgain());
			return answer;
		}
		boolean shared = land(answer.value(), answer.error());
		return new Answer(answer.value(), shared, answer.error());
	}

	/**
	 * Call the resolver on a thread of its own, where it stays if everybody gives up.
	 */
	void runOn(LookupThreads threads, Lookup lookup) {
		this.threads = threads;
		try {
			threads.execute(() -> {
				Answer answer = call(key(), lookup);
				land(answer.value(), answer.error());
			});
		}
		catch (RejectedExecutionException ex) {
			land(null, LookupFailures.refused(key(), ex));
		}
		catch (RuntimeException | Error ex) {
			land(null, ex); // no memory for a thread: whoever joined would wait for ever
		}
	}

	/**
	 * Call the resolver for nobody else.
	 */
	static Answer call(Question question, Lookup lookup) {
		List<InetSocketAddress> value = null;
		Throwable failure = null;
		NetTraceContext.Scope scope = NetTraceContext.silent().open();
		try {
			value = lookup.run(question);
		}
		catch (Throwable ex) {
			failure = ex;
		}
		scope.close();
		return (failure == null) ? new Answer(value, false, null)
				: new Answer(found(question, failure), false, LookupFailures.named(question, failure));
	}

	private static @Nullable List<InetSocketAddress> found(Question question, Throwable failure) {
		if (!(failure instanceof PartialAnswerException partial)) {
			return null;
		}
		List<InetSocketAddress> found = new ArrayList<>();
		for (InetAddress address : partial.addresses()) {
			found.add(new InetSocketAddress(address, question.port()));
		}
		return found;
	}

	/**
	 * Start the resolver, which does not block.
	 */
	void start(Lookup.Async lookup) {
		NetTraceContext.Scope scope = NetTraceContext.silent().open();
		try {
			lookup.start((value, error) -> land(value, (error != null) ? LookupFailures.named(key(), error) : null));
		}
		catch (Throwable ex) {
			land(null, LookupFailures.named(key(), ex));
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
		int asked = key().port();
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
	// The helpers are static so that the compiler can do without the record
	record Answer(@Nullable List<InetSocketAddress> value, boolean shared, @Nullable Throwable error) {

		/**
		 * Tell the hooks.
		 */
		void done(NetTrace trace) {
			if (trace != NetTrace.NONE) {
				trace.dnsDone(addresses(this.value), this.shared, this.error);
			}
		}

		private static List<InetAddress> addresses(@Nullable List<InetSocketAddress> value) {
			if (value == null) {
				return List.of();
			}
			if (value.size() == 1 && value.get(0) != null && value.get(0).getAddress() != null) {
				return List.of(value.get(0).getAddress());
			}
			List<InetAddress> addresses = new ArrayList<>(value.size());
			for (InetSocketAddress each : value) {
				if (each != null && each.getAddress() != null) {
					addresses.add(each.getAddress());
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
			return carrying(this.value, trace);
		}

		private static List<InetSocketAddress> carrying(List<InetSocketAddress> value, NetTrace trace) {
			List<InetSocketAddress> carrying = new ArrayList<>(value.size());
			for (InetSocketAddress each : value) {
				carrying.add((each != null) ? NetTraceAddress.carrying(each, trace) : null);
			}
			return carrying;
		}

	}

}
