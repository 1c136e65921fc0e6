package io.nettrace.dial;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executor;

import io.nettrace.NetTrace;
import io.nettrace.concurrent.Clock;
import io.nettrace.instrument.NetTraceAddress;
import org.jspecify.annotations.Nullable;

/**
 * Connects to a host that has several addresses, and fires the connect hooks of each
 * attempt. Go: {@code Dialer} in {@code src/net/dial.go}, whose methods these are.
 * <p>
 * The {@link DialStrategy} puts the addresses into lists, and a list is tried one address
 * after the other. The first list, or the only one, as with addresses of one family, is
 * tried by the calling thread. Several lists race: the next one starts when the delay has
 * passed, on a thread of the executor, or when a list has failed, on the thread of that.
 * The first connection wins; the other attempts are closed, and their hooks are told a
 * {@link java.util.concurrent.CancellationException}, perhaps after the dial has
 * returned.
 * <p>
 * Interrupting the calling thread cancels a dial, unless its {@link DialHandle} says
 * otherwise, and so does closing that handle. While it tries an address itself, the
 * connector has to react to the interrupt. A list for which the executor has no thread is
 * tried when another has failed. A dialer is safe for use by several threads.
 */
public final class Dialer {

	// Go's saneMinimum: an attempt gets that much if there is that much left
	private static final Duration LEAST_SHARE = Duration.ofSeconds(2);

	private final DialSettings settings;

	private final Executor executor;

	private final Clock clock;

	private final Delays delays;

	/**
	 * Create a dialer.
	 * @param settings how to dial
	 * @param executor runs the lists that race with the first; must not run them on the
	 * calling thread, nor make one wait for another
	 */
	public Dialer(DialSettings settings, Executor executor) {
		this(settings, executor, Clock.system(), Delays.on(Runnable::run));
	}

	Dialer(DialSettings settings, Executor executor, Clock clock, Delays delays) {
		this.settings = settings;
		this.executor = executor;
		this.clock = clock;
		this.delays = delays;
	}

	/**
	 * Connect to the first address that answers.
	 * @param <C> the type of the connection
	 * @param network what the hooks are told; only addresses of {@code tcp} race
	 * @param addresses the addresses in the resolver's order, at least one; each may
	 * carry the trace of its attempt ({@link NetTraceAddress})
	 * @param connector opens and connects the sockets
	 * @param handle cancels this dial; a new one for each
	 * @return the connection
	 * @throws java.io.InterruptedIOException if the dial was cancelled, with a
	 * {@link java.util.concurrent.CancellationException} as cause
	 * @throws IOException if no address answers: of the class of the first address's
	 * error, for example {@link java.net.ConnectException} or
	 * {@link java.net.SocketTimeoutException}. The message names the addresses, the cause
	 * is that error, and the errors of other addresses are suppressed; of more than ten
	 * others, those of the first ten
	 */
	public <C extends Closeable> C dial(String network, List<? extends InetSocketAddress> addresses,
			Connector<C> connector, DialHandle handle) throws IOException {
		return dial(network, addresses, connector, handle, deadline());
	}

	/**
	 * Connect by the deadline of a dial that began with a lookup.
	 */
	<C extends Closeable> C dial(String network, List<? extends InetSocketAddress> addresses, Connector<C> connector,
			DialHandle handle, long deadline) throws IOException {
		if (addresses.isEmpty()) {
			throw new IllegalArgumentException("'addresses' must have at least one address");
		}
		handle.start();
		return dial(new Dial<>(network, connector, handle, deadline), List.copyOf(addresses));
	}

	/**
	 * Return when a dial that begins now gives up.
	 */
	long deadline() {
		return this.clock.deadlineIn(this.settings.timeout());
	}

	private <C extends Closeable> C dial(Dial<C> dial, List<InetSocketAddress> addresses) throws IOException {
		boolean races = dial.network.equals("tcp") && this.settings.races();
		try {
			return dialParallel(dial, races ? this.settings.strategy().lists(addresses) : List.of(addresses));
		}
		catch (DialFailure failure) {
			throw failure.toException(dial.network, addresses);
		}
	}

