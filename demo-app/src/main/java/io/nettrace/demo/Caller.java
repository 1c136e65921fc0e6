package io.nettrace.demo;

import org.jspecify.annotations.Nullable;

/**
 * Sends the requests of one run with its own connection pool, so that the first one has
 * to connect. Threads may share it.
 */
interface Caller extends AutoCloseable {

	/**
	 * Send a GET request and read the response.
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
		 * Return why the client lacks something.
		 * @param feature what a scenario needs
		 * @return the reason as a sentence, or {@code null} if the client has it
		 */
		@Nullable String whyNot(ClientFeature feature);

		/**
		 * Make a caller with an empty connection pool.
		 * @param setup what it needs, all of which the client has
		 * @return a caller, to be closed
		 */
		Caller open(ClientSetup setup);

		/**
		 * Return why a scenario cannot run on the client.
		 * @param scenario the scenario
		 * @return the reason as a sentence, or {@code null} if it can
		 */
		default @Nullable String whyNot(Scenario scenario) {
			for (ClientFeature feature : scenario.client().features()) {
				String reason = whyNot(feature);
				if (reason != null) {
					return reason;
				}
			}
			return null;
		}

	}

}
