package io.nettrace.dns;

import org.jspecify.annotations.Nullable;

/**
 * What is looked up. Callers with equal questions share an answer, each with its own
 * port, which is no part of the question. Go: the key of {@code lookupIPAddr} in
 * {@code src/net/lookup.go}.
 *
 * @param network the network of the dial, {@code tcp}, or {@code ip} for a lookup of its
 * own
 * @param host the name, exactly as it is looked up: case and a trailing dot make another
 * question, as in Go
 * @param port the port that the answers get, 0 if none
 */
public record Question(String network, String host, int port) {

	@Override
	public boolean equals(@Nullable Object other) {
		return other instanceof Question question && this.host.equals(question.host)
				&& this.network.equals(question.network);
	}

	@Override
	public int hashCode() {
		return 31 * this.network.hashCode() + this.host.hashCode();
	}

	boolean needsLookup() {
		return !this.host.isEmpty() && !IpLiteral.matches(this.host);
	}

}
