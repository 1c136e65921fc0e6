package io.nettrace.dns;

import java.time.Duration;
import java.util.concurrent.Executor;

/**
 * The event loop or executor of a caller that does not wait: hooks and results are
 * delivered on it.
 */
public interface AsyncCaller extends Executor {

	/**
	 * Run a task later, on this caller's executor.
	 * @param task the task
	 * @param delay how much later
	 * @return cancels the task
	 */
	Runnable schedule(Runnable task, Duration delay);

}
