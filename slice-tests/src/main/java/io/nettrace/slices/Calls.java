package io.nettrace.slices;

/**
 * One of Spring's clients.
 */
interface Calls {

	/**
	 * Send a GET request.
	 * @param url where to
	 * @return the status
	 */
	int get(String url);

}
