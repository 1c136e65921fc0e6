package io.nettrace;

import org.jspecify.annotations.Nullable;

/**
 * A connection that an exchange is done with.
 *
 * @param connection the connection
 * @param error why the pool does not keep it, {@code null} if it does
 */
public record PutIdleInfo(ConnectionInfo connection, @Nullable Throwable error) {

}
