package io.nettrace;

/**
 * Is told of connections, which live longer than the requests that open and use them:
 * OkHttp's name. A bean of this type listens to every instrumented client. It is called
 * as a {@link NetTrace} is: by the thread that does the work, without a lock held; what
 * it throws is logged and changes nothing.
 * <p>
 * What is told of one connection is told one after the other, whatever threads use and
 * close it: first that it is open, then of its exchanges, last that it is closed. A
 * thread that finds another one telling leaves it to that one. No exchange has a
 * connection that is closed: those that had it are released before.
 */
public interface ConnectionListener {

	/**
	 * A connection is there, and ready for its first request.
	 * @param connection the connection
	 */
	default void opened(ConnectionInfo connection) {
	}

	/**
	 * An exchange has got the connection.
	 * @param connection the connection
	 */
	default void acquired(ConnectionInfo connection) {
	}

	/**
	 * An exchange is done with the connection, which may be closed next.
	 * @param connection the connection
	 */
	default void released(ConnectionInfo connection) {
	}

	/**
	 * The connection is closed.
	 * @param connection the connection
	 * @param close why, and by which side
	 */
	default void closed(ConnectionInfo connection, CloseInfo close) {
	}

}
