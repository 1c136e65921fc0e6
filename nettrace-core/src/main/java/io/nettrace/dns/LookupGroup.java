package io.nettrace.dns;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeoutException;
import java.util.function.BiConsumer;

import io.nettrace.NetTrace;
import io.nettrace.NetTraceContext;
import io.nettrace.concurrent.Clock;
import io.nettrace.concurrent.LookupThreads;
import io.nettrace.dns.LookupFlight.Answer;
import io.nettrace.dns.SingleFlight.Waiter;
import org.jspecify.annotations.Nullable;

/**
 * The lookups of one wrapped resolver, its address filter included: fires the DNS hooks,
 * and lets concurrent callers with the same question share one call of the resolver.
 * Never share a group between clients: one would be handed addresses that the other's
 * filter denies. Go: {@code lookupIPAddr} in {@code src/net/lookup.go}.
 * <p>
 * A caller that gives up, because its time is up or it is interrupted or cancels, ends
 * only its own wait. The lookup goes on for the others and can still be joined; if no
 * other caller ever joined, it is forgotten at once.
 */
public final class LookupGroup {

	private final LookupSettings settings;

	private final LookupThreads.ForClient threads;

	private final Clock clock;

	private final boolean shares;

	private final boolean callsOnly;

	private final boolean asksJvm;

	private final SingleFlight<Question, LookupFlight> flights = new SingleFlight<>();

	/**
	 * Create a group.
	 * @param settings how lookups behave
	 * @param threads where a lookup runs whose caller may give up on it
	 * @param systemResolver whether lookups end at the JVM's own resolver or at the
	 * client library's default one, see {@link SingleFlightPolicy#SYSTEM}; {@code false}
	 * if that is not certain
	 */
	public LookupGroup(LookupSettings settings, LookupThreads threads, boolean systemResolver) {
		this(settings, threads, systemResolver, Clock.system());
	}

	/**
	 * Create a group that keeps time by the given clock.
	 * @param settings how lookups behave
	 * @param threads where a lookup runs whose caller may give up on it
	 * @param systemResolver as in
	 * {@link #LookupGroup(LookupSettings, LookupThreads, boolean)}
	 * @param clock the clock
	 */
	public LookupGroup(LookupSettings settings, LookupThreads threads, boolean systemResolver, Clock clock) {
		this(settings, threads, systemResolver, clock, false);
	}

	private LookupGroup(LookupSettings settings, LookupThreads threads, boolean systemResolver, Clock clock,
			boolean asksJvm) {
		this.settings = settings;
		this.threads = threads.forClient();
		this.clock = clock;
		this.asksJvm = asksJvm;
		this.shares = settings.singleFlight().shares(systemResolver);
		this.callsOnly = !this.shares && settings.timeout() == null;
	}

	/**
	 * Create a group whose lookups end at the JVM's own resolver, if they do: then they
	 * tell whether the JVM had the answer in its cache.
	 * @param settings how lookups behave
	 * @param threads where a lookup runs whose caller may give up on it
	 * @param jvm whether the JVM's resolver is asked; {@code false} if that is not
	 * certain
	 * @return the group
	 */
	public static LookupGroup ofJvm(LookupSettings settings, LookupThreads threads, boolean jvm) {
		return new LookupGroup(settings, threads, jvm, Clock.system(), jvm);
	}

	/**
	 * Whether a lookup asks the JVM.
	 */
	boolean asksJvm(NetTraceContext context) {
		return this.asksJvm && context.resolver() == null;
	}

	/**
	 * Whether a lookup is no more than a call of the resolver, as long as nothing
	 * listens.
	 * @param context what is bound around the lookup
	 * @return whether the caller may as well ask the resolver itself
	 */
	public boolean isTransparent(NetTraceContext context) {
		return this.callsOnly && context == NetTraceContext.empty();
	}

	/**
	 * Look up for a caller without a deadline of its own. The resolver is called on the
	 * calling thread, unless there is a timeout in the settings.
	 * @param trace whose hooks are called
	 * @param question what to look up
	 * @param lookup asks the resolver
	 * @return what the resolver returned, in its order and carrying the trace; a list of
	 * the caller's own
	 * @throws IOException what the resolver threw, as unchecked exceptions are too: the
	 * very same, though a caller that has joined another's lookup gets a copy of an
	 * {@link UnknownHostException}. The hooks get one that names the host. If there is a
	 * timeout, an {@link UnknownHostException} with a {@link TimeoutException} as cause
	 * if the caller's time was up and a {@link CancellationException} if it was
	 * interrupted
	 */
	public @Nullable List<InetSocketAddress> resolve(NetTrace trace, Question question, Lookup lookup)
			throws IOException {
		return resolve(trace, question, lookup, Clock.NEVER, this.settings.timeout() != null);
	}

	/**
	 * Look up for a caller that may give up: never on the calling thread.
	 * @param trace whose hooks are called
	 * @param question what to look up
	 * @param lookup asks the resolver
	 * @param deadline when the caller gives up, in the clock's time, or
	 * {@link Clock#NEVER}; the timeout of the settings holds as well
	 * @return as {@link #resolve(NetTrace, Question, Lookup)}
	 * @throws IOException as {@link #resolve(NetTrace, Question, Lookup)}
	 */
	public @Nullable List<InetSocketAddress> resolve(NetTrace trace, Question question, Lookup lookup, long deadline)
			throws IOException {
		return resolve(trace, question, lookup, deadline, true);
	}

