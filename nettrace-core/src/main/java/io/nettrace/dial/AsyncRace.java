package io.nettrace.dial;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

import org.jspecify.annotations.Nullable;

/**
 * One dial of an {@link AsyncDialer}: each list of addresses is tried one after the
 * other, and the lists race. Nothing of others is called while its lock is held.
 *
 * @param <C> the type of the connection
 */
final class AsyncRace<C> {

	private final List<List<InetSocketAddress>> lists;

	private final AsyncConnector<C> connector;

	private final Duration delay;

	private final Delays delays;

	// The rest is guarded by this

	private final Set<Attempt> underWay = new LinkedHashSet<>();

	private final Map<InetSocketAddress, Throwable> failures = new LinkedHashMap<>();

	/**
	 * How many lists have been begun.
	 */
	private int begun;

	/**
	 * How many of them still have an address that is or will be tried.
	 */
	private int racing;

	private @Nullable Runnable timer;

	private @Nullable Attempt winner;

	private boolean over;

	AsyncRace(List<List<InetSocketAddress>> lists, AsyncConnector<C> connector, Duration delay, Delays delays) {
		this.lists = lists;
		this.connector = connector;
		this.delay = delay;
		this.delays = delays;
	}

	/**
	 * Begin the next list, and let the one after it wait.
	 * @param number the list's number, which may have been begun already
	 */
	void nextList(int number) {
		Iterator<InetSocketAddress> list;
		synchronized (this) {
			if (this.over || number != this.begun || number == this.lists.size()) {
				return;
			}
			endTimer();
			list = this.lists.get(number).iterator();
			this.begun++;
			this.racing++;
		}
		tryNext(list);
		waitFor(number + 1);
	}

	private void waitFor(int number) {
		if (this.delay.isZero()) {
			nextList(number);
			return;
		}
		synchronized (this) {
			if (!this.over && number == this.begun && number < this.lists.size()) {
				endTimer();
				this.timer = this.delays.start(this.delay, () -> nextList(number));
			}
		}
	}

	private void endTimer() {
		if (this.timer != null) {
			this.timer.run();
			this.timer = null;
		}
	}

	private void tryNext(Iterator<InetSocketAddress> list) {
		Attempt attempt;
		synchronized (this) {
			if (this.over) {
				return;
			}
			attempt = new Attempt(list.next(), list);
			this.underWay.add(attempt);
		}
		try {
			attempt.endsWith(this.connector.connect(attempt.address, attempt));
		}
		catch (RuntimeException ex) {
			attempt.failed(ex);
		}
		catch (Error ex) {
			attempt.failed(ex);
			throw ex;
		}
	}

	/**
	 * End the race without a winner.
	 */
	void cancel() {
		List<Runnable> ends;
		synchronized (this) {
			if (this.over) {
				return;
			}
			this.over = true;
			ends = ends();
		}
		runAll(ends);
	}

	/**
	 * Return what ends the attempts under way. One whose beginning has not returned yet
	 * is ended when it has.
	 */
	private List<Runnable> ends() {
		endTimer();
		List<Runnable> ends = new ArrayList<>();
		for (Attempt each : this.underWay) {
			Runnable end = (each != this.winner) ? each.end : null;
			if (end != null) {
				each.end = null;
				ends.add(end);
			}
		}
		return ends;
	}

	private static void runAll(List<Runnable> tasks) {
		for (Runnable task : tasks) {
			try {
				task.run();
			}
			catch (RuntimeException ignored) {
				// it was never connected, so nothing is lost
			}
		}
	}

	private final class Attempt implements AsyncAttempt<C> {

		private final InetSocketAddress address;

		private final Iterator<InetSocketAddress> list;

		// Guarded by the race
		private @Nullable Runnable end;

		Attempt(InetSocketAddress address, Iterator<InetSocketAddress> list) {
			this.address = address;
			this.list = list;
		}

		void endsWith(@Nullable Runnable end) {
			synchronized (AsyncRace.this) {
				boolean isLost = AsyncRace.this.over && AsyncRace.this.winner != this
						&& AsyncRace.this.underWay.contains(this);
				if (!isLost) {
					this.end = end;
					return;
				}
			}
			if (end != null) {
				runAll(List.of(end));
			}
		}

		@Override
		public boolean wins() {
			synchronized (AsyncRace.this) {
				if (!AsyncRace.this.over && AsyncRace.this.underWay.contains(this)) {
					AsyncRace.this.over = true;
					AsyncRace.this.winner = this;
				}
				return AsyncRace.this.winner == this;
			}
		}

		@Override
		public void connected(C connection) {
			if (!wins()) {
				throw new IllegalStateException("This attempt has not won: its connection is to be closed");
			}
			List<Runnable> losers;
			synchronized (AsyncRace.this) {
				losers = ends();
			}
			try {
				runAll(losers);
			}
			finally {
				AsyncRace.this.connector.connected(connection);
			}
		}

		@Override
		public void failed(Throwable error) {
			boolean next;
			int begun;
			synchronized (AsyncRace.this) {
				if (!AsyncRace.this.underWay.remove(this) || AsyncRace.this.over) {
					return;
				}
				AsyncRace.this.failures.put(this.address, error);
				next = this.list.hasNext();
				if (!next) {
					AsyncRace.this.racing--;
				}
				begun = AsyncRace.this.begun;
			}
			if (next) {
				tryNext(this.list);
			}
			else {
				nextList(begun);
				failIfOver();
			}
		}

		private void failIfOver() {
			synchronized (AsyncRace.this) {
				if (AsyncRace.this.over || AsyncRace.this.racing > 0
						|| AsyncRace.this.begun < AsyncRace.this.lists.size()) {
					return;
				}
				AsyncRace.this.over = true;
			}
			AsyncRace.this.connector.failed(AsyncRace.this.failures);
		}

	}

}
