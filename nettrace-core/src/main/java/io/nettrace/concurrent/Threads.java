package io.nettrace.concurrent;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Threads for work that blocks.
 */
public final class Threads {

	private Threads() {
	}

	/**
	 * Create an executor that runs each task at once, on a thread of its own: a virtual
	 * thread where the JVM has them (Java 21), otherwise a daemon thread that ends when
	 * it has been idle.
	 * @param name what platform threads are called, followed by a number
	 * @return the executor
	 */
	public static Executor perTask(String name) {
		try {
			return (ExecutorService) MethodHandles.publicLookup()
				.findStatic(Executors.class, "newVirtualThreadPerTaskExecutor",
						MethodType.methodType(ExecutorService.class))
				.invoke();
		}
		catch (Throwable beforeJava21) {
			AtomicInteger count = new AtomicInteger();
			return Executors.newCachedThreadPool((task) -> {
				Thread thread = new Thread(task, name + "-" + count.incrementAndGet());
				thread.setDaemon(true);
				return thread;
			});
		}
	}

}
