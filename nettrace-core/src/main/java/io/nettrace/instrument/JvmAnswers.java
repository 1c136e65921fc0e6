package io.nettrace.instrument;

import java.net.UnknownHostException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

import io.nettrace.DnsAnswerInfo;
import io.nettrace.DnsAnswerInfo.Source;
import org.jspecify.annotations.Nullable;

/**
 * Tells answers of the JVM's cache from those that it has just asked the system for. That
 * is known if the JVM asks through nettrace's provider (module nettrace-jvm-resolver),
 * and of its cache of failures in any case. Names beyond a bound are forgotten, the one
 * asked for longest ago first. Shared by the whole JVM like the cache, and safe for use
 * by several threads. Not for applications.
 */
public final class JvmAnswers {

	private static final int MAX_HOSTS = 1_000;

	// Guarded by itself
	private static final Map<String, Asked> asked = new LinkedHashMap<>() {

		@Override
		protected boolean removeEldestEntry(Map.Entry<String, Asked> eldest) {
			return size() > MAX_HOSTS;
		}

	};

	/**
	 * Whether the JVM asks the system through nettrace.
	 */
	private static volatile boolean watched;

	private JvmAnswers() {
	}

	/**
	 * When the system was asked for a name last, and when it had an answer last.
	 */
	private record Asked(long nanos, boolean found, @Nullable Long foundNanos) {
	}

	/**
	 * From now on, each time that the JVM asks the system is told.
	 */
	public static void watch() {
		watched = true;
	}

	/**
	 * The system has answered the JVM.
	 * @param host the name
	 * @param found whether there was an answer
	 */
	public static void answered(String host, boolean found) {
		long now = System.nanoTime();
		String key = key(host);
		synchronized (asked) {
			Asked before = asked.remove(key); // to be the last one again
			asked.put(key, new Asked(now, found, found ? (Long) now : (before != null) ? before.foundNanos() : null));
		}
	}

	private static String key(String host) {
		return host.toLowerCase(Locale.ROOT);
	}

	/**
	 * Say where the answer of a lookup by the JVM came from.
	 * @param host the name
	 * @param startNanos when the lookup began, by {@link System#nanoTime()}
	 * @param failure why there is no answer, or {@code null}
	 * @return {@code null} if it is not known
	 */
	public static @Nullable DnsAnswerInfo answer(String host, long startNanos, @Nullable Throwable failure) {
		boolean fromCache = failure instanceof UnknownHostException unknown && isFromCache(unknown);
		if (failure != null && !fromCache && !(failure instanceof UnknownHostException)) {
			return null; // of a filter, or of a caller that gave up
		}
		if (!watched && !fromCache) {
			return null;
		}
		Asked last;
		synchronized (asked) {
			last = asked.get(key(host));
		}
		if (fromCache) {
			return DnsAnswerInfo.of(Source.JVM_CACHE, (last != null && !last.found()) ? age(last.nanos()) : null);
		}
		if (last == null) {
			return null;
		}
		if (last.nanos() - startNanos < 0) {
			return (failure == null) ? DnsAnswerInfo.of(Source.JVM_CACHE, age(last.foundNanos())) : null;
		}
		if (failure == null && !last.found()) { // networkaddress.cache.stale.ttl
			return DnsAnswerInfo.of(Source.JVM_CACHE, age(last.foundNanos()));
		}
		return DnsAnswerInfo.of(Source.SYSTEM, null);
	}

	/**
	 * Say where the answer of a lookup by the JVM came from that had no address, but of
	 * which no exception is seen.
	 * @param host the name
	 * @param startNanos when the lookup began, by {@link System#nanoTime()}
	 * @return {@code null} if it is not known
	 */
	public static @Nullable DnsAnswerInfo noAddress(String host, long startNanos) {
		if (!watched) {
			return null;
		}
		Asked last;
		synchronized (asked) {
			last = asked.get(key(host));
		}
		if (last == null || last.found()) {
			return null;
		}
		return (last.nanos() - startNanos < 0) ? DnsAnswerInfo.of(Source.JVM_CACHE, age(last.nanos()))
				: DnsAnswerInfo.of(Source.SYSTEM, null);
	}

	private static @Nullable Duration age(@Nullable Long nanos) {
		return (nanos != null) ? Duration.ofNanos(System.nanoTime() - nanos) : null;
	}

	/**
	 * Whether a failure is one of the JVM's cache: the bare name, where the system always
	 * gives a reason. A resolver of the application may throw the bare name, too.
	 * @param failure what was thrown
	 * @return whether the JVM has thrown it without asking
	 */
	public static boolean isFromCache(UnknownHostException failure) {
		String message = failure.getMessage();
		if (message == null || message.isEmpty() || failure.getCause() != null
				|| message.chars().anyMatch(Character::isWhitespace)) {
			return false;
		}
		StackTraceElement[] stack = failure.getStackTrace();
		return stack.length > 0 && (stack[0].getClassName().equals("java.net.InetAddress")
				|| stack[0].getClassName().startsWith("java.net.InetAddress$"));
	}

}
