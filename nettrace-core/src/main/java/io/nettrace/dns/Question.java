package io.nettrace.dns;

/**
 * What is looked up. Callers with equal networks and hosts share an answer, each with its
 * own port.
 *
 * @param network the network of the dial that asks, {@code tcp}, or {@code ip} for a
 * lookup of its own
 * @param host the name, exactly as asked for: case and a trailing dot make another
 * question, as in Go
 * @param port the port that the answers get, 0 if none
 */
public record Question(String network, String host, int port) {

	/**
	 * What a shared lookup is known by. Go: the key of {@code lookupIPAddr} in
	 * {@code src/net/lookup.go}, without the port too.
	 */
	record Key(String network, String host) {
	}

	Key key() {
		return new Key(this.network, this.host);
	}

	boolean needsLookup() {
		return !this.host.isEmpty() && !IpLiteral.matches(this.host);
	}

}
