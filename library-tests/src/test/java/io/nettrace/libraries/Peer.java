package io.nettrace.libraries;

/**
 * What a library talks to, on a port of {@value #ADDRESS}.
 */
interface Peer extends AutoCloseable {

	String ADDRESS = "127.0.0.9";

	int port();

	/**
	 * The number of connections that were accepted so far.
	 */
	int connections();

	@Override
	void close();

}
