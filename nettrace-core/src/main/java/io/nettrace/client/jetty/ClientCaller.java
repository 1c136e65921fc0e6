package io.nettrace.client.jetty;

import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

import io.nettrace.dns.AsyncCaller;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.util.thread.Scheduler;

/**
 * The threads of a running client.
 */
final class ClientCaller implements AsyncCaller {

	private final HttpClient client;

	ClientCaller(HttpClient client) {
		this.client = client;
	}

	@Override
	public void execute(Runnable task) {
		try {
			this.client.getExecutor().execute(task);
		}
		catch (RejectedExecutionException stopped) {
			task.run(); // the lookup must end, and the request fail
		}
	}

	@Override
	public Runnable schedule(Runnable task, Duration delay) {
		Scheduler.Task scheduled = this.client.getScheduler().schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
		return scheduled::cancel;
	}

}
