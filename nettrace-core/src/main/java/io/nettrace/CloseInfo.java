package io.nettrace;

import java.util.Objects;

/**
 * How a connection was closed, as far as the library tells.
 *
 * @param reason why
 * @param by which side did
 * @param http2ErrorCode the error code of the peer's {@code GOAWAY} (RFC 9113, section
 * 7), -1 if there was none
 */
public record CloseInfo(CloseReason reason, Side by, long http2ErrorCode) {

	public CloseInfo {
		Objects.requireNonNull(reason, "'reason' must not be null");
		Objects.requireNonNull(by, "'by' must not be null");
	}

	/**
	 * Return what a reason alone says: which side has closed the connection follows from
	 * all but {@link CloseReason#NOT_KEPT} and {@link CloseReason#UNKNOWN}.
	 * @param reason why
	 * @return how the connection was closed
	 */
	public static CloseInfo of(CloseReason reason) {
		return new CloseInfo(reason, switch (reason) {
			case PEER, RESET, GOAWAY -> Side.PEER;
			case IDLE, MAX_LIFETIME, TIMED_OUT, CANCELLED, CLIENT_CLOSED -> Side.CLIENT;
			case NOT_KEPT, UNKNOWN -> Side.UNKNOWN;
		}, -1);
	}

	/**
	 * Return how a connection was closed after an exchange that was its last.
	 * @param by which side said {@code Connection: close}
	 * @return how the connection was closed
	 */
	public static CloseInfo notKept(Side by) {
		return new CloseInfo(CloseReason.NOT_KEPT, by, -1);
	}

	/**
	 * Return how a connection was closed after the peer's {@code GOAWAY}.
	 * @param errorCode the frame's error code
	 * @return how the connection was closed
	 */
	public static CloseInfo goAway(long errorCode) {
		return new CloseInfo(CloseReason.GOAWAY, Side.PEER, errorCode);
	}

	/**
	 * A side of a connection.
	 */
	public enum Side {

		/**
		 * This side.
		 */
		CLIENT,

		/**
		 * The server, or the proxy.
		 */
		PEER,

		/**
		 * The library does not tell.
		 */
		UNKNOWN

	}

}
