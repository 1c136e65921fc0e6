package io.nettrace.concurrent;

import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

import org.jspecify.annotations.Nullable;

/**
 * Threads for lookups whose caller may give up: a system resolver cannot be interrupted,
 * so the thread stays until the answer or the resolver's own timeout. Lookups that are
 * abandoned in this way are bounded by host, by client and in all, so that names whose
 * lookups hang do not stop the lookups of other names.
 */
public final class LookupThreads {

	private static final int MAX_BY_HOST = 5;

	private static final int MAX_BY_CLIENT = 50;

	private static final int MAX_IN_ALL = 200;

	private static final int MAX_FOUND_HOSTS = 200;

	private final Executor executor;

	private final int maxByHost;

	private final int maxByClient;

	private final int maxInAll;

	private final AtomicInteger abandoned = new AtomicInteger();

	private LookupThreads(Executor executor, int maxByHost, int maxByClient, int maxInAll) {
		this.executor = executor;
		this.maxByHost = maxByHost;
		this.maxByClient = maxByClient;
		this.maxInAll = maxInAll;
	}

	/**
	 * Create daemon threads, one for each lookup. They are platform threads: a virtual
	 * thread in {@code getaddrinfo} keeps its carrier, and with few carriers some lookups
	 * that hang would stop all virtual threads of the application.
	 * @return the threads; up to 5 abandoned lookups of one host, 50 of one client and
	 * 200 in all
	 */
	public static LookupThreads create() {
		ClassLoader classLoader = Thread.currentThread().getContextClassLoader();
		AtomicLong count = new AtomicLong();
		return new LookupThreads((task) -> start(task, "nettrace-lookup-" + count.incrementAndGet(), classLoader),
				MAX_BY_HOST, MAX_BY_CLIENT, MAX_IN_ALL);
	}

	/**
	 * Nothing of the calling thread is inherited.
	 */
	private static void start(Runnable task, String name, @Nullable ClassLoader classLoader) {
		Thread thread = new Thread(null, task, name, 0, false);
		thread.setDaemon(true);
		thread.setContextClassLoader(classLoader);
		thread.start();
	}

	/**
	 * Create an instance that runs on the given executor.
	 * @param executor runs each lookup; must not run it on the calling thread
	 * @param maxByHost how many abandoned lookups of one host one client may have before
	 * no further one is started, at least 1
	 * @param maxByClient how many abandoned lookups one client may have, at least 1
	 * @param maxInAll how many abandoned lookups there may be in all, at least 1. Hosts
	 * that were found before have a reserve of as many
	 * @return the threads
	 */
	public static LookupThreads of(Executor executor, int maxByHost, int maxByClient, int maxInAll) {
		Objects.requireNonNull(executor, "'executor' must not be null");
		return new LookupThreads(executor, atLeastOne("maxByHost", maxByHost), atLeastOne("maxByClient", maxByClient),
				atLeastOne("maxInAll", maxInAll));
	}

	private static int atLeastOne(String name, int value) {
		if (value < 1) {
			throw new IllegalArgumentException("'" + name + "' must be at least 1, not " + value);
		}
		return value;
	}

	/**
	 * Return the threads for the lookups of one client, with bounds of its own.
	 * @return the client's threads
	 */
	public ForClient forClient() {
		return new ForClient();
	}

	/**
	 * The threads of one client. Safe for use by several threads.
	 */
	public final class ForClient {

		private final Map<String, Integer> abandonedByHost = new HashMap<>();

		private int abandonedByClient;

		// the hosts that were found longest ago make room
		private final Set<String> found = Collections.newSetFromMap(new LinkedHashMap<>(16, 0.75f, true) {

			private static final long serialVersionUID = 1L;

			@Override
			protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
				return size() > MAX_FOUND_HOSTS;
			}

		});

		private ForClient() {
		}

		/**
		 * Run the lookup of a host on a thread of its own.
		 * @param host the host
		 * @param lookup the lookup
		 * @throws RejectedExecutionException if too many abandoned lookups are still
		 * running
		 */
		public void execute(String host, Runnable lookup) {
			check(host);
			LookupThreads.this.executor.execute(lookup);
		}

		/**
		 * Made-up names whose lookups hang use up the client's bound, and together with
		 * those of other clients the overall one. So neither bound holds for hosts that
		 * were found before.
		 */
		private synchronized void check(String host) {
			check(" of " + host, this.abandonedByHost.getOrDefault(host, 0), LookupThreads.this.maxByHost);
			int inAll = LookupThreads.this.abandoned.get();
			if (this.found.contains(host)) {
				check("", inAll, 2 * LookupThreads.this.maxInAll);
			}
			else {
				check(" of this client", this.abandonedByClient, LookupThreads.this.maxByClient);
				check("", inAll, LookupThreads.this.maxInAll);
			}
		}

		private static void check(String whose, int count, int max) {
			if (count >= max) {
				throw new RejectedExecutionException(
						count + " abandoned lookups" + whose + " are still running, so no further one is started");
			}
		}

		/**
		 * Note that a host was found.
		 * @param host the host
		 */
		public synchronized void found(String host) {
			this.found.add(host);
		}

		/**
		 * Note that no caller waits any more for a lookup that is still running.
		 * @param host the host
		 */
		public void abandon(String host) {
			count(host, 1);
		}

		/**
		 * Note that an abandoned lookup has ended, or that a caller waits for it again.
		 * @param host the host
		 */
		public void reclaim(String host) {
			count(host, -1);
		}

		/**
		 * A lookup may end before its last caller is noted to have left.
		 */
		private synchronized void count(String host, int change) {
			this.abandonedByHost.merge(host, change, (count, more) -> (count + more != 0) ? count + more : null);
			this.abandonedByClient += change;
			LookupThreads.this.abandoned.addAndGet(change);
		}

		/**
		 * Return how many lookups of this client run that no caller waits for.
		 * @return the number of abandoned lookups
		 */
		public synchronized int abandoned() {
			return this.abandonedByClient;
		}

	}

}
