package io.nettrace.dns;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;

import io.nettrace.DnsAnswerInfo;
import io.nettrace.NetTrace;
import io.nettrace.NetTraceContext;
import io.nettrace.PartialAnswerException;
import io.nettrace.concurrent.LookupThreads;
import io.nettrace.instrument.JvmAnswers;
import io.nettrace.instrument.NetTraceAddress;
import org.jspecify.annotations.Nullable;

/**
 * One call of a resolver. No hooks are called on its thread while it runs.
 */
final class LookupFlight extends SingleFlight.Flight<Question, List<InetSocketAddress>> {

	private LookupThreads.@Nullable ForClient threads;

	LookupFlight(Question question) {
		super(question);
	}

	/**
	 * Call the resolver on the calling thread.
	 */
	Answer runHere(NetTraceContext atWork, Lookup lookup) {
		Answer answer = call(key(), atWork, lookup);
		return landAlone() ? answer : landShared(answer);
	}

	private Answer landShared(Answer answer) {
		if (answer.error() != null && LookupFailures.isInterruption(answer.error())) {
			land(null, new AskAgain());
			return answer;
		}
		Answer copy = answer.copy();
		return new Answer(copy.value(), land(copy), copy.error());
	}

	/**
	 * Call the resolver on a thread of its own, where it stays if all callers give up.
	 * @throws OutOfMemoryError if no thread can be started
	 */
	void runOn(LookupThreads.ForClient threads, NetTraceContext atWork, Lookup lookup) {
		execute(threads, () -> {
			land(call(key(), atWork, lookup).copy());
		});
	}

	/**
	 * Start a resolver on a thread of its own, on which it may block.
	 */
	void startOn(LookupThreads.ForClient threads, NetTraceContext atWork, Lookup.Async lookup) {
		try {
			execute(threads, () -> start(atWork, lookup));
		}
		catch (OutOfMemoryError ex) {
			land(null, LookupFailures.noThread(key(), ex));
		}
	}

	private void execute(LookupThreads.ForClient threads, Runnable task) {
		this.threads = threads;
		try {
			threads.execute(key().host(), task);
		}
		catch (RejectedExecutionException ex) {
			land(null, LookupFailures.refused(key(), ex));
		}
	}

	/**
	 * Call the resolver for one caller alone.
	 * @param atWork what is bound meanwhile
	 */
	static Answer call(Question question, NetTraceContext atWork, Lookup lookup) {
		List<InetSocketAddress> value = null;
		Throwable failure = null;
		NetTraceContext.Scope outer = NetTraceContext.silence();
		try {
			value = (atWork == NetTraceContext.silent()) ? lookup.run(question) : run(question, atWork, lookup);
		}
		catch (Throwable ex) {
			failure = ex;
		}
		NetTraceContext.endSilence(outer);
		return (failure == null) ? new Answer(value, false, null)
				: new Answer(found(question, failure), false, failure);
	}

	private static @Nullable List<InetSocketAddress> run(Question question, NetTraceContext atWork, Lookup lookup)
			throws IOException {
		NetTraceContext.Scope scope = atWork.open();
		try {
			return lookup.run(question);
		}
		finally {
			scope.close();
		}
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
	 * Start the resolver, which does not block unless there is an alternate one.
	 */
	void start(NetTraceContext atWork, Lookup.Async lookup) {
		NetTraceContext.Scope scope = atWork.open();
		try {
			lookup.start((value, error) -> land(new Answer(value, false, error).copy()));
		}
		catch (Throwable ex) {
			land(null, ex);
		}
		finally {
			scope.close();
		}
	}

	private boolean land(Answer answer) {
		LookupThreads.ForClient threads = this.threads;
		if (threads != null && answer.value() != null && answer.error() == null) {
			threads.found(key().host());
		}
		return land(answer.value(), answer.error());
	}

	/**
	 * Return this flight's answer for a caller that may have asked for another port than
	 * this flight did.
	 * @return {@code null} if the resolver has chosen ports itself, so that it is not
	 * known what it would have answered
	 */
	@Nullable Answer forPort(int port, Answer answer) {
		int asked = key().port();
		if (port == asked || answer.value() == null) {
			return answer;
		}
		List<InetSocketAddress> moved = new ArrayList<>(answer.value().size());
		for (InetSocketAddress each : answer.value()) {
			if (each == null) {
				moved.add(null);
				continue;
			}
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
			this.threads.abandon(key().host());
		}
	}

	@Override
	void reclaimed() {
		if (this.threads != null) {
			this.threads.reclaim(key().host());
		}
	}

	/**
	 * Tells joiners that the thread which called the resolver was interrupted. They were
	 * not, so they have to ask again.
	 */
	static final class AskAgain extends Exception {

		private static final long serialVersionUID = 1L;

		AskAgain() {
			super("the thread that called the resolver was interrupted", null, false, false);
		}

	}

	/**
	 * What one caller gets.
	 *
	 * @param value what the resolver returned
	 * @param shared whether another caller got it too
	 * @param error what the resolver threw, or why the caller gave up
	 */
	// The helpers are static so that the compiler can do without the record
	record Answer(@Nullable List<InetSocketAddress> value, boolean shared, @Nullable Throwable error) {

		/**
		 * Copy the resolver's list, which several callers are going to read. If that
		 * fails, so has the lookup.
		 */
		Answer copy() {
			if (this.value == null) {
				return this;
			}
			try {
				return new Answer(carrying(this.value, NetTrace.NONE), this.shared, this.error);
			}
			catch (Throwable ex) {
				return new Answer(null, this.shared, (this.error != null) ? this.error : ex);
			}
		}

		/**
		 * Return the addresses for the caller: carrying its trace, and in a list of its
		 * own. Throws what the resolver's list throws, which may change while it is read.
		 */
		@Nullable List<InetSocketAddress> carrying(NetTrace trace) {
			return (this.value != null && (this.shared || trace != NetTrace.NONE)) ? carrying(this.value, trace)
					: this.value;
		}

		private static List<InetSocketAddress> carrying(List<InetSocketAddress> value, NetTrace trace) {
			List<InetSocketAddress> carrying = new ArrayList<>(value.size());
			for (InetSocketAddress each : value) {
				carrying.add((each != null) ? NetTraceAddress.carrying(each, trace) : null);
			}
			return carrying;
		}

		/**
		 * Return the answer for a caller that has joined another one's lookup.
		 */
		Answer forJoiner() {
			return (this.error != null) ? new Answer(this.value, this.shared, LookupFailures.forJoiner(this.error))
					: this;
		}

		/**
		 * Tell the hooks whether the JVM had the answer in its cache, if that is known.
		 */
		static void tellOfJvm(NetTrace trace, Question question, long startNanos, @Nullable Throwable error) {
			DnsAnswerInfo answer = (trace != NetTrace.NONE) ? JvmAnswers.answer(question.host(), startNanos, error)
					: null;
			if (answer != null) {
				trace.dnsAnswer(answer);
			}
		}

		/**
		 * Tell the hooks.
		 */
		static void done(NetTrace trace, Question question, @Nullable List<InetSocketAddress> addresses, boolean shared,
				@Nullable Throwable error) {
			if (trace != NetTrace.NONE) {
				trace.dnsDone(addresses(addresses), shared,
						(error != null) ? LookupFailures.named(question, error) : null);
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

	}

}
