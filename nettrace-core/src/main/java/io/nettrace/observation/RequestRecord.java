package io.nettrace.observation;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.LongSupplier;
import java.util.stream.Stream;

import io.micrometer.observation.Observation;
import io.micrometer.observation.transport.Kind;
import io.micrometer.observation.transport.SenderContext;
import io.nettrace.ConnectionInfo;
import io.nettrace.ConnectionTarget;
import io.nettrace.DnsAnswerInfo;
import io.nettrace.ResponseInfo;
import org.jspecify.annotations.Nullable;

/**
 * Where the time of one request went, and on which connection. Its phases follow each
 * other without a gap, so their times add up exactly to that of the request. It is an
 * entry of the context of the request's observation, under this class. Safe for use by
 * several threads.
 */
public final class RequestRecord {

	private static final int MAX_FAILURES = 10;

	private final LongSupplier nanoTime;

	// The rest is guarded by this

	private final long @Nullable [] nanos;

	private Phase phase = Phase.OTHER;

	private long since;

	private long total;

	private boolean ended;

	/**
	 * Whether the response was still being read at the end.
	 */
	private boolean reads;

	/**
	 * What is done when it has been read.
	 */
	private List<Runnable> whenRead = List.of();

	private int exchanges;

	private @Nullable ConnectionTarget target;

	private @Nullable ConnectionInfo connection;

	private @Nullable String lookedUp;

	private @Nullable DnsAnswerInfo dnsAnswer;

	private List<Failure> failures = List.of();

	private boolean answered;

	private @Nullable Phase failedIn;

	private boolean failedLate;

	/**
	 * Begin the record of a request that starts now.
	 */
	public RequestRecord() {
		this(System::nanoTime, true);
	}

	RequestRecord(LongSupplier nanoTime, boolean kept) {
		this.nanoTime = nanoTime;
		this.nanos = kept ? new long[Phase.ALL.size()] : null;
		this.since = nanoTime.getAsLong();
	}

	/**
	 * Begin a record that goes nowhere: it tells how long each phase takes, and does not
	 * add them up.
	 */
	static RequestRecord unkept() {
		return new RequestRecord(System::nanoTime, false);
	}

	/**
	 * Return the record of a request.
	 * @param context the context of its observation
	 * @return the record, or {@code null} if there is none
	 */
	public static @Nullable RequestRecord of(Observation.ContextView context) {
		return context.get(RequestRecord.class);
	}

	/**
	 * A step or an exchange that has failed.
	 *
	 * @param phase the phase in which it failed
	 * @param errorType as in {@code error.type}
	 * @param detail what became of the connection, or {@code null}
	 */
	public record Failure(Phase phase, String errorType, @Nullable String detail) {

		@Override
		public String toString() {
			return this.phase + ": " + this.errorType;
		}

	}

	/**
	 * Whether an observation is that of an outgoing request.
	 */
	static boolean isRequest(Observation.ContextView context) {
		return context instanceof SenderContext<?> sender && sender.getKind() == Kind.CLIENT;
	}

	/**
	 * Go on to another phase.
	 * @return how long the one before took, also of a request that is over
	 */
	synchronized long enter(Phase next) {
		long spent = spend();
		this.phase = next;
		this.reads = false;
		this.answered |= next == Phase.RECEIVE;
		return spent;
	}

	/**
	 * Count the time up to now for the phase.
	 */
	private long spend() {
		long now = this.nanoTime.getAsLong();
		long spent = now - this.since;
		this.since = now;
		if (isOpen() && this.nanos != null) {
			this.nanos[index(this.phase)] += spent;
			this.total += spent;
		}
		return spent;
	}

	private boolean isOpen() {
		return !this.ended || this.reads;
	}

	@SuppressWarnings("EnumOrdinal") // as EnumMap does, which would make objects of the
										// numbers
	private static int index(Phase phase) {
		return phase.ordinal();
	}

	synchronized Phase current() {
		return this.phase;
	}

	synchronized void exchangeBegins(ConnectionTarget target) {
		if (!this.ended) {
			this.exchanges++;
			this.target = target;
		}
	}

	/**
	 * A lookup begins, of the host or of a proxy.
	 */
	synchronized void looksUp(String host) {
		if (!this.ended) {
			this.lookedUp = host;
			this.dnsAnswer = null;
		}
	}

	/**
	 * It is known where the answer of the lookup came from.
	 */
	synchronized void answered(DnsAnswerInfo answer) {
		if (!this.ended) {
			this.dnsAnswer = answer;
		}
	}

	/**
	 * An exchange has its connection; what failed before does not matter any more.
	 */
	synchronized void connected(ConnectionInfo connection) {
		if (!this.ended) {
			this.connection = connection;
			this.answered = false;
			this.failedIn = null;
		}
	}

	/**
	 * Something has failed; the library may still go on.
	 */
	synchronized void failed(Phase phase, String errorType) {
		failed(phase, errorType, ResponseInfo.NO_GOAWAY);
	}

	/**
	 * An exchange has failed; the library may still go on.
	 * @param goAway as in {@link ResponseInfo#goAway()}
	 */
	synchronized void failed(Phase phase, String errorType, long goAway) {
		if (isOpen()) {
			this.failedIn = phase;
			this.failedLate = this.ended;
			if (this.failures.size() < MAX_FAILURES) {
				List<Failure> failures = new ArrayList<>(this.failures);
				failures.add(new Failure(phase, errorType, detail(errorType, goAway)));
				this.failures = List.copyOf(failures);
			}
		}
	}

