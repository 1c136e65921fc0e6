package io.nettrace.autoconfigure;

import java.util.concurrent.Executor;
import java.util.concurrent.Executors;

import org.springframework.boot.thread.Threading;
import org.springframework.core.env.Environment;
import org.springframework.core.task.VirtualThreadTaskExecutor;
import org.springframework.scheduling.concurrent.CustomizableThreadFactory;

/**
 * Executors like those that the JDK's HttpClient would have.
 */
final class JdkClientExecutors {

	private static final String NAME_PREFIX = "httpclient-";

	private JdkClientExecutors() {
	}

	/**
	 * Make the executor that Boot or else the JDK would use. The threads of the latter
	 * are daemons and end when idle, so that the executor needs no end.
	 */
	static Executor like(Environment environment) {
		if (Threading.VIRTUAL.isActive(environment)) {
			return new VirtualThreadTaskExecutor(NAME_PREFIX);
		}
		CustomizableThreadFactory threads = new CustomizableThreadFactory(NAME_PREFIX);
		threads.setDaemon(true);
		return Executors.newCachedThreadPool(threads);
	}

}
