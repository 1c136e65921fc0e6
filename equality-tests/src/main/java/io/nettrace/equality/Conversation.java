package io.nettrace.equality;

import java.io.IOException;

/**
 * What a server does with each of its connections.
 */
@FunctionalInterface
interface Conversation {

	/**
	 * Talk until the conversation ends. The connection is then closed.
	 */
	void on(Connection connection) throws IOException;

}
