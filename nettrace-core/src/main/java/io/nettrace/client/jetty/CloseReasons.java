package io.nettrace.client.jetty;

import java.io.EOFException;
import java.util.concurrent.TimeoutException;

import io.nettrace.CloseInfo;
import io.nettrace.CloseInfo.Side;
import io.nettrace.CloseReason;
import io.nettrace.ResponseInfo;
import org.eclipse.jetty.client.AbstractConnectionPool;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.client.transport.HttpDestination;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.util.NanoTime;
import org.jspecify.annotations.Nullable;

/**
 * What has happened to a connection, and what limits its life: it tells why the
 * connection is closed, which Jetty does not.
 */
final class CloseReasons {

	private final HttpClient client;

	private final EndPoint transport;

	private volatile @Nullable Throwable failure;

	private volatile long idleSince = NanoTime.now();

	// The rest is guarded by this

	private int used;

	private long goAway = ResponseInfo.NO_GOAWAY;

	private boolean saidGoAway;

	private @Nullable CloseInfo known;

	CloseReasons(HttpClient client, EndPoint transport) {
		this.client = client;
		this.transport = transport;
	}

	/**
	 * An exchange is put on the connection.
	 */
	synchronized void used() {
		this.used++;
	}

	/**
	 * An exchange is done with the connection.
	 */
	void idle() {
		this.idleSince = NanoTime.now();
	}

	/**
	 * The connection is about to be closed, for a reason that only the exchange knows.
	 */
	synchronized void because(CloseInfo close) {
		if (this.known == null) {
			this.known = close;
		}
	}

	/**
	 * The exchange for which Jetty shakes hands has failed. Jetty closes the connection
	 * next.
	 */
	void because(Throwable failure) {
		this.failure = failure;
	}

	/**
	 * The peer takes no more exchanges (RFC 9113, section 6.8). An answer to what this
	 * side has said before does not count.
	 * @param errorCode the frame's
	 */
	synchronized void goAway(long errorCode) {
		if (!this.saidGoAway) {
			this.goAway = errorCode;
		}
	}

	/**
	 * Return the error code of the peer's {@code GOAWAY}.
	 * @return as in {@link ResponseInfo#goAway()}
	 */
	synchronized long goAway() {
		return this.goAway;
	}

	/**
	 * This side takes no more exchanges.
	 */
	synchronized void saidGoAway() {
		this.saidGoAway = true;
	}

	/**
	 * Tell why a handshake has failed.
	 * @param error what Jetty says, which is only the consequence if the connection is
	 * being closed
	 */
	Throwable ofHandshake(Throwable error) {
		boolean closedHere = this.failure != null || !this.transport.isOpen();
		return closedHere ? ofHandshake() : error;
	}

	/**
	 * Tell why the connection is closed in the middle of a handshake.
	 */
	Throwable ofHandshake() {
		Throwable failure = this.failure;
		if (failure != null) {
			return failure;
		}
		if (isClientClosed()) {
			return Failures.cancelled(null);
		}
		return hasTimedOut() ? new TimeoutException("Idle timeout expired: " + this.transport.getIdleTimeout() + " ms")
				: new EOFException("the connection was closed");
	}

	boolean isClientClosed() {
		return !this.client.isRunning();
	}

	/**
	 * Tell why the connection is closed. Jetty does not say who closes one that nothing
	 * is on.
	 * @param destination the pool that the connection is of
	 */
	synchronized CloseInfo ofConnection(@Nullable HttpDestination destination) {
		if (this.goAway != ResponseInfo.NO_GOAWAY) {
			return CloseInfo.goAway(this.goAway);
		}
		CloseInfo close = this.known;
		if (isClientClosed() && (close == null || close.reason() != CloseReason.NOT_KEPT)) {
			return CloseInfo.of(CloseReason.CLIENT_CLOSED);
		}
		if (close != null) {
			return close;
		}
		return hasTimedOut() ? CloseInfo.of(CloseReason.IDLE) : ofPool(pool(destination));
	}

	/**
	 * Jetty has begun to measure a bit before, and forgets what it has measured.
	 */
	private boolean hasTimedOut() {
		long idleTimeout = this.transport.getIdleTimeout();
		return idleTimeout > 0 && NanoTime.millisSince(this.idleSince) >= idleTimeout * 9 / 10;
	}

	private CloseInfo ofPool(@Nullable AbstractConnectionPool pool) {
		if (pool != null) {
			if (pool.getMaxDuration() > 0
					&& System.currentTimeMillis() - this.transport.getCreatedTimeStamp() >= pool.getMaxDuration()) {
				return CloseInfo.of(CloseReason.MAX_LIFETIME);
			}
			if (pool.getMaxUsage() > 0 && this.used >= pool.getMaxUsage()) {
				return CloseInfo.notKept(Side.CLIENT);
			}
		}
		return CloseInfo.of(CloseReason.PEER);
	}

	/**
	 * Whether a pool keeps any connection that is given back.
	 */
	static boolean isKeptBy(@Nullable HttpDestination destination) {
		AbstractConnectionPool pool = pool(destination);
		return pool != null && pool.getMaxDuration() <= 0 && pool.getMaxUsage() <= 0;
	}

	private static @Nullable AbstractConnectionPool pool(@Nullable HttpDestination destination) {
		return (destination != null && destination.getConnectionPool() instanceof AbstractConnectionPool pool) ? pool
				: null;
	}

}
