package io.nettrace.demo;

/**
 * Sends the requests of one run with its own connection pool, so that the first one has
 * to connect. Threads may share it.
 */
interface Caller extends AutoCloseable {

	/**
	 * Send a GET request and wait for the response.
	 * @param url where to
	 */
	void get(String url);

	@Override
	void close();

	/**
	 * Makes callers that use one of Spring's clients.
	 */
	interface Factory {

		/**
		 * Return the client's name.
		 * @return what it is called in the API
		 */
		String client();

		/**
		 * Make a caller with an empty connection pool.
		 * @param connections how many connections its requests need at once
		 * @return a caller, to be closed
		 */
		Caller open(int connections);

	}

}
