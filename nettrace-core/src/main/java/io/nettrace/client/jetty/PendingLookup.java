package io.nettrace.client.jetty;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.AsynchronousCloseException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Function;

import io.nettrace.dns.AsyncCaller;
import io.nettrace.dns.Lookup;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.util.Promise;
import org.eclipse.jetty.util.thread.Scheduler;
import org.jspecify.annotations.Nullable;

/**
 * One lookup of a client. Its end is delivered by the client's threads, as if Jetty's
 * default resolver had answered; a resolver that answers on the thread that sends keeps
 * it there.
 */
final class PendingLookup implements AsyncCaller {

	private final HttpClient client;

	private final Promise<List<InetSocketAddress>> promise;

	private final boolean shared;

	private final Set<PendingLookup> pending;

	private volatile @Nullable Thread asking;

	private volatile @Nullable Runnable cancel;

	private volatile boolean stopped;

	/**
	 * Create a lookup.
	 * @param client whose threads deliver the answer
	 * @param promise what the client waits for
	 * @param shared whether other requests may wait for the same answer
	 * @param pending the client's lookups, to which this one belongs until it is over
	 */
	PendingLookup(HttpClient client, Promise<List<InetSocketAddress>> promise, boolean shared,
			Set<PendingLookup> pending) {
		this.client = client;
		this.promise = promise;
		this.shared = shared;
		this.pending = pending;
	}

	/**
	 * Look up.
	 * @param group starts the lookup and returns what cancels it
	 */
	void start(Function<PendingLookup, Runnable> group) {
		this.pending.add(this);
		this.stopped = !this.client.isRunning();
		try {
			this.cancel = group.apply(this);
		}
		catch (RuntimeException | Error ex) {
			this.pending.remove(this);
			throw ex;
		}
		if (this.stopped) {
			stop();
		}
	}

	/**
	 * Ask a resolver.
	 */
	void ask(Lookup.Async resolver,
			BiConsumer<? super @Nullable List<InetSocketAddress>, ? super @Nullable Throwable> whenDone)
			throws IOException {
		this.asking = Thread.currentThread();
		try {
			resolver.start(whenDone);
		}
		finally {
			this.asking = null;
		}
	}

	/**
	 * End the lookup because its client stops.
	 */
	void stop() {
		this.stopped = true;
		Runnable cancel = this.cancel;
		if (cancel != null) {
			cancel.run();
		}
	}

	/**
	 * What the promise throws, for one where a resolver has found no address, is a
	 * failure too: nothing else would take it.
	 */
	void complete(@Nullable List<InetSocketAddress> addresses, @Nullable Throwable failure) {
		this.pending.remove(this);
		if (failure != null) {
			// what Jetty gives to the requests of a client that stops
			this.promise.failed(this.stopped ? new AsynchronousCloseException() : failure);
			return;
		}
		try {
			this.promise.succeeded(addresses);
		}
		catch (Throwable ex) {
			this.promise.failed(ex);
		}
	}

	/**
	 * Where an answer is shared, the requests do not wait for each other's hooks.
	 */
	@Override
	public void execute(Runnable task) {
		boolean here = !this.shared && this.asking == Thread.currentThread();
		if (here || !this.client.isRunning()) {
			task.run();
		}
		else {
			this.client.getExecutor().execute(task);
		}
	}

	@Override
	public Runnable schedule(Runnable task, Duration delay) {
		Scheduler.Task scheduled = this.client.getScheduler().schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
		return scheduled::cancel;
	}

}
