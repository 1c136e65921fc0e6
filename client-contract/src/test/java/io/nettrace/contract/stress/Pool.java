package io.nettrace.contract.stress;

/**
 * The pools of each client, and what is special about the client that has it.
 */
enum Pool {

	/**
	 * Few connections to a host, and a limit for how long a request waits for one;
	 * connections live for a short time. Lookups are shared.
	 */
	SMALL,

	/**
	 * As many connections as there are requests. Each request looks up by itself; where
	 * the library can, addresses race.
	 */
	LARGE,

	/**
	 * All by a proxy.
	 */
	PROXIED

}
