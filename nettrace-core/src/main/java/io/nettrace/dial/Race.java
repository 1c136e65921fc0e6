package io.nettrace.dial;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;

import io.nettrace.concurrent.Clock;
import io.nettrace.concurrent.Clock.Mailbox;
import org.jspecify.annotations.Nullable;

/**
 * The lists of one dial that race. The calling thread begins the first one, and whenever
 * the delay has passed a thread of the executor begins the next. A thread whose list has
 * failed begins the next one at once. So there is no other thread as long as the first
 * address connects in time, and a list for which no thread can be started is not lost.
 *
 * @param <C> the type of the connection
 */
final class Race<C> {

	private final List<List<InetSocketAddress>> lists;

	private final Serial<C> serial;

	private final DialHandle handle;

	private final Executor executor;

	private final Delays delays;

	private final Duration delay;

	/**
	 * The numbers of the lists that have ended, for the calling thread to wait for.
	 */
	private final Mailbox<Integer> ends;

	// The rest is guarded by this

	private final @Nullable DialFailure[] failures;

	private int begun;

	private int running;

	private @Nullable Runnable timer;

	private @Nullable C connection;

	Race(List<List<InetSocketAddress>> lists, Serial<C> serial, DialHandle handle, Executor executor, Delays delays,
			Duration delay, Mailbox<Integer> ends) {
		this.lists = lists;
		this.serial = serial;
		this.handle = handle;
		this.executor = executor;
		this.delays = delays;
		this.delay = delay;
		this.ends = ends;
		this.failures = new DialFailure[lists.size()];
	}

	/**
	 * Tries the addresses of a list one after the other.
	 *
	 * @param <C> the type of the connection
	 */
	@FunctionalInterface
	interface Serial<C> {

		C dial(List<InetSocketAddress> addresses) throws DialFailure;

	}

	/**
	 * Race.
	 * @return the first connection
	 * @throws DialFailure the first list's, with the others beside it, if there is none
	 */
	C run() throws DialFailure {
		try {
			contend(0);
			awaitOthers();
			return result();
		}
		finally {
			this.handle.close();
			synchronized (this) {
				endTimer();
			}
		}
	}

	/**
	 * Try a list and, if it fails, the lists that no other thread has begun by then.
	 */
	private void contend(int number) {
		for (int list = number; begins(list); list = nextList()) {
			try {
				letWait(list + 1);
				connected(list, this.serial.dial(this.lists.get(list)));
			}
			catch (DialFailure failure) {
				failed(list, failure);
			}
			catch (Throwable ex) {
				failed(list, new DialFailure(this.lists.get(list).get(0), ex));
			}
		}
	}

	/**
	 * Whether it is the turn of a list.
	 */
	private synchronized boolean begins(int number) {
		if (number != this.begun || number == this.lists.size() || (number > 0 && isOver())) {
			return false;
		}
		this.begun++;
		this.running++;
		endTimer();
		return true;
	}

	/**
	 * Let a list wait for its turn, unless another has failed already.
	 */
	private synchronized void letWait(int number) {
		if (number == this.begun && number < this.lists.size()) {
			this.timer = this.delays.start(this.delay, () -> inAnotherThread(number));
		}
	}

	private boolean isOver() {
		return this.handle.isOver() || this.handle.isInterrupted();
	}

	private synchronized int nextList() {
		return this.begun;
	}

	/**
	 * Without a thread the list is left to the threads that try other lists now.
	 */
	private void inAnotherThread(int number) {
		try {
			this.executor.execute(() -> contend(number));
		}
		catch (RuntimeException | Error ignored) {
			// "unable to create native thread", perhaps when the task was queued already
		}
	}

	private void endTimer() {
		if (this.timer != null) {
			this.timer.run();
			this.timer = null;
		}
	}

	private void connected(int number, C connection) {
		synchronized (this) {
			this.running--;
			this.connection = connection;
		}
		this.ends.put(number);
		this.handle.close(); // the calling thread may itself be trying an address
	}

	private void failed(int number, DialFailure failure) {
		synchronized (this) {
			this.running--;
			this.failures[number] = failure;
		}
		this.ends.put(number);
	}

	/**
	 * Wait for the other threads, unless there is a connection. An interruption may
	 * cancel the dial; they are waited for all the same, so that no attempt outlives it.
	 */
	private void awaitOthers() {
		boolean interrupted = false;
		while (isUndecided()) {
			try {
				this.ends.poll(Clock.NEVER);
			}
			catch (InterruptedException ex) {
				interrupted = true;
				if (this.handle.isInterruptible()) {
					this.handle.close();
				}
			}
		}
		if (interrupted) {
			Thread.currentThread().interrupt();
		}
	}

	private synchronized boolean isUndecided() {
		return this.connection == null && this.running > 0;
	}

	private synchronized C result() throws DialFailure {
		if (this.connection != null) {
			return this.connection;
		}
		List<DialFailure> all = new ArrayList<>();
		for (DialFailure failure : this.failures) {
			if (failure != null) {
				all.add(failure);
			}
		}
		throw DialFailure.firstOf(all);
	}

}
