package io.nettrace.dns;

import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;

import org.jspecify.annotations.Nullable;

/**
 * Lets concurrent callers with the same key share one result. It knows neither DNS nor
 * threads: the caller that starts a flight must complete it, and every waiting caller is
 * called back. Nothing is kept once a flight is over. Go:
 * {@code src/internal/singleflight/singleflight.go}.
 *
 * @param <K> the type of the keys
 * @param <F> the type of the flights
 */
final class SingleFlight<K, F extends SingleFlight.Flight<K, ?>> {

	private final ConcurrentHashMap<K, F> flights = new ConcurrentHashMap<>();

	/**
	 * Join the flight for a key, or start one.
	 * @param candidate the flight to start if none is under way
	 * @return the flight to wait for: the candidate itself if the caller is the first,
	 * which then has to complete it
	 */
	F joinOrStart(F candidate) {
		candidate.enter(this);
		while (true) {
			F running = this.flights.putIfAbsent(candidate.key(), candidate);
			if (running == null) {
				return candidate;
			}
			if (running.join()) {
				return running;
			}
			forget(running); // over, but not removed yet
		}
	}

	private void forget(Flight<K, ?> flight) {
		this.flights.remove(flight.key(), flight);
	}

	int size() {
		return this.flights.size();
	}

	/**
	 * Is told how a flight ended.
	 *
	 * @param <V> the answer
	 */
	interface Waiter<V> {

		/**
		 * The flight is over. Called once, with no lock held. It must not throw, because
		 * other waiters are called after it.
		 * @param value the answer, {@code null} on failure
		 * @param error the failure
		 * @param shared whether another caller joined the one that started the flight
		 */
		void landed(@Nullable V value, @Nullable Throwable error, boolean shared);

	}

	/**
	 * One piece of work and its waiters. Its state is guarded by its monitor, and no
	 * foreign code is called while that is held. Once the flight is over, its state no
	 * longer changes, except for the queue of waiters that are still to be called.
	 *
	 * @param <K> the type of the keys
	 * @param <V> the type of the results
	 */
	static class Flight<K, V> {

		private final K key;

		private @Nullable SingleFlight<K, ?> group;

		private int waiting = 1;

		private boolean joined;

		private boolean over;

		private @Nullable V value;

		private @Nullable Throwable error;

		private @Nullable Waiter<V> firstWaiter;

		// In order of arrival; several threads may take from it
		private @Nullable Queue<Waiter<V>> otherWaiters;

		Flight(K key) {
			this.key = key;
		}

		K key() {
			return this.key;
		}

		void enter(SingleFlight<K, ?> group) {
			this.group = group;
		}

		boolean join() {
			boolean abandoned;
			synchronized (this) {
				if (this.over) {
					return false;
				}
				abandoned = (this.waiting == 0);
				this.joined = true;
				this.waiting++;
			}
			if (abandoned) {
				reclaimed();
			}
			return true;
		}

		/**
		 * Call a waiter when the flight is over, at once if it is over already.
		 */
		final void await(Waiter<V> waiter) {
			synchronized (this) {
				if (!this.over) {
					add(waiter);
					return;
				}
			}
			waiter.landed(this.value, this.error, this.joined);
		}

		private void add(Waiter<V> waiter) {
			if (this.firstWaiter == null && this.otherWaiters == null) {
				this.firstWaiter = waiter;
				return;
			}
			if (this.otherWaiters == null) {
				this.otherWaiters = new ConcurrentLinkedQueue<>();
			}
			this.otherWaiters.add(waiter);
		}

		private boolean remove(Waiter<V> waiter) {
			if (this.over) {
				return false;
			}
			if (this.firstWaiter == waiter) {
				this.firstWaiter = null;
				return true;
			}
			return this.otherWaiters != null && this.otherWaiters.remove(waiter);
		}

		/**
		 * Stop waiting. If no other caller ever joined, the flight is forgotten, so that
		 * the next caller starts a new one; otherwise it goes on and can still be joined.
		 * @return {@code false} if it was too late: the waiter has been or is being
		 * called
		 */
		final boolean leave(Waiter<V> waiter) {
			boolean abandoned;
			boolean unshared;
			synchronized (this) {
				if (!remove(waiter)) {
					return false;
				}
				this.waiting--;
				abandoned = (this.waiting == 0);
				unshared = !this.joined;
			}
			if (abandoned) {
				abandoned();
			}
			if (unshared && this.group != null) {
				this.group.forget(this);
			}
			return true;
		}

		/**
		 * End the flight and call all waiters.
		 * @return whether another caller ever joined
		 */
		final boolean land(@Nullable V value, @Nullable Throwable error) {
			boolean abandoned;
			boolean shared;
			synchronized (this) {
				shared = this.joined;
				if (this.over) {
					return shared;
				}
				this.over = true;
				this.value = value;
				this.error = error;
				abandoned = (this.waiting == 0);
			}
			if (this.group != null) {
				this.group.forget(this);
			}
			if (abandoned) {
				reclaimed();
			}
			if (this.firstWaiter != null) {
				this.firstWaiter.landed(value, error, shared);
			}
			tellOthers();
			return shared;
		}

		/**
		 * End the flight if the caller that started it is alone, and is the only one to
		 * read the result.
		 * @return {@code false} if another caller has joined: then the flight has to land
		 */
		final boolean landAlone() {
			synchronized (this) {
				if (this.joined) {
					return false;
				}
				this.over = true;
			}
			if (this.group != null) {
				this.group.forget(this);
			}
			return true;
		}

		/**
		 * Call the waiters that have not been called yet. A thread that was waiting calls
		 * this when it wakes up: with more threads than processors, a single thread that
		 * wakes up a thousand others would itself have to wait between them.
		 */
		final void tellOthers() {
			Queue<Waiter<V>> others = this.otherWaiters;
			if (others != null) {
				for (Waiter<V> waiter = others.poll(); waiter != null; waiter = others.poll()) {
					waiter.landed(this.value, this.error, this.joined);
				}
			}
		}

		/**
		 * The last waiter has left while the work goes on.
		 */
		void abandoned() {
		}

		/**
		 * Abandoned work has ended, or found a new waiter.
		 */
		void reclaimed() {
		}

	}

}
