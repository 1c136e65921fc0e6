package io.nettrace.equality;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * The only place that removes what differs between two runs without nettrace: ports, ids,
 * times, numbers of threads, identity hashes.
 */
final class Normalizer {

	private static final String PORT = "@port ";

	// "... on name-1-2" at the end of a line
	private static final Pattern THREAD = Pattern.compile("(?<= on )\\S+$");

	private static final Pattern NUMBER = Pattern.compile("\\d+");

	// What Jetty adds if its last write comes after its own close of a connection that
	// fails
	private static final Pattern LAST_WRITE = Pattern.compile("\\s+(?:(?:suppressed|cause) "
			+ "(?:java.io.IOException: Broken pipe|org.eclipse.jetty.io.EofException: (?:Broken pipe|null))"
			+ "|suppressed java.nio.channels.ClosedChannelException: null)");

	private static final Map<Pattern, String> CHANCE = new LinkedHashMap<>();

	static {
		// ids of traces and spans, as the propagator of W3C writes them
		replace("00-[0-9a-f]{32}-[0-9a-f]{16}-(\\d\\d)", "00-TRACE-SPAN-$1");
		// ids of Reactor Netty's channels, with their local address
		replace("\\[(id: )?(0x)?[0-9a-f]{8}(-\\d+)?, L:", "[CHANNEL, L:");
		replace("L:/127\\.0\\.0\\.1:\\d+", "L:/127.0.0.1:LOCAL");
		replace("l:/127\\.0\\.0\\.1:\\d+", "l:/127.0.0.1:LOCAL");
		// identity hashes
		replace("@[0-9a-f]{3,8}\\b", "@HASH");
		// the state of a connection at this moment, as Jetty prints it in place of a
		// message
		replace("(oejcti\\.HttpConnectionOverHTTP@HASH::[^\\[]*)\\[\\{l=[^,]*,r=([^,]*),.*", "$1[to $2, STATE]");
		// how long Jetty's connection was idle, of how long it may be
		replace("Idle timeout expired: \\d+/", "Idle timeout expired: T/");
		// ids of the exchanges of HttpComponents
		replace("\\bex-\\d+\\b", "ex-N");
	}

	private Normalizer() {
	}

	private static void replace(String pattern, String replacement) {
		CHANCE.put(Pattern.compile(pattern), replacement);
	}

	/**
	 * Make a transcript comparable.
	 * @param lines the transcript, which names the ports of its servers
	 */
	static List<String> normalize(List<String> lines) {
		Map<Pattern, String> ports = new LinkedHashMap<>();
		for (String line : lines) {
			if (line.startsWith(PORT)) {
				int number = line.lastIndexOf(' ');
				ports.put(Pattern.compile("\\b" + line.substring(number + 1) + "\\b"),
						"<" + line.substring(PORT.length(), number) + ">");
			}
		}
		List<String> normalized = new ArrayList<>();
		for (String line : lines) {
			if (!line.startsWith(PORT) && !LAST_WRITE.matcher(line).matches()) {
				String replaced = replaceAll(replaceAll(line, ports), CHANCE);
				normalized.add(THREAD.matcher(replaced)
					.replaceAll((name) -> NUMBER.matcher(name.group()).replaceAll("N").replace("$", "\\$")));
			}
		}
		return normalized;
	}

	private static String replaceAll(String line, Map<Pattern, String> replacements) {
		String result = line;
		for (Map.Entry<Pattern, String> replacement : replacements.entrySet()) {
			result = replacement.getKey().matcher(result).replaceAll(replacement.getValue());
		}
		return result;
	}

}
