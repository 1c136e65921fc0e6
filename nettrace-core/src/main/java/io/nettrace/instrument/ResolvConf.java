package io.nettrace.instrument;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

/**
 * What {@code /etc/resolv.conf} makes of a name: how many queries the system's resolver
 * sends at most. What it has sent cannot be seen. See resolv.conf(5) for glibc, and
 * {@code __get_resolv_conf} and {@code name_from_dns_search} for musl, which reads the
 * same file in another way, and none of its search domains before 1.1.13.
 */
public final class ResolvConf {

	/**
	 * One query to a name server of the same network takes a few milliseconds.
	 */
	private static final Duration SLOW = Duration.ofMillis(100);

	/**
	 * No hint on systems that look up in another way.
	 */
	private static final ResolvConf NONE = new ResolvConf(List.of(), 0, 1, false, true);

	private static final int MAX_NDOTS = 15;

	private static final int MAX_NAME_SERVERS = 3;

	private static final long READ_AGAIN_NANOS = TimeUnit.SECONDS.toNanos(10);

	private static final boolean MUSL = isMusl(Path.of("/proc/self/maps"));

	private static volatile @Nullable Read last;

	private final List<String> searchDomains;

	private final int ndots;

	private final int nameServers;

	private final boolean musl;

	private final boolean bothTypes;

	private ResolvConf(List<String> searchDomains, int ndots, int nameServers, boolean musl, boolean bothTypes) {
		this.searchDomains = searchDomains;
		this.ndots = ndots;
		this.nameServers = nameServers;
		this.musl = musl;
		this.bothTypes = bothTypes;
	}

	private record Read(ResolvConf conf, long nanos) {
	}

	/**
	 * Return what the file of this machine says, which is read again after 10 seconds.
	 * @return the settings; those that give no hint if there is no such file
	 */
	public static ResolvConf current() {
		Read read = last;
		long now = System.nanoTime();
		if (read == null || now - read.nanos() > READ_AGAIN_NANOS) {
			read = new Read(read(), now);
			last = read;
		}
		return read.conf();
	}

	private static ResolvConf read() {
		if (!System.getProperty("os.name", "").equals("Linux")) {
			return NONE;
		}
		try {
			// glibc and musl take bytes for what they are
			return parse(Files.readAllLines(Path.of("/etc/resolv.conf"), StandardCharsets.ISO_8859_1), MUSL,
					System.getenv("LOCALDOMAIN"), System.getenv("RES_OPTIONS"));
		}
		catch (IOException | SecurityException ex) {
			return NONE;
		}
	}

	/**
	 * Whether this process runs on musl. A machine may have both.
	 */
	static boolean isMusl(Path maps) {
		try (Stream<String> lines = Files.lines(maps, StandardCharsets.ISO_8859_1)) {
			return lines.anyMatch((line) -> line.contains("/ld-musl-") || line.contains("/libc.musl-"));
		}
		catch (IOException | RuntimeException ex) {
			return false;
		}
	}

	/**
	 * Read the lines of such a file. A keyword is one in the first column only, so that
	 * comments are none.
	 * @param lines the lines
	 * @param musl whether musl reads them
	 * @param localDomain the environment variable {@code LOCALDOMAIN}, which has glibc
	 * search other domains, or {@code null}
	 * @param resOptions the environment variable {@code RES_OPTIONS}, which glibc adds to
	 * the options, or {@code null}
	 */
	static ResolvConf parse(List<String> lines, boolean musl, @Nullable String localDomain,
			@Nullable String resOptions) {
		List<String> search = List.of();
		Options options = new Options();
		int nameServers = 0;
		for (String line : lines) {
			List<String> words = words(line);
			if (words.size() < 2 || !line.startsWith(words.get(0))) {
				continue;
			}
			switch (words.get(0)) {
				case "nameserver" -> nameServers++;
				case "search" -> search = words.subList(1, words.size());
				// musl does not tell the two apart
				case "domain" -> search = words.subList(1, musl ? words.size() : 2);
				case "options" -> options.add(words.subList(1, words.size()), musl);
				default -> {
				}
			}
		}
		if (!musl && localDomain != null) {
			search = words(localDomain);
		}
		if (!musl && resOptions != null) {
			options.add(words(resOptions), false);
		}
		return new ResolvConf(List.copyOf(search), options.ndots, Math.min(Math.max(nameServers, 1), MAX_NAME_SERVERS),
				musl, musl || options.bothTypes);
	}

	private static List<String> words(String line) {
		return Stream.of(line.split("[ \t]+")).filter((word) -> !word.isEmpty()).toList();
	}

	private static final class Options {

		private int ndots = 1;

		private boolean bothTypes = true;

		void add(List<String> options, boolean musl) {
			for (String option : options) {
				if (option.startsWith("ndots:")) {
					String number = option.substring("ndots:".length());
					if (!musl || startsWithDigit(number)) {
						this.ndots = Math.min(number(number), MAX_NDOTS);
					}
				}
				else if (option.equals("no-aaaa")) {
					this.bothTypes = false;
				}
			}
		}

		private static boolean startsWithDigit(String text) {
			return !text.isEmpty() && Character.isDigit(text.charAt(0));
		}

		/**
		 * As {@code atoi} does.
		 */
		private static int number(String text) {
			int end = 0;
			while (end < text.length() && Character.isDigit(text.charAt(end)) && end < 4) {
				end++;
			}
			return (end > 0) ? Integer.parseInt(text.substring(0, end)) : 0;
		}

	}

	/**
	 * Return how many queries a lookup of a name makes at most, if it needs none to be
	 * repeated.
	 * @param host the name
	 * @return the number of queries
	 */
	public int maxQueries(String host) {
		boolean absolute = host.endsWith(".") || (this.musl && hasNdots(host));
		return queriesOfOneName() * (absolute ? 1 : 1 + this.searchDomains.size());
	}

	/**
	 * Musl asks all of its name servers at once, each for both types.
	 */
	private int queriesOfOneName() {
		return (this.bothTypes ? 2 : 1) * (this.musl ? this.nameServers : 1);
	}

	private boolean hasNdots(String host) {
		return host.chars().filter((character) -> character == '.').count() >= this.ndots;
	}

	/**
	 * Whether a lookup is one to give a {@link #hint} for.
	 * @param took how long it took
	 * @param error why it has failed, {@code null} if it has not
	 * @return whether it has failed or was slow
	 */
	public static boolean isConspicuous(Duration took, @Nullable Throwable error) {
		return error != null || took.compareTo(SLOW) >= 0;
	}

	/**
	 * Say what the file makes of a name that is looked up with its search domains first.
	 * @param host the name
	 * @return a sentence without a full stop at its end, {@code null} if the name is
	 * looked up as it is first
	 */
	public @Nullable String hint(String host) {
		Objects.requireNonNull(host, "'host' must not be null");
		if (host.isEmpty() || host.endsWith(".") || this.searchDomains.isEmpty() || hasNdots(host)) {
			return null;
		}
		return "/etc/resolv.conf (ndots:" + this.ndots + ", " + this.searchDomains.size()
				+ ((this.searchDomains.size() == 1) ? " search domain" : " search domains") + ") makes up to "
				+ maxQueries(host) + " queries of " + host
				+ (this.musl && this.nameServers > 1 ? ", as musl asks all name servers at once" : "") + "; try " + host
				+ ". with its final dot, " + queriesOfOneName();
	}

}
