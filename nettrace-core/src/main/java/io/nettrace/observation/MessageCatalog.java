package io.nettrace.observation;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

/**
 * The translations of the C library's messages: the file of GNU gettext that glibc itself
 * reads them from (gettext manual, "The Format of GNU MO Files"). Where it is missing the
 * C library has no translation either.
 */
final class MessageCatalog {

	private static final List<String> DIRECTORIES = List.of("/usr/share/locale", "/usr/share/locale-langpack",
			"/run/current-system/sw/share/locale");

	private static final int MAGIC = 0x950412de;

	private static final int MAX_SIZE = 4 << 20;

	private static final Pattern CHARSET = Pattern.compile("charset=([\\w.:-]+)");

	private MessageCatalog() {
	}

	/**
	 * Read the translations into the languages that this process speaks.
	 * @param messages the English messages
	 * @return the translations by message; empty in English
	 */
	static Map<String, String> ofProcess(Set<String> messages) {
		Map<String, String> translations = new HashMap<>();
		for (String locale : locales(System.getenv())) {
			for (String directory : DIRECTORIES) {
				read(Path.of(directory, locale, "LC_MESSAGES", "libc.mo"), messages).forEach(translations::putIfAbsent);
			}
		}
		return translations;
	}

	/**
	 * The names of the directories in which gettext would look, the most important first:
	 * {@code de_AT.UTF-8@euro} is in {@code de_AT} or {@code de}.
	 */
	static Set<String> locales(Map<String, String> environment) {
		Set<String> locales = new LinkedHashSet<>();
		for (String variable : List.of("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")) {
			for (String locale : environment.getOrDefault(variable, "").split(":", -1)) {
				String name = locale.replaceFirst("[.@].*", "");
				if (name.matches("[A-Za-z]{2,3}(_[A-Za-z]{2,4})?")) {
					locales.add(name);
					locales.add(name.replaceFirst("_.*", ""));
				}
			}
		}
		return locales;
	}

	/**
	 * Read the translations of some messages.
	 * @return those that the file has; empty if it cannot be read
	 */
	static Map<String, String> read(Path file, Set<String> messages) {
		try {
			if (!Files.isReadable(file) || Files.size(file) > MAX_SIZE) {
				return Map.of();
			}
			return parse(ByteBuffer.wrap(Files.readAllBytes(file)), messages);
		}
		catch (IOException | RuntimeException ex) {
			return Map.of(); // not a catalog: only the class of an exception counts then
		}
	}

	private static Map<String, String> parse(ByteBuffer catalog, Set<String> messages) throws IOException {
		catalog.order(ByteOrder.LITTLE_ENDIAN);
		if (catalog.getInt(0) != MAGIC) {
			catalog.order(ByteOrder.BIG_ENDIAN);
			if (catalog.getInt(0) != MAGIC) {
				throw new IOException("not a catalog");
			}
		}
		int count = catalog.getInt(8);
		int originals = catalog.getInt(12);
		int translations = catalog.getInt(16);
		Charset charset = StandardCharsets.UTF_8;
		Map<String, String> found = new HashMap<>();
		for (int i = 0; i < count; i++) {
			String original = text(catalog, originals + 8 * i, StandardCharsets.UTF_8);
			if (original.isEmpty()) {
				charset = charset(text(catalog, translations, StandardCharsets.ISO_8859_1));
			}
			else if (messages.contains(original)) {
				found.put(original, text(catalog, translations + 8 * i, charset));
			}
		}
		return found;
	}

	private static String text(ByteBuffer catalog, int entry, Charset charset) {
		int length = catalog.getInt(entry);
		int offset = Objects.checkFromIndexSize(catalog.getInt(entry + 4), length, catalog.capacity());
		byte[] bytes = new byte[length];
		catalog.get(offset, bytes);
		return new String(bytes, charset);
	}

	/**
	 * The first entry, that of the empty message, describes the file.
	 */
	private static Charset charset(@Nullable String description) {
		Matcher charset = CHARSET.matcher((description != null) ? description : "");
		return charset.find() ? Charset.forName(charset.group(1)) : StandardCharsets.UTF_8;
	}

}
