package io.nettrace.equality;

import java.io.IOException;

/**
 * What a server does with each of its connections.
 */
@FunctionalInterface
interface Conversation {

	/**
	 * Talk until the end; the connection is closed then.
	 */
	void on(Connection connection) throws IOException;

}
