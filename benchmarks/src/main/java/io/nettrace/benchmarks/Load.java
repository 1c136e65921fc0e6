package io.nettrace.benchmarks;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;

import com.sun.management.OperatingSystemMXBean;
import com.sun.management.ThreadMXBean;

/**
 * Sends requests from a few threads and measures the whole JVM, including its event
 * loops. No thread may end within a run, because its bytes would be lost.
 */
final class Load implements AutoCloseable {

	private static final int CALLERS = 4;

	private final ThreadMXBean threadBean = (ThreadMXBean) ManagementFactory.getThreadMXBean();

	private final OperatingSystemMXBean system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

	private final int threads;

	private final ExecutorService callers;

	private final Set<Long> uncounted;

	Load() {
		this(CALLERS);
	}

	/**
	 * Create a load.
	 * @param threads how many send at once
	 */
	Load(int threads) {
		this(threads, Set.of());
	}

	private Load(int threads, Set<Long> uncounted) {
		this.threads = threads;
		this.callers = Executors.newFixedThreadPool(threads);
		this.uncounted = uncounted;
	}

	/**
	 * Create a load that does not count what the threads allocate that export spans: how
	 * many spans they export, and how many are dropped, is a matter of the machine.
	 */
	static Load withoutExporters() {
		Set<Long> exporters = Thread.getAllStackTraces()
			.keySet()
			.stream()
			.filter((thread) -> thread.getName().startsWith("BatchSpanProcessor"))
			.map(Thread::getId)
			.collect(Collectors.toUnmodifiableSet());
		return new Load(CALLERS, exporters);
	}

	/**
	 * Send requests.
	 * @param request sends one
	 * @param requests how many, a multiple of the threads
	 */
	Cost run(Runnable request, int requests) {
		long bytes = allocatedBytes();
		long cpu = this.system.getProcessCpuTime();
		long start = System.nanoTime();
		List<Future<?>> running = new ArrayList<>();
		for (int i = 0; i < this.threads; i++) {
			running.add(this.callers.submit(() -> repeat(request, requests / this.threads)));
		}
		running.forEach(Load::await);
		return new Cost(requests, System.nanoTime() - start, this.system.getProcessCpuTime() - cpu,
				allocatedBytes() - bytes);
	}

	private static void repeat(Runnable request, int times) {
		for (int i = 0; i < times; i++) {
			request.run();
		}
	}

	private static void await(Future<?> running) {
		try {
			running.get();
		}
		catch (ExecutionException ex) {
			throw new IllegalStateException(ex.getCause());
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException(ex);
		}
	}

	private long allocatedBytes() {
		long[] ids = this.threadBean.getAllThreadIds();
		long[] bytes = this.threadBean.getThreadAllocatedBytes(ids);
		long sum = 0;
		for (int i = 0; i < ids.length; i++) {
			sum += this.uncounted.contains(ids[i]) ? 0 : Math.max(bytes[i], 0);
		}
		return sum;
	}

	@Override
	public void close() {
		this.callers.shutdown();
	}

}
