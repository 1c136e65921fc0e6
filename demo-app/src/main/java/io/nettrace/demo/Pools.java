package io.nettrace.demo;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

import org.springframework.beans.factory.DisposableBean;
import org.springframework.stereotype.Component;

/**
 * The pools of the runs. Each is closed some seconds after it is opened, so that what
 * scrapes meters finds its connections; no scenario takes that long.
 */
@Component
final class Pools implements DisposableBean {

	private static final int SECONDS = 5;

	private final ScheduledExecutorService closer = Executors.newSingleThreadScheduledExecutor(Pools::thread);

	private final Map<Caller, Future<?>> open = new ConcurrentHashMap<>();

	/**
	 * It belongs to the application, not to the request that is the first to need it.
	 */
	private static Thread thread(Runnable task) {
		Thread thread = new Thread(task, "demo-pools");
		thread.setDaemon(true);
		thread.setContextClassLoader(Pools.class.getClassLoader());
		return thread;
	}

	/**
	 * Open a pool.
	 * @param callers opens it
	 * @param setup how it is set up
	 * @return what sends requests over it
	 */
	Caller open(Caller.Factory callers, ClientSetup setup) {
		Caller caller = callers.open(setup);
		this.open.put(caller, this.closer.schedule(() -> close(caller), SECONDS, TimeUnit.SECONDS));
		return caller;
	}

	private void close(Caller caller) {
		if (this.open.remove(caller) != null) {
			caller.close();
		}
	}

	@Override
	public void destroy() {
		this.closer.shutdownNow();
		this.open.keySet().forEach(this::close);
	}

}
