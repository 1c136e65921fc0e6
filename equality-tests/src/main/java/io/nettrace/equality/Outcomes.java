package io.nettrace.equality;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.ResponseEntity;

/**
 * Results and exceptions as text.
 */
final class Outcomes {

	private static final int SHORT = 200;

	private Outcomes() {
	}

	static List<String> of(@Nullable ResponseEntity<byte[]> response) {
		List<String> lines = new ArrayList<>();
		if (response == null) {
			lines.add("no response");
			return lines;
		}
		lines.add("status " + response.getStatusCode().value());
		HttpHeaders headers = response.getHeaders();
		headers.forEach((name, values) -> lines.add("response header " + name + ": " + values));
		lines.add("response body " + text(response.getBody()));
		return lines;
	}

	/**
	 * An exception with its causes and suppressed exceptions, each by class and message.
	 */
	static List<String> of(Throwable exception) {
		List<String> lines = new ArrayList<>();
		add(lines, exception, "thrown ", Collections.newSetFromMap(new IdentityHashMap<>()));
		return lines;
	}

	private static void add(List<String> lines, Throwable exception, String role, Set<Throwable> seen) {
		if (!seen.add(exception)) {
			lines.add(role + "again " + exception.getClass().getName());
			return;
		}
		lines.add(role + exception.getClass().getName() + ": " + exception.getMessage());
		String indent = " ".repeat(role.length() - role.stripLeading().length() + 2);
		for (Throwable suppressed : exception.getSuppressed()) {
			add(lines, suppressed, indent + "suppressed ", seen);
		}
		if (exception.getCause() != null) {
			add(lines, exception.getCause(), indent + "cause ", seen);
		}
	}

	static String text(byte @Nullable [] bytes) {
		if (bytes == null) {
			return "none";
		}
		if (bytes.length > SHORT) {
			return bytes.length + " bytes with SHA-256 " + digest(bytes);
		}
		return bytes.length + " bytes: " + new String(bytes, StandardCharsets.ISO_8859_1);
	}

	private static String digest(byte[] bytes) {
		try {
			return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
		}
		catch (NoSuchAlgorithmException ex) {
			throw new IllegalStateException(ex);
		}
	}

}
