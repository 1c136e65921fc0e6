package io.nettrace.instrument;

import io.nettrace.CloseInfo;
import io.nettrace.ConnectionListener;

/**
 * A listener that looks at a connection whenever it wants to know something, instead of
 * being told of each exchange, which takes two objects each time.
 */
public interface ConnectionRecordListener extends ConnectionListener {

	/**
	 * A connection is ready for its first request.
	 * @param connection the connection, to be let go of when it is closed
	 */
	void watch(ConnectionRecord connection);

	/**
	 * A connection that was open is closed.
	 * @param connection the connection
	 * @param close why, and by which side
	 */
	void unwatch(ConnectionRecord connection, CloseInfo close);

	/**
	 * Whether there is something to be told. If no listener needs it, the exchanges on a
	 * connection are not watched for its sake.
	 * @return by default {@code true}
	 */
	default boolean isNeeded() {
		return true;
	}

	/**
	 * Whether the methods of {@link ConnectionListener} are to be called, too.
	 * @return by default {@code false}
	 */
	default boolean hearsExchanges() {
		return false;
	}

}
