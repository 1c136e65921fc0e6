package io.nettrace.autoconfigure;

import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;

import io.nettrace.client.jdk.NetTraceJdk;
import org.springframework.boot.thread.Threading;
import org.springframework.core.env.Environment;
import org.springframework.core.task.SimpleAsyncTaskExecutor;
import org.springframework.core.task.VirtualThreadTaskExecutor;

/**
 * Executors that carry the request, and otherwise match those of the JDK's client.
 */
final class JdkClientExecutors {

	private static final AtomicInteger COUNT = new AtomicInteger();

	private JdkClientExecutors() {
	}

	/**
	 * Create an executor for the client of a {@code JdkClientHttpRequestFactory}. If a
	 * client has an executor, the factory also writes bodies there. If Boot would have
	 * set none, they are written on threads like the factory's own.
	 */
	static Executor forRequestFactory(NetTraceJdk netTrace, Environment environment) {
		Executor client = forClient(netTrace, environment);
		if (Threading.VIRTUAL.isActive(environment)) {
			return client;
		}
		Executor bodies = new SimpleAsyncTaskExecutor();
		return (task) -> (isOfTheJdk(task) ? client : bodies).execute(task);
	}

	private static boolean isOfTheJdk(Runnable task) {
		return task.getClass().getModule().isNamed();
	}

	/**
	 * Create the executor that Boot or else the JDK would use. The JDK's threads end when
	 * idle, so the executor need not be shut down.
	 */
	static Executor forClient(NetTraceJdk netTrace, Environment environment) {
		return netTrace.executor(Threading.VIRTUAL.isActive(environment) ? new VirtualThreadTaskExecutor("httpclient-")
				: Executors.newCachedThreadPool(new ClientThreads()));
	}

	/**
	 * Like the threads of {@code jdk.internal.net.http.HttpClientImpl}: daemons, which do
	 * not inherit thread-locals from the request that happens to need a new thread.
	 */
	private static final class ClientThreads implements ThreadFactory {

		private final String namePrefix = "HttpClient-" + COUNT.incrementAndGet() + "-Worker-";

		private final AtomicInteger count = new AtomicInteger();

		@Override
		public Thread newThread(Runnable task) {
			Thread thread = new Thread(null, task, this.namePrefix + this.count.getAndIncrement(), 0, false);
			thread.setDaemon(true);
			return thread;
		}

	}

}
