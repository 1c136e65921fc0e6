package io.nettrace.concurrent;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;

import io.nettrace.dns.AsyncCaller;
import org.jspecify.annotations.Nullable;

/**
 * An event loop in virtual time: runs one task after the other.
 */
public final class VirtualEventLoop implements AsyncCaller {

	private final VirtualTime time;

	private final Deque<Runnable> tasks = new ArrayDeque<>();

	private boolean running;

	public VirtualEventLoop(VirtualTime time) {
		this.time = time;
	}

	@Override
	public void execute(Runnable task) {
		boolean start;
		synchronized (this.tasks) {
			this.tasks.add(task);
			start = !this.running;
			this.running = true;
		}
		if (start) {
			this.time.execute(this::runAll);
		}
	}

	private void runAll() {
		Runnable task = next();
		while (task != null) {
			task.run();
			task = next();
		}
	}

	private @Nullable Runnable next() {
		synchronized (this.tasks) {
			this.running = !this.tasks.isEmpty();
			return this.tasks.poll();
		}
	}

	@Override
	public Runnable schedule(Runnable task, Duration delay) {
		Clock.Mailbox<Boolean> cancelled = this.time.mailbox();
		long deadline = this.time.deadlineIn(delay);
		this.time.execute(() -> {
			try {
				if (cancelled.poll(deadline) == null) {
					execute(task);
				}
			}
			catch (InterruptedException ex) {
				throw new IllegalStateException(ex);
			}
		});
		return () -> cancelled.put(true);
	}

}
