package io.nettrace.observation;

import java.util.List;

/**
 * Which hosts are observed. In a pattern {@code *} stands for any characters, dots
 * included, and {@code ?} for one; case, the dot at the end of a name, and whether it is
 * written in Unicode or Punycode do not matter.
 *
 * @param include a host must match one of these, if there is any
 * @param exclude a host must match none of these
 */
public record HostPatterns(List<String> include, List<String> exclude) {

	/**
	 * Create patterns.
	 * @param include a host must match one of these, if there is any
	 * @param exclude a host must match none of these
	 */
	public HostPatterns(List<String> include, List<String> exclude) {
		this.include = normalized("include", include);
		this.exclude = normalized("exclude", exclude);
	}

	private static List<String> normalized(String argument, List<String> patterns) {
		return patterns.stream().map((pattern) -> {
			if (pattern.isBlank()) {
				throw new IllegalArgumentException("'" + argument + "' must not contain an empty pattern");
			}
			return HostName.canonical(pattern.strip());
		}).toList();
	}

	/**
	 * Return patterns that every host matches.
	 * @return the patterns
	 */
	public static HostPatterns all() {
		return new HostPatterns(List.of(), List.of());
	}

	/**
	 * Whether a host is observed.
	 * @param host a name or an IP address
	 * @return whether it matches
	 */
	public boolean matches(String host) {
		if (this.include.isEmpty() && this.exclude.isEmpty()) {
			return true;
		}
		String name = HostName.canonical(host);
		return (this.include.isEmpty() || matchesAny(this.include, name)) && !matchesAny(this.exclude, name);
	}

	private static boolean matchesAny(List<String> patterns, String name) {
		for (String pattern : patterns) {
			if (matches(pattern, name)) {
				return true;
			}
		}
		return false;
	}

	/**
	 * Takes as little as it can for the last {@code *}, and comes back to take one more
	 * character when the rest does not fit: linear for one star, no regular expression of
	 * the user's making.
	 */
	private static boolean matches(String pattern, String name) {
		int p = 0;
		int n = 0;
		int star = -1;
		int taken = 0;
		while (n < name.length()) {
			if (p < pattern.length() && pattern.charAt(p) == '*') {
				star = p++;
				taken = n;
			}
			else if (p < pattern.length() && (pattern.charAt(p) == '?' || pattern.charAt(p) == name.charAt(n))) {
				p++;
				n++;
			}
			else if (star >= 0) {
				p = star + 1;
				n = ++taken;
			}
			else {
				return false;
			}
		}
		while (p < pattern.length() && pattern.charAt(p) == '*') {
			p++;
		}
		return p == pattern.length();
	}

}
