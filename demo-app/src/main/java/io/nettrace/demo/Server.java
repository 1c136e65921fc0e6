package io.nettrace.demo;

/**
 * The servers of the scenarios.
 */
enum Server {

	/**
	 * The application's own web server.
	 */
	PLAIN("http"),

	/**
	 * The same with TLS. Its certificate depends on the host.
	 */
	SECURE("https"),

	/**
	 * Answers the first request of each connection and hangs up on the second.
	 */
	HANGS_UP("http"),

	/**
	 * Has no time for the first request of each connection, and answers the second.
	 */
	BUSY_AT_FIRST("http"),

	/**
	 * Speaks HTTP/2, and answers the first request of each connection; the second gets a
	 * {@code GOAWAY}.
	 */
	SENDS_AWAY("http");

	private final String scheme;

	Server(String scheme) {
		this.scheme = scheme;
	}

	String scheme() {
		return this.scheme;
	}

}