	private @Nullable List<InetSocketAddress> resolve(NetTrace trace, Question question, Lookup lookup, long deadline,
			boolean mayGiveUp) throws IOException {
		boolean looksUp = question.needsLookup();
		if (looksUp) {
			trace.dnsStart(question.host());
		}
		long startNanos = System.nanoTime();
		Answer answer = looksUp ? ask(question, lookup, deadline, mayGiveUp)
				: LookupFlight.call(question, NetTraceContext.silent(), lookup);
		List<InetSocketAddress> addresses = null;
		Throwable error = answer.error();
		try {
			addresses = answer.carrying(trace);
		}
		catch (Throwable ex) {
			error = ex;
		}
		if (looksUp) {
			if (asksJvm(NetTraceContext.current())) {
				Answer.tellOfJvm(trace, question, startNanos, error);
			}
			Answer.done(trace, question, addresses, answer.shared(), error);
		}
		if (error != null) {
			throw LookupFailures.rethrow(error);
		}
		return addresses;
	}

	private Answer ask(Question question, Lookup lookup, long deadline, boolean mayGiveUp) {
		NetTraceContext context = NetTraceContext.current();
		NetTraceContext atWork = AlternateResolver.atWork(context);
		boolean shares = shares(context);
		return (shares || mayGiveUp) ? fly(question, atWork, lookup, deadline, mayGiveUp, shares)
				: LookupFlight.call(question, atWork, lookup);
	}

	private Answer fly(Question question, NetTraceContext atWork, Lookup lookup, long deadline, boolean mayGiveUp,
			boolean mayShare) {
		long giveUp = Math.min(deadline, this.clock.deadlineIn(this.settings.timeout()));
		boolean shares = mayShare;
		while (shares || mayGiveUp) {
			LookupFlight own = new LookupFlight(question);
			LookupFlight flight = shares ? this.flights.joinOrStart(own) : own;
			if (flight == own) {
				if (!mayGiveUp) {
					return own.runHere(atWork, lookup);
				}
				try {
					own.runOn(this.threads, atWork, lookup);
				}
				catch (OutOfMemoryError noThread) {
					return own.runHere(atWork, lookup); // as without a timeout
				}
			}
			Answer answer = await(flight, question, giveUp, mayGiveUp);
			if (answer != null && answer.error() instanceof LookupFlight.AskAgain) {
				continue;
			}
			Answer mine = (answer != null) ? flight.forPort(question.port(), answer) : null;
			if (mine != null) {
				return (flight == own) ? mine : mine.forJoiner();
			}
			shares = false;
		}
		return LookupFlight.call(question, atWork, lookup);
	}

	/**
	 * Whether a lookup may be shared. It may not if the caller is itself a resolver at
	 * work, which might join the very flight that waits for it; nor with an alternate
	 * resolver, whose answers are only for the callers that have bound it.
	 * @param context what is bound around the lookup
	 * @return whether other callers may get the same answer
	 */
	public boolean shares(NetTraceContext context) {
		return this.shares && !context.isSilent() && context.resolver() == null;
	}

	/**
	 * Wait for a flight.
	 * @return {@code null} if the caller cannot give up and is interrupted: it then calls
	 * the resolver itself, which does what it does on an interrupted thread
	 */
	private @Nullable Answer await(LookupFlight flight, Question question, long giveUp, boolean mayGiveUp) {
		Clock.Mailbox<Answer> mailbox = this.clock.mailbox();
		Waiter<List<InetSocketAddress>> waiter = (value, error, shared) -> mailbox
			.put(new Answer(value, shared, error));
		flight.await(waiter);
		Throwable gaveUp;
		try {
			Answer answer = mailbox.poll(giveUp);
			if (answer != null) {
				flight.tellOthers();
				return answer;
			}
			gaveUp = LookupFailures.timedOut(question);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			gaveUp = LookupFailures.cancelled(question);
		}
		flight.leave(waiter);
		return mayGiveUp ? new Answer(null, false, gaveUp) : null;
	}

	/**
	 * Look up for a caller that does not wait.
	 * @param context what was bound around the request
	 * @param trace whose hooks are called, on the caller's executor but for
	 * {@code dnsStart}, which is called by this thread
	 * @param question what to look up
	 * @param lookup starts the resolver, if the question is not joined to another's
	 * @param caller where hooks and result are delivered; should it reject them, they are
	 * delivered by the thread that has the answer
	 * @param whenDone is given, once, the addresses as the blocking call returns them, or
	 * the failure as it throws it
	 * @return cancels: this caller's lookup ends at once, with a
	 * {@link CancellationException} as cause
	 */
	public Runnable resolve(NetTraceContext context, NetTrace trace, Question question, Lookup.Async lookup,
			AsyncCaller caller,
			BiConsumer<? super @Nullable List<InetSocketAddress>, ? super @Nullable Throwable> whenDone) {
		AsyncLookup asyncLookup = new AsyncLookup(this, context, trace, question, lookup, caller, whenDone);
		asyncLookup.start(this.settings.timeout());
		return asyncLookup::cancel;
	}

	LookupFlight joinOrStart(LookupFlight own) {
		return this.flights.joinOrStart(own);
	}

	LookupThreads.ForClient threads() {
		return this.threads;
	}

	int inFlight() {
		return this.flights.size();
	}

	int abandoned() {
		return this.threads.abandoned();
	}

}
