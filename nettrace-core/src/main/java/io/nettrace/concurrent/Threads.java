package io.nettrace.concurrent;

import java.lang.reflect.Method;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;

import org.jspecify.annotations.Nullable;

/**
 * Threads for tasks that wait: virtual ones where the JVM has them (Java 21), otherwise
 * daemon threads. Each ends with its task, so nothing has to be shut down.
 */
public final class Threads {

	private static final @Nullable Method IS_VIRTUAL = isVirtualMethod();

	private Threads() {
	}

	/**
	 * Whether a thread is a virtual one.
	 * @param thread the thread
	 * @return {@code Thread.isVirtual()}, {@code false} before Java 21
	 */
	public static boolean isVirtual(Thread thread) {
		try {
			return IS_VIRTUAL != null && (boolean) IS_VIRTUAL.invoke(thread);
		}
		catch (ReflectiveOperationException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private static @Nullable Method isVirtualMethod() {
		try {
			return Thread.class.getMethod("isVirtual");
		}
		catch (NoSuchMethodException beforeJava21) {
			return null;
		}
	}

	/**
	 * Create an executor that runs each task on a thread of its own, as many as there are
	 * tasks.
	 * @param name the beginning of the threads' names
	 * @return the executor, which throws what {@link Thread#start()} throws if no thread
	 * can be started: an {@link OutOfMemoryError}
	 */
	public static Executor perTask(String name) {
		ThreadFactory virtual = virtual(name);
		if (virtual != null) {
			return (task) -> virtual.newThread(task).start();
		}
		AtomicInteger count = new AtomicInteger();
		return (task) -> {
			// not the caller's inheritable thread-locals: hooks run here
			Thread thread = new Thread(null, task, name + count.incrementAndGet(), 0, false);
			thread.setDaemon(true);
			thread.start();
		};
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
