package io.nettrace.dns;

/**
 * Which concurrent lookups of one name share one call of the resolver.
 */
public enum SingleFlightPolicy {

	/**
	 * Those that end at the JVM's own resolver or at the client library's default one. A
	 * resolver of the application's may answer by the calling thread, by port or in turn,
	 * so it is called each time.
	 */
	SYSTEM,

	/**
	 * Those of any resolver.
	 */
	ALWAYS,

	/**
	 * None.
	 */
	NEVER;

	boolean shares(boolean systemResolver) {
		return this == ALWAYS || (this == SYSTEM && systemResolver);
	}

}
