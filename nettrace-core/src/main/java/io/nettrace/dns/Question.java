package io.nettrace.dns;

/**
 * What is looked up; callers with equal questions share an answer.
 *
 * @param network the network of the dial that asks, {@code tcp}, or {@code ip} for a
 * lookup of its own
 * @param host the name, exactly as asked for: case and a trailing dot make another
 * question, as in Go
 * @param port the port that the answers get, 0 if none
 */
public record Question(String network, String host, int port) {

	boolean needsLookup() {
		return !this.host.isEmpty() && !IpLiteral.matches(this.host);
	}

}
