package io.nettrace;

/**
 * An interim response (RFC 9110, section 15.2): more of the response follows.
 *
 * @param connection the connection that it came from
 * @param status the status code, 100 to 199
 */
public record InterimResponse(ConnectionInfo connection, int status) {

}
