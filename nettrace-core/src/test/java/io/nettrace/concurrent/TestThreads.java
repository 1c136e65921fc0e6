package io.nettrace.concurrent;

import java.util.concurrent.ThreadFactory;
import java.util.stream.Stream;

import org.junit.jupiter.api.Named;

/**
 * The kinds of threads that callers have.
 */
public final class TestThreads {

	private TestThreads() {
	}

	/**
	 * Return what makes threads, for a method source.
	 * @return platform threads, and virtual ones where the JVM has them
	 */
	public static Stream<Named<ThreadFactory>> kinds() {
		Named<ThreadFactory> platform = Named.of("platform threads", (task) -> {
			Thread thread = new Thread(task, "test-caller");
			thread.setDaemon(true);
			return thread;
		});
		ThreadFactory virtual = Threads.virtual("test-caller-");
		return (virtual != null) ? Stream.of(platform, Named.of("virtual threads", virtual)) : Stream.of(platform);
	}

}
