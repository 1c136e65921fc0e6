package io.nettrace.dial;

import java.util.ArrayList;
import java.util.List;

import io.nettrace.concurrent.Clock;
import io.nettrace.concurrent.Clock.Mailbox;
import org.jspecify.annotations.Nullable;

/**
 * The racers of one dial, seen by the thread that waits for them. Its racers call only
 * {@link #connected} and {@link #failed}.
 *
 * @param <C> the type of the connection
 */
final class Race<C> {

	private final Mailbox<Finish<C>> finishes;

	private final DialHandle handle;

	private final @Nullable DialFailure[] failures;

	private int running;

	private boolean interrupted;

	Race(Clock clock, DialHandle handle, int racers) {
		this.finishes = clock.mailbox();
		this.handle = handle;
		this.failures = new DialFailure[racers];
	}

	void started() {
		this.running++;
	}

	void connected(C connection) {
		this.finishes.put(new Finish<>(connection, 0, null));
	}

	void failed(int number, DialFailure failure) {
		this.finishes.put(new Finish<>(null, number, failure));
	}

	/**
	 * Wait for the next racer to finish. An interruption may cancel the dial; the racers
	 * are waited for all the same, so that no attempt outlives it.
	 * @return the connection, or {@code null} if the racer failed or the deadline has
	 * passed
	 */
	@Nullable C await(long deadline) {
		while (true) {
			try {
				Finish<C> finish = this.finishes.poll(deadline);
				return (finish != null) ? note(finish) : null;
			}
			catch (InterruptedException ex) {
				this.interrupted = true;
				if (this.handle.isInterruptible()) {
					this.handle.close();
				}
			}
		}
	}

	private @Nullable C note(Finish<C> finish) {
		this.running--;
		if (finish.failure != null) {
			this.failures[finish.number] = finish.failure;
		}
		return finish.connection;
	}

	boolean isRunning() {
		return this.running > 0;
	}

	/**
	 * Return why no racer has connected: the first racer's error, with the others beside
	 * it.
	 */
	DialFailure failure() {
		List<DialFailure> all = new ArrayList<>();
		for (DialFailure failure : this.failures) {
			if (failure != null) {
				all.add(failure);
			}
		}
		return DialFailure.firstOf(all);
	}

	/**
	 * Give the thread its interruption back.
	 */
	void end() {
		if (this.interrupted) {
			Thread.currentThread().interrupt();
		}
	}

	private record Finish<C>(@Nullable C connection, int number, @Nullable DialFailure failure) {
	}

}
