package io.nettrace;

import org.jspecify.annotations.Nullable;

/**
 * How a response ended.
 *
 * @param connection the connection that it came from
 * @param status the status code, 0 if there was none
 * @param error why it was not read to its end, or {@code null}
 * @param goAway the error code of the {@code GOAWAY} that the server had sent on the
 * connection by then (RFC 9113, section 6.8), or {@link #NO_GOAWAY}
 */
public record ResponseInfo(ConnectionInfo connection, int status, @Nullable Throwable error, long goAway) {

	/**
	 * Stands for a connection whose server has sent no {@code GOAWAY}, or whose library
	 * does not tell.
	 */
	public static final long NO_GOAWAY = -1;

	/**
	 * Describe a response on a connection without {@code GOAWAY}.
	 * @param connection the connection that it came from
	 * @param status the status code, 0 if there was none
	 * @param error why it was not read to its end, or {@code null}
	 */
	public ResponseInfo(ConnectionInfo connection, int status, @Nullable Throwable error) {
		this(connection, status, error, NO_GOAWAY);
	}

}
