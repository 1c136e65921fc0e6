package io.nettrace.client.reactor;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;

import org.jspecify.annotations.Nullable;
import reactor.core.CoreSubscriber;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.Scannable;
import reactor.core.scheduler.Schedulers;

/**
 * The timer that a pool starts when an exchange has to wait: Reactor Netty tells of a
 * wait in no other way. The pool holds it, so it holds nothing of ours.
 *
 * @param timer the timer of the application or, like the pool's own, none
 */
record PoolWaits(@Nullable BiFunction<Runnable, Duration, Disposable> timer)
		implements
			BiFunction<Runnable, Duration, Disposable> {

	/**
	 * Stands for a wait without a limit, for which a pool starts no timer.
	 */
	static final Duration WITHOUT_LIMIT = Duration.ofMillis(Long.MAX_VALUE);

	/**
	 * Called on the thread that asks for a connection.
	 * @param waiting the one that waits, to be run when its time is up
	 */
	@Override
	public Disposable apply(Runnable waiting, Duration atMost) {
		ReactorRequest request = requestOf(waiting);
		if (request != null) {
			request.waitsForConnection();
		}
		if (atMost.equals(WITHOUT_LIMIT)) {
			return Disposables.single();
		}
		return (this.timer != null) ? this.timer.apply(waiting, atMost)
				: Schedulers.parallel().schedule(waiting, atMost.toNanos(), TimeUnit.NANOSECONDS);
	}

	private static @Nullable ReactorRequest requestOf(Runnable waiting) {
		Object subscriber = (waiting instanceof Scannable scannable) ? scannable.scanUnsafe(Scannable.Attr.ACTUAL)
				: null;
		return (subscriber instanceof CoreSubscriber<?> actual) ? ReactorRequest.readFrom(actual.currentContext())
				: null;
	}

}
