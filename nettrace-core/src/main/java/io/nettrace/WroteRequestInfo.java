package io.nettrace;

import org.jspecify.annotations.Nullable;

/**
 * How the writing of a request ended: Go's {@code httptrace.WroteRequestInfo}.
 *
 * @param connection the connection that it was written to
 * @param error why it was not written, or not to its end; {@code null} also if the body
 * was held back because the server had answered
 */
public record WroteRequestInfo(ConnectionInfo connection, @Nullable Throwable error) {

}