	/**
	 * What the record knows of a failure and the failure does not say.
	 */
	private @Nullable String detail(String errorType, long goAway) {
		if (goAway != ResponseInfo.NO_GOAWAY) {
			return "the server sent GOAWAY (" + Http2ErrorCodes.name(goAway) + ")";
		}
		ConnectionInfo connection = this.connection;
		if (connection == null || !connection.wasIdle() || this.answered) {
			return null;
		}
		return switch (errorType) {
			case "connection_closed" -> idle(connection, "closed");
			case "connection_reset" -> idle(connection, "reset");
			default -> null;
		};
	}

	private static String idle(ConnectionInfo connection, String end) {
		return String.format(Locale.ROOT, "kept %.1f s idle, %s by the peer before the first byte",
				connection.idleTime().toMillis() / 1e3, end);
	}

	/**
	 * The request is over. What happens later is not in its record, but for the response
	 * that is still being read: a library may tell the application of a failure before it
	 * ends the exchange.
	 * @param error why the request has failed, or {@code null}
	 */
	synchronized void end(@Nullable Throwable error) {
		if (!this.ended) {
			spend();
			if (error != null && this.failedIn == null && this.phase != Phase.OTHER && isOfThePhase(error)) {
				failed(this.phase, ErrorType.of(error));
			}
			this.ended = true;
			this.reads = error == null && this.phase == Phase.RECEIVE;
		}
	}

	/**
	 * Do something once the response has been read, now if it is not being read.
	 */
	void whenRead(Runnable action) {
		synchronized (this) {
			if (this.reads) {
				this.whenRead = Stream.concat(this.whenRead.stream(), Stream.of(action)).toList();
				return;
			}
		}
		action.run();
	}

	/**
	 * The response has been read. Called without a lock.
	 */
	void isRead() {
		List<Runnable> actions;
		synchronized (this) {
			if (this.whenRead.isEmpty()) {
				return;
			}
			actions = this.whenRead;
			this.whenRead = List.of();
		}
		actions.forEach(Runnable::run);
	}

	/**
	 * What fails once there is a response may be the application, which does not like the
	 * status or the body.
	 */
	private boolean isOfThePhase(Throwable error) {
		return !this.answered || ErrorType.isKnown(error);
	}

	/**
	 * Return how long the request has been in a phase.
	 * @param phase the phase
	 * @return nanoseconds, 0 if it never was
	 */
	public synchronized long nanos(Phase phase) {
		return (this.nanos != null) ? this.nanos[index(phase)] : 0;
	}

	/**
	 * Return how long the request took.
	 * @return nanoseconds from its start to its end, or to the beginning of the phase
	 * that it is in
	 */
	public synchronized long total() {
		return this.total;
	}

	/**
	 * Return how long ago the request has begun.
	 * @return nanoseconds; of a request that is over, how long it took
	 */
	public synchronized long elapsed() {
		return isOpen() ? this.total + this.nanoTime.getAsLong() - this.since : this.total;
	}

	/**
	 * Return how many exchanges there were.
	 * @return 1 for most requests, more with redirects and retries, 0 if none has asked
	 * for a connection
	 */
	public synchronized int exchanges() {
		return this.exchanges;
	}

	/**
	 * Return what the last exchange was for.
	 * @return host and port, or {@code null} if there was no exchange
	 */
	public synchronized @Nullable ConnectionTarget target() {
		return this.target;
	}

	/**
	 * Return what the last lookup was for.
	 * @return the host, that of a proxy perhaps, or {@code null} if there was no lookup
	 */
	public synchronized @Nullable String lookedUp() {
		return this.lookedUp;
	}

	/**
	 * Return where the answer of the last lookup came from.
	 * @return the answer, or {@code null} if it is not known
	 */
	public synchronized @Nullable DnsAnswerInfo dnsAnswer() {
		return this.dnsAnswer;
	}

	/**
	 * Return the connection of the last exchange that had one.
	 * @return the connection as the exchange has found it, or {@code null}
	 */
	public synchronized @Nullable ConnectionInfo connection() {
		return this.connection;
	}

	/**
	 * Return the phase to look at.
	 * @param failed whether the request has failed
	 * @return the phase in which a request failed, or else the one that took longest;
	 * {@link Phase#OTHER} if it was in no other
	 */
	public synchronized Phase verdict(boolean failed) {
		Phase failedIn = failedIn(failed);
		return (failedIn != null) ? failedIn : longest();
	}

	/**
	 * Return the phase in which the request failed.
	 * @return the phase, {@code null} if it did not fail, or in no phase
	 */
	synchronized @Nullable Phase failedIn(boolean failed) {
		return (failed || this.failedLate) ? this.failedIn : null;
	}

	/**
	 * Return what has failed, also if the library got over it: attempts, handshakes,
	 * exchanges that were sent again.
	 * @return the first ten, in their order
	 */
	public synchronized List<Failure> failures() {
		return this.failures;
	}

	private Phase longest() {
		Phase longest = Phase.OTHER;
		long most = 0;
		for (Phase each : Phase.ALL) {
			long nanos = nanos(each);
			if (each != Phase.OTHER && nanos > most) {
				longest = each;
				most = nanos;
			}
		}
		return longest;
	}

}
