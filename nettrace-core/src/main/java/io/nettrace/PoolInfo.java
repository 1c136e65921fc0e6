package io.nettrace;

import java.util.Objects;

/**
 * The connections of one client library to one host: what a pool's limit for a host, and
 * OpenTelemetry's meters of connections, count.
 *
 * @param client as in {@link RequestInfo#client()}
 * @param host the host, as the request has it that opened the connection; the proxy, if
 * one forwards requests to any host over the connection
 * @param port the host's port
 * @param maxConnections how many connections there may be at once, as the pool had it
 * when the connection was opened: the smaller of its limit for the host and its limit in
 * all; -1 if it has none, or the library does not tell
 */
public record PoolInfo(String client, String host, int port, int maxConnections) {

	public PoolInfo {
		Objects.requireNonNull(client, "'client' must not be null");
		Objects.requireNonNull(host, "'host' must not be null");
	}

}
