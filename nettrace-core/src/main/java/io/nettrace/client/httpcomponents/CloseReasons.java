package io.nettrace.client.httpcomponents;

import java.net.SocketException;
import java.net.SocketTimeoutException;

import io.nettrace.CloseInfo;
import io.nettrace.CloseInfo.Side;
import io.nettrace.CloseReason;
import org.apache.hc.core5.http.ConnectionClosedException;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.HttpHeaders;
import org.apache.hc.core5.http.HttpMessage;
import org.apache.hc.core5.http.HttpVersion;
import org.apache.hc.core5.http.NoHttpResponseException;
import org.apache.hc.core5.http.TruncatedChunkException;
import org.apache.hc.core5.util.TimeValue;
import org.jspecify.annotations.Nullable;

/**
 * What has happened to a connection, and what limits its life: it tells why the
 * connection is closed, which the library does not. Times are in milliseconds since the
 * epoch, as the pool's are. May be asked by another thread than the one that uses the
 * connection.
 */
final class CloseReasons {

	private static final int MAX_CAUSES = 8;

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
		this.lastExchangeSaidBy = saysClose(request) ? Side.CLIENT : null;
	}

	/**
	 * The head of a response has come.
	 */
	void answered(HttpMessage response) {
		if (this.lastExchangeSaidBy == null && endsConnection(response)) {
			this.lastExchangeSaidBy = Side.PEER;
		}
	}

	/**
	 * The body of the response comes next. Without a length, its end is that of the
	 * connection (RFC 9112, section 6.3).
	 */
	void answeredWith(HttpEntity body) {
		if (this.lastExchangeSaidBy == null && !body.isChunked() && body.getContentLength() < 0) {
			this.lastExchangeSaidBy = Side.PEER;
		}
	}

	private static boolean endsConnection(HttpMessage response) {
		return saysClose(response)
				|| (HttpVersion.HTTP_1_0.equals(response.getVersion()) && !says(response, "keep-alive"));
	}

	private static boolean saysClose(HttpMessage message) {
		return says(message, "close");
	}

	private static boolean says(HttpMessage message, String option) {
		Header connection = message.getFirstHeader(HttpHeaders.CONNECTION);
		String value = (connection != null) ? connection.getValue() : null;
		if (value == null) {
			return false;
		}
		int start = 0;
		for (int end = value.indexOf(','); end >= 0; end = value.indexOf(',', start)) {
			if (is(value, start, end, option)) {
				return true;
			}
			start = end + 1;
		}
		return is(value, start, value.length(), option);
	}

	private static boolean is(String value, int start, int end, String option) {
		while (start < end && value.charAt(start) == ' ') {
			start++;
		}
		return value.regionMatches(true, start, option, 0, option.length())
				&& value.substring(start + option.length(), end).isBlank();
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
		CloseReason failed = ofFailure();
		if (failed != null) {
			return CloseInfo.of(failed);
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

	private @Nullable CloseReason ofFailure() {
		Throwable cause = this.failure;
		for (int i = 0; cause != null && i < MAX_CAUSES; i++, cause = cause.getCause()) {
			if (cause instanceof NoHttpResponseException || cause instanceof ConnectionClosedException
					|| cause instanceof TruncatedChunkException) {
				return CloseReason.PEER;
			}
			if (cause instanceof SocketTimeoutException) {
				return CloseReason.TIMED_OUT;
			}
			if (cause instanceof SocketException) {
				return Aborts.isAbort(cause) ? CloseReason.CANCELLED : CloseReason.RESET;
			}
		}
		return null;
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
