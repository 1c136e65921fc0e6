package io.nettrace.contract.httptrace;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * The pauses that a scenario asks for. They end with its run.
 */
final class Pause {

	private final CountDownLatch over = new CountDownLatch(1);

	/**
	 * Wait.
	 * @param millis how long, 0 or less for not at all
	 */
	void millis(long millis) {
		if (millis > 0) {
			try {
				this.over.await(millis, TimeUnit.MILLISECONDS);
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
			}
		}
	}

	void endAll() {
		this.over.countDown();
	}

}
