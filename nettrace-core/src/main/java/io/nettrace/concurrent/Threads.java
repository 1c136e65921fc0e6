package io.nettrace.concurrent;

import java.lang.reflect.Method;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;

import org.jspecify.annotations.Nullable;

/**
 * Threads for tasks that wait: virtual ones where the JVM has them (Java 21), otherwise
 * daemon threads that end when idle. Nothing has to be shut down.
 */
public final class Threads {

	private Threads() {
	}

	/**
	 * Create an executor that runs each task on a thread of its own, as many as there are
	 * tasks.
	 * @param name the beginning of the threads' names
	 * @return the executor
	 */
	public static Executor perTask(String name) {
		ThreadFactory virtual = virtual(name);
		if (virtual != null) {
			return (task) -> virtual.newThread(task).start();
		}
		AtomicInteger count = new AtomicInteger();
		return Executors.newCachedThreadPool((task) -> {
			Thread thread = new Thread(task, name + count.incrementAndGet());
			thread.setDaemon(true);
			return thread;
		});
	}

	/**
	 * {@code Thread.ofVirtual().name(name, 1).factory()}.
	 */
	static @Nullable ThreadFactory virtual(String name) {
		try {
			Object builder = Thread.class.getMethod("ofVirtual").invoke(null);
			Class<?> type = Class.forName("java.lang.Thread$Builder");
			Method withName = type.getMethod("name", String.class, long.class);
			return (ThreadFactory) type.getMethod("factory").invoke(withName.invoke(builder, name, 1L));
		}
		catch (ReflectiveOperationException beforeJava21) {
			return null;
		}
	}

}
