package io.nettrace.observation;

import java.net.UnknownHostException;
import java.security.Security;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;

import io.nettrace.instrument.JvmAnswers;
import org.jspecify.annotations.Nullable;

/**
 * What an {@link UnknownHostException} says. The JVM answers for some seconds from its
 * cache of failures, with the bare name, whatever the failure was; so what it said before
 * is remembered for as long. Hosts beyond a bound are forgotten, the one that failed
 * longest ago first.
 */
final class LookupErrors {

	private static final int MAX_HOSTS = 1_000;

	private static final String NEGATIVE_TTL = "networkaddress.cache.negative.ttl";

	private static final int DEFAULT_NEGATIVE_TTL = 10; // seconds, as in InetAddress

	// Shared by the whole JVM like the cache. Guarded by itself
	private static final Map<String, Told> told = new LinkedHashMap<>() {

		@Override
		protected boolean removeEldestEntry(Map.Entry<String, Told> eldest) {
			return size() > MAX_HOSTS;
		}

	};

	private LookupErrors() {
	}

	private record Told(String type, long nanos) {

		boolean isCached(long now) {
			int seconds = negativeTtl();
			return seconds < 0 || now - this.nanos <= TimeUnit.SECONDS.toNanos(seconds + 1L);
		}

	}

	/**
	 * Name the kind of a failure.
	 * @return {@code null} if neither its text nor the class says it
	 */
	static @Nullable String of(UnknownHostException failure) {
		String message = failure.getMessage();
		if (message == null) {
			return null;
		}
		if (isName(message)) {
			if (failure.getCause() != null) {
				return null; // which says why
			}
			if (JvmAnswers.isFromCache(failure)) {
				return remembered(message);
			}
		}
		String type = (isName(message) || isMissing(failure, message)) ? ErrorType.HOST_NOT_FOUND
				: SystemErrors.ofText(message);
		if (type != null) {
			remember(message, type);
		}
		return type;
	}

	private static boolean isName(String message) {
		return !message.isEmpty() && message.chars().noneMatch(Character::isWhitespace);
	}

	/**
	 * What Netty's resolver says of a name without addresses, and the JDK with the system
	 * property {@code jdk.net.hosts.file} of a name that is not in it.
	 */
	private static boolean isMissing(UnknownHostException failure, String message) {
		return isMissingInHostsFile(message)
				|| (failure.getCause() == null && message.startsWith("Failed to resolve '"));
	}

	private static boolean isMissingInHostsFile(String message) {
		return message.startsWith("Unable to resolve host ");
	}

	private static void remember(String message, String type) {
		String host = host(message);
		synchronized (told) {
			told.remove(host); // to be the last one again
			told.put(host, new Told(type, System.nanoTime()));
		}
	}

	private static String remembered(String host) {
		synchronized (told) {
			Told last = told.get(key(host));
			return (last != null && last.isCached(System.nanoTime())) ? last.type() : ErrorType.UNKNOWN_CACHED;
		}
	}

	/**
	 * The name in {@code a.test: Name or service not known}, in Windows' {@code No such
	 * host is known (a.test)}, or in {@code Unable to resolve host a.test in ..}.
	 */
	private static String host(String message) {
		if (isMissingInHostsFile(message)) {
			return key(message.substring("Unable to resolve host ".length()).split(" ", 2)[0]);
		}
		int bracket = message.lastIndexOf(" (");
		if (bracket >= 0 && message.endsWith(")")) {
			return key(message.substring(bracket + 2, message.length() - 1));
		}
		int colon = message.indexOf(": ");
		return key((colon >= 0) ? message.substring(0, colon) : message);
	}

	private static String key(String host) {
		return host.toLowerCase(Locale.ROOT);
	}

	private static int negativeTtl() {
		String seconds = Security.getProperty(NEGATIVE_TTL);
		if (seconds == null) {
			seconds = System.getProperty("sun.net.inetaddr.negative.ttl");
		}
		try {
			return (seconds != null) ? Integer.parseInt(seconds.strip()) : DEFAULT_NEGATIVE_TTL;
		}
		catch (NumberFormatException ex) {
			return DEFAULT_NEGATIVE_TTL;
		}
	}

}