	/**
	 * Race the lists, giving each a head start over the next.
	 */
	private <C extends Closeable> C dialParallel(Dial<C> dial, List<List<InetSocketAddress>> lists) throws DialFailure {
		if (lists.size() == 1 || dial.isOver()) {
			return dialSerial(dial, lists.get(0));
		}
		return new Race<>(lists, (addresses) -> dialSerial(dial, addresses), dial.handle, this.executor, this.delays,
				this.settings.delay(), this.clock.mailbox())
			.run();
	}

	/**
	 * Try one address after the other. If none answers it is the first one's error that
	 * counts, unless the dial is cancelled in between: then the error names the address
	 * that would have been next.
	 */
	private <C extends Closeable> C dialSerial(Dial<C> dial, List<InetSocketAddress> addresses) throws DialFailure {
		List<DialFailure> failures = new ArrayList<>();
		for (int i = 0; i < addresses.size(); i++) {
			InetSocketAddress address = addresses.get(i);
			if (dial.isOver()) {
				failures.add(0, new DialFailure(address, DialFailure.cancelled(null)));
				break;
			}
			if (this.clock.hasPassed(dial.deadline)) {
				if (failures.isEmpty()) {
					failures.add(new DialFailure(address, DialFailure.timedOut()));
				}
				break;
			}
			try {
				return dialSingle(dial, address, attemptDeadline(dial.deadline, addresses.size() - i));
			}
			catch (DialFailure failure) {
				failures.add(failure);
			}
		}
		throw DialFailure.firstOf(failures);
	}

	/**
	 * Return the deadline of the next attempt: an equal share of what is left for the
	 * addresses that are left, but at least 2 s, because less is of no use. Go:
	 * {@code partialDeadline}.
	 */
	private long attemptDeadline(long deadline, int addressesLeft) {
		long attemptDeadline = this.clock.deadlineIn(this.settings.attemptTimeout());
		Duration left = this.clock.until(deadline);
		if (left == null) {
			return attemptDeadline;
		}
		Duration share = left.dividedBy(addressesLeft);
		if (share.compareTo(LEAST_SHARE) < 0) {
			share = (left.compareTo(LEAST_SHARE) < 0) ? left : LEAST_SHARE;
		}
		return Math.min(attemptDeadline, this.clock.deadlineIn(share));
	}

	/**
	 * Try one address. The only place that fires the connect hooks, so that no way out
	 * can miss the second one.
	 */
	private <C extends Closeable> C dialSingle(Dial<C> dial, InetSocketAddress address, long deadline)
			throws DialFailure {
		NetTrace trace = Objects.requireNonNullElse(NetTraceAddress.traceOf(address), NetTrace.NONE);
		C connection;
		trace.connectStart(dial.network, address);
		try {
			connection = connect(dial, address, deadline);
		}
		catch (IOException | RuntimeException | Error ex) {
			trace.connectDone(dial.network, address, ex);
			throw new DialFailure(address, ex);
		}
		try {
			trace.connectDone(dial.network, address, null);
		}
		catch (Throwable ex) { // the JVM is out of memory
			DialHandle.closeQuietly(connection);
			throw ex;
		}
		return connection;
	}

	private <C extends Closeable> C connect(Dial<C> dial, InetSocketAddress address, long deadline) throws IOException {
		C socket = dial.connector.open(address);
		try {
			if (dial.handle.add(socket)) {
				dial.connector.connect(socket, address, timeLeft(deadline));
				if (dial.handle.win(socket)) {
					return socket;
				}
			}
			throw DialFailure.cancelled(null);
		}
		catch (IOException | RuntimeException | Error ex) {
			boolean closedByHandle = !dial.handle.remove(socket);
			DialHandle.closeQuietly(socket);
			if (closedByHandle || dial.handle.isInterrupted()) {
				throw DialFailure.cancelled(ex);
			}
			throw ex;
		}
	}

	private @Nullable Duration timeLeft(long deadline) throws SocketTimeoutException {
		Duration left = this.clock.until(deadline);
		if (left != null && (left.isNegative() || left.isZero())) {
			throw DialFailure.timedOut();
		}
		return left;
	}

	/**
	 * What stays the same during one dial. Go: {@code sysDialer}.
	 */
	private record Dial<C extends Closeable>(String network, Connector<C> connector, DialHandle handle, long deadline) {

		/**
		 * Whether no further attempt may start.
		 */
		boolean isOver() {
			return this.handle.isOver() || this.handle.isInterrupted();
		}

	}

}
