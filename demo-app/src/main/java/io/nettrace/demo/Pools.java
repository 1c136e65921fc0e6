package io.nettrace.demo;

import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

import org.springframework.beans.factory.DisposableBean;
import org.springframework.stereotype.Component;

/**
 * The pools of the runs. Each is closed some seconds after it is opened, so that what
 * scrapes meters finds its connections; no scenario takes that long.
 */
@Component
final class Pools implements DisposableBean {

	private final Executor later = CompletableFuture.delayedExecutor(5, TimeUnit.SECONDS);

	private final Set<Caller> open = ConcurrentHashMap.newKeySet();

	/**
	 * Open a pool.
	 * @param callers opens it
	 * @param setup how it is set up
	 * @return what sends requests over it
	 */
	Caller open(Caller.Factory callers, ClientSetup setup) {
		Caller caller = callers.open(setup);
		this.open.add(caller);
		this.later.execute(() -> close(caller));
		return caller;
	}

	private void close(Caller caller) {
		if (this.open.remove(caller)) {
			caller.close();
		}
	}

	@Override
	public void destroy() {
		this.open.forEach(this::close);
	}

}
