package io.nettrace;

/**
 * Why a connection was closed, as far as the library tells.
 */
public enum CloseReason {

	/**
	 * The peer closed it.
	 */
	PEER,

	/**
	 * It was idle for too long.
	 */
	IDLE,

	/**
	 * It was there for as long as the pool lets one be.
	 */
	MAX_LIFETIME,

	/**
	 * Either side said so ({@code Connection: close}).
	 */
	NOT_KEPT,

	/**
	 * The server takes no more requests (HTTP/2 {@code GOAWAY}, RFC 9113, section 6.8).
	 */
	GOAWAY,

	/**
	 * The peer reset it.
	 */
	RESET,

	/**
	 * A request on it timed out.
	 */
	TIMED_OUT,

	/**
	 * A request on it was cancelled.
	 */
	CANCELLED,

	/**
	 * Its client, or its pool, was closed.
	 */
	CLIENT_CLOSED,

	/**
	 * The library does not tell.
	 */
	UNKNOWN

}
