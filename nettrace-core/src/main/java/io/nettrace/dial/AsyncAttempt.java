package io.nettrace.dial;

/**
 * An attempt of an {@link AsyncDialer} to connect to one address. Safe for use by several
 * threads.
 *
 * @param <C> the type of the connection
 */
public interface AsyncAttempt<C> {

	/**
	 * The attempt has connected. The first one wins, so that two that connect at the same
	 * moment are not both used, nor one lost.
	 * @return whether this one has won, also when it is asked again. A connection that
	 * has not is to be closed
	 */
	boolean wins();

	/**
	 * The attempt has {@linkplain #wins() won}: end the others, and hand its connection
	 * over.
	 * @param connection the connection
	 */
	void connected(C connection);

	/**
	 * The attempt has failed, or has been ended.
	 * @param error why
	 */
	void failed(Throwable error);

}
