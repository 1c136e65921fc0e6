package io.nettrace.demo;

/**
 * What a scenario needs of a client besides a pool. Not each client has all of it.
 */
enum ClientFeature {

	/**
	 * HTTP/2 in clear text, known in advance.
	 */
	HTTP2,

	/**
	 * The demo's proxy.
	 */
	PROXY,

	/**
	 * Happy Eyeballs: the addresses of a host race.
	 */
	FALLBACK_RACE,

	/**
	 * A resolver with the search domains of a Kubernetes pod, whose queries are shown.
	 */
	SEARCH_DOMAINS,

	/**
	 * The JVM's resolver, as in an application that sets none.
	 */
	JVM_RESOLVER,

	/**
	 * Requests are sent once more by the application if the server has no time, or if its
	 * name is not known.
	 */
	RETRY

}
