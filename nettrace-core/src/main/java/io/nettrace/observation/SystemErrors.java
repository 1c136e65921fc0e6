package io.nettrace.observation;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

/**
 * What the operating system says: by its error number where an exception has it, else by
 * the text. The JDK passes on {@code strerror} and {@code gai_strerror}, which speak the
 * language of the process, so the texts are looked up in the C library's catalog too.
 */
final class SystemErrors {

	/**
	 * Of glibc, of musl, of macOS, and those that the JDK has for Windows.
	 */
	private static final Map<String, String> WORDS = Map.ofEntries(
			// strerror
			Map.entry("Connection refused", "connection_refused"), Map.entry("Connection reset", "connection_reset"),
			Map.entry("Connection reset by peer", "connection_reset"), Map.entry("Broken pipe", "connection_reset"),
			Map.entry("Software caused connection abort", "connection_reset"),
			Map.entry("Connection timed out", "timed_out"), Map.entry("Operation timed out", "timed_out"),
			Map.entry("Network is unreachable", "network_unreachable"),
			Map.entry("Network unreachable", "network_unreachable"),
			Map.entry("Network is down", "network_unreachable"), Map.entry("No route to host", "host_unreachable"),
			Map.entry("Host is unreachable", "host_unreachable"), Map.entry("Host is down", "host_unreachable"),
			Map.entry("Permission denied", "access_denied"), Map.entry("Operation not permitted", "access_denied"),
			Map.entry("Cannot assign requested address", "address_not_available"),
			Map.entry("Can't assign requested address", "address_not_available"),
			Map.entry("Address not available", "address_not_available"),
			Map.entry("Address already in use", "address_not_available"),
			Map.entry("Address in use", "address_not_available"),
			Map.entry("Too many open files", "too_many_open_sockets"),
			Map.entry("Too many open files in system", "too_many_open_sockets"),
			Map.entry("No file descriptors available", "too_many_open_sockets"),
			Map.entry("Invalid argument", "invalid_argument"),
			// gai_strerror
			Map.entry("Temporary failure in name resolution", ErrorType.TRY_AGAIN),
			Map.entry("Try again", ErrorType.TRY_AGAIN), Map.entry("System error", ErrorType.TRY_AGAIN),
			Map.entry("Non-recoverable failure in name resolution", "no_recovery"),
			Map.entry("Non-recoverable error", "no_recovery"),
			Map.entry("Name or service not known", ErrorType.HOST_NOT_FOUND),
			Map.entry("No address associated with hostname", ErrorType.HOST_NOT_FOUND),
			Map.entry("Name does not resolve", ErrorType.HOST_NOT_FOUND),
			Map.entry("Name has no usable address", ErrorType.HOST_NOT_FOUND),
			Map.entry("nodename nor servname provided, or not known", ErrorType.HOST_NOT_FOUND),
			Map.entry("No address associated with nodename", ErrorType.HOST_NOT_FOUND),
			Map.entry("No such host is known", ErrorType.HOST_NOT_FOUND),
			Map.entry("This is usually a temporary error during hostname resolution and means that the local server "
					+ "did not receive a response from an authoritative server", ErrorType.TRY_AGAIN),
			Map.entry("A non-recoverable error occurred during a database lookup", "no_recovery"),
			Map.entry("The requested name is valid, but no data of the requested type was found",
					ErrorType.HOST_NOT_FOUND));

	private static final Map<Integer, String> LINUX = Map.ofEntries(Map.entry(111, "connection_refused"),
			Map.entry(104, "connection_reset"), Map.entry(103, "connection_reset"), Map.entry(32, "connection_reset"),
			Map.entry(110, "timed_out"), Map.entry(101, "network_unreachable"), Map.entry(100, "network_unreachable"),
			Map.entry(113, "host_unreachable"), Map.entry(112, "host_unreachable"), Map.entry(13, "access_denied"),
			Map.entry(1, "access_denied"), Map.entry(99, "address_not_available"),
			Map.entry(98, "address_not_available"), Map.entry(24, "too_many_open_sockets"),
			Map.entry(23, "too_many_open_sockets"), Map.entry(22, "invalid_argument"));

	private static final Map<Integer, String> BSD = Map.ofEntries(Map.entry(61, "connection_refused"),
			Map.entry(54, "connection_reset"), Map.entry(53, "connection_reset"), Map.entry(32, "connection_reset"),
			Map.entry(60, "timed_out"), Map.entry(51, "network_unreachable"), Map.entry(50, "network_unreachable"),
			Map.entry(65, "host_unreachable"), Map.entry(64, "host_unreachable"), Map.entry(13, "access_denied"),
			Map.entry(1, "access_denied"), Map.entry(49, "address_not_available"),
			Map.entry(48, "address_not_available"), Map.entry(24, "too_many_open_sockets"),
			Map.entry(23, "too_many_open_sockets"), Map.entry(22, "invalid_argument"));

	private static final Map<Integer, String> NUMBERS = isLinux() ? LINUX : BSD;

	/**
	 * Netty's native transports: {@code Errors$NativeIoException} and the like.
	 */
	private static final String NETTY_NATIVE = "io.netty.channel.unix.Errors$";

	private static final Pattern NETTY_NUMBER = Pattern.compile("failed with error\\(-(\\d{1,5})\\)");

	/**
	 * Exceptions put more around the text: {@code Connection refused: connect},
	 * {@code Connection refused (connect failed)}, {@code a.test: Name or service not
	 * known}. Only a whole part is compared, so that no name is taken for a text.
	 */
	private static final Pattern PARTS = Pattern.compile(": | \\(|\\)$");

	private static final Map<String, String> TRANSLATED = translated();

	private SystemErrors() {
	}

	private static boolean isLinux() {
		return System.getProperty("os.name", "").toLowerCase(Locale.ROOT).contains("linux");
	}

	private static Map<String, String> translated() {
		Map<String, String> translated = new HashMap<>();
		MessageCatalog.ofProcess(WORDS.keySet())
			.forEach((words, translation) -> translated.putIfAbsent(translation, WORDS.get(words)));
		return translated;
	}

	/**
	 * Name the kind of a failure.
	 * @return {@code null} if it has neither a number nor a text that is known
	 */
	static @Nullable String of(Throwable failure) {
		String message = failure.getMessage();
		if (message == null) {
			return null;
		}
		if (failure.getClass().getName().startsWith(NETTY_NATIVE)) {
			Matcher number = NETTY_NUMBER.matcher(message);
			String type = number.find() ? NUMBERS.get(Integer.valueOf(number.group(1))) : null;
			if (type != null) {
				return type;
			}
		}
		return ofText(message);
	}

	/**
	 * Name the kind of a failure by what is said of it.
	 */
	static @Nullable String ofText(String message) {
		String type = ofWords(message);
		if (type == null) {
			type = ofWords(message.substring(message.indexOf(": ") + 1).strip());
		}
		if (type != null) {
			return type;
		}
		for (String part : PARTS.split(message, -1)) {
			type = ofWords(part);
			if (type != null) {
				return type;
			}
		}
		return null;
	}

	static boolean isKnown(String words) {
		return ofWords(words) != null;
	}

	private static @Nullable String ofWords(String words) {
		String type = WORDS.get(words);
		return (type != null) ? type : TRANSLATED.get(words);
	}

}
