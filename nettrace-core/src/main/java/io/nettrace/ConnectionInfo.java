package io.nettrace;

import java.net.SocketAddress;
import java.time.Duration;
import java.util.Objects;

import org.jspecify.annotations.Nullable;

/**
 * A connection, at the moment at which a hook is told of it: Go's
 * {@code httptrace.GotConnInfo}, and more.
 *
 * @param id tells the connection from others of the application: counted up from 1
 * @param pool the pool that it belongs to
 * @param reused whether it carried a request, or was kept for one, before
 * @param wasIdle whether it came from the pool's idle connections; {@code false} for one
 * that was handed over by the request before, and for one with other streams open
 * @param idleNanos how long it was idle in nanoseconds, 0 unless {@code wasIdle}
 * @param ageNanos how long it has been there in nanoseconds
 * @param requests how many requests it has carried, this one included
 * @param activeRequests how many requests it carries at the moment, this one included:
 * with HTTP/2 its open streams
 * @param localAddress this side's address, {@code null} if the library does not tell
 * @param peerAddress the server's address, or the proxy's; {@code null} if the library
 * does not tell
 * @param protocol as in OpenTelemetry's {@code network.protocol.version}: {@code 1.1} or
 * {@code 2}; {@code null} if it is not known yet
 * @param tls what its handshake with the server has agreed on; {@code null} without TLS,
 * or if the handshake was not watched
 */
public record ConnectionInfo(long id, PoolInfo pool, boolean reused, boolean wasIdle, long idleNanos, long ageNanos,
		int requests, int activeRequests, @Nullable SocketAddress localAddress, @Nullable SocketAddress peerAddress,
		@Nullable String protocol, @Nullable TlsInfo tls) {

	public ConnectionInfo {
		Objects.requireNonNull(pool, "'pool' must not be null");
	}

	/**
	 * Return how long the connection was idle.
	 * @return the time, zero unless {@link #wasIdle()}
	 */
	public Duration idleTime() {
		return Duration.ofNanos(this.idleNanos);
	}

	/**
	 * Return how long the connection has been there.
	 * @return the time since it was connected
	 */
	public Duration age() {
		return Duration.ofNanos(this.ageNanos);
	}

}
