package io.nettrace.contract.stress;

/**
 * When something happens to a request: a hook is called, or one of the places that have
 * no hook is reached. A request may be cancelled there, and its hook may throw.
 */
enum Moment {

	GET_CONN, WAIT_START, WAIT_DONE, DNS_START, DNS_DONE, CONNECT_START, CONNECT_DONE, PROXY_START, PROXY_DONE,
	TLS_START, TLS_DONE, GOT_CONN, WROTE_HEADERS, WAIT_100_CONTINUE, WROTE_REQUEST, GOT_FIRST_RESPONSE_BYTE,
	GOT_100_CONTINUE, GOT_1XX_RESPONSE, RESPONSE_DONE, PUT_IDLE_CONN,

	/**
	 * The server has read the head.
	 */
	ARRIVED,

	/**
	 * The client has the first bytes of the body.
	 */
	BODY;

	boolean isHook() {
		return compareTo(ARRIVED) < 0;
	}

}
