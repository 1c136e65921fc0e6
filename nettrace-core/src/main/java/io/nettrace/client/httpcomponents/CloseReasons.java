package io.nettrace.client.httpcomponents;

import io.nettrace.CloseInfo;
import io.nettrace.CloseInfo.Side;
import io.nettrace.CloseReason;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.HttpMessage;
import org.apache.hc.core5.util.TimeValue;
import org.jspecify.annotations.Nullable;

/**
 * What has happened to a connection, and what limits its life: it tells why the
 * connection is closed, which the library does not. Times are in milliseconds since the
 * epoch, as the pool's are. May be asked by another thread than the one that uses the
 * connection.
 */
final class CloseReasons {

	private static final long NEVER = Long.MAX_VALUE;

	private final long createdAt = System.currentTimeMillis();

	private volatile @Nullable ConnectionSetup setup;

	private volatile @Nullable Throwable failure;

	private volatile @Nullable Side lastExchangeSaidBy;

	private volatile boolean stale;

	private volatile long idleSince = NEVER;

	private volatile long expiresAt = NEVER;

	/**
	 * The connection has been set up.
	 */
	void limitedBy(@Nullable ConnectionSetup setup) {
		this.setup = setup;
	}

	/**
	 * The connection is about to carry a request.
	 */
	void carries(HttpMessage request) {
		this.failure = null;
		this.lastExchangeSaidBy = Persistence.saysClose(request) ? Side.CLIENT : null;
	}

	/**
	 * The head of a response has come.
	 */
	void answered(HttpMessage response) {
		if (this.lastExchangeSaidBy == null && Persistence.isEndedBy(response)) {
			this.lastExchangeSaidBy = Side.PEER;
		}
	}

	/**
	 * The body of the response comes next.
	 */
	void answeredWith(HttpEntity body) {
		if (this.lastExchangeSaidBy == null && Persistence.isEndedBy(body)) {
			this.lastExchangeSaidBy = Side.PEER;
		}
	}

	/**
	 * The exchange on the connection has failed.
	 */
	void failed(Throwable error) {
		this.failure = error;
	}

	/**
	 * The pool keeps the connection.
	 * @param keepAlive for how long, {@code null} if it is not known
	 */
	void idle(@Nullable TimeValue keepAlive) {
		long now = System.currentTimeMillis();
		this.idleSince = now;
		this.expiresAt = after(now, keepAlive);
	}

	/**
	 * The pool has looked whether the peer has closed the connection.
	 */
	void stale(boolean stale) {
		this.stale = stale;
	}

	private static long after(long time, @Nullable TimeValue duration) {
		return (duration != null && TimeValue.isPositive(duration)) ? time + duration.toMilliseconds() : NEVER;
	}

	/**
	 * Tell why the connection is closed while no exchange has it.
	 */
	CloseInfo ofIdle() {
		if (this.stale) {
			return CloseInfo.of(CloseReason.PEER);
		}
		if (isClientClosed()) {
			return CloseInfo.of(CloseReason.CLIENT_CLOSED);
		}
		CloseReason reason = limit();
		return (reason != null) ? CloseInfo.of(reason) : thisSide();
	}

	private boolean isClientClosed() {
		ConnectionSetup setup = this.setup;
		return setup != null && setup.manager().isClosed();
	}

	private @Nullable CloseReason limit() {
		long now = System.currentTimeMillis();
		ConnectionSetup setup = this.setup;
		if (now >= this.expiresAt) {
			return CloseReason.IDLE;
		}
		TimeValue timeToLive = (setup != null) ? setup.timeToLive() : null;
		if (timeToLive != null && TimeValue.isNonNegative(timeToLive)
				&& now >= this.createdAt + timeToLive.toMilliseconds()) {
			return CloseReason.MAX_LIFETIME;
		}
		if (setup != null && this.idleSince != NEVER && now >= after(this.idleSince, setup.idleTimeout())) {
			return CloseReason.IDLE;
		}
		return CarriedByThread.CLOSING.get();
	}

	/**
	 * For example to make place for a connection to another host.
	 */
	private static CloseInfo thisSide() {
		return new CloseInfo(CloseReason.UNKNOWN, Side.CLIENT, -1);
	}

	/**
	 * Tell why the connection is closed in the middle of an exchange, or at its end.
	 * @param aborted whether the thread that waits for the response is another one
	 * @param completed whether the response has been read to its end
	 */
	CloseInfo ofExchange(boolean aborted, boolean completed) {
		CloseInfo failed = Failures.close(this.failure);
		if (failed != null) {
			return failed;
		}
		if (isClientClosed()) {
			return CloseInfo.of(CloseReason.CLIENT_CLOSED);
		}
		if (aborted) {
			return CloseInfo.of(CloseReason.CANCELLED);
		}
		Side said = this.lastExchangeSaidBy;
		if (said != null) {
			return CloseInfo.notKept(said);
		}
		return completed ? CloseInfo.notKept(Side.CLIENT) : thisSide();
	}

	/**
	 * The connection is closed: keep nothing of the exchange.
	 * @return why it has failed, or {@code null}
	 */
	@Nullable Throwable takeFailure() {
		Throwable taken = this.failure;
		this.failure = null;
		return taken;
	}

}
