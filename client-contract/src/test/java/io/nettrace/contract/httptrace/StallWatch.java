package io.nettrace.contract.httptrace;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Notices when the machine stalls: then the order of events that a scenario schedules 20
 * ms or more apart does not hold. Go's runs in which the machine stalled were dropped.
 */
final class StallWatch implements AutoCloseable {

	private static final long STEP_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

	private static final long STALL_NANOS = TimeUnit.MILLISECONDS.toNanos(15);

	private final AtomicLong stalls = new AtomicLong();

	private volatile boolean closed;

	StallWatch() {
		Thread thread = new Thread(this::watch, "stall-watch");
		thread.setDaemon(true);
		thread.start();
	}

	private void watch() {
		long last = System.nanoTime();
		while (!this.closed) {
			LockSupport.parkNanos(STEP_NANOS);
			long now = System.nanoTime();
			if (now - last > STALL_NANOS) {
				this.stalls.incrementAndGet();
			}
			last = now;
		}
	}

	/**
	 * Return how often the machine has stalled.
	 */
	long stalls() {
		return this.stalls.get();
	}

	@Override
	public void close() {
		this.closed = true;
	}

}
