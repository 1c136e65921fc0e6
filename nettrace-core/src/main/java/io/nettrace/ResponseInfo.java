package io.nettrace;

import org.jspecify.annotations.Nullable;

/**
 * How a response ended.
 *
 * @param connection the connection that it came from
 * @param status the status code, 0 if there was none
 * @param error why it was not read to its end, or {@code null}
 */
public record ResponseInfo(ConnectionInfo connection, int status, @Nullable Throwable error) {

}
