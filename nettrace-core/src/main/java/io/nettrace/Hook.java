package io.nettrace;

/**
 * The hooks of a {@link NetTrace}, to say which of them are called. A start and its done
 * are one, because a trace that is told of one is told of the other.
 */
public enum Hook {

	/**
	 * {@link NetTrace#getConn}.
	 */
	GET_CONN(true),

	/**
	 * {@link NetTrace#waitStart} and {@link NetTrace#waitDone}.
	 */
	WAIT(true),

	/**
	 * {@link NetTrace#dnsStart} and {@link NetTrace#dnsDone}.
	 */
	DNS(false),

	/**
	 * {@link NetTrace#dnsAnswer}.
	 */
	DNS_ANSWER(false),

	/**
	 * {@link NetTrace#connectStart} and {@link NetTrace#connectDone}.
	 */
	CONNECT(false),

	/**
	 * {@link NetTrace#proxyStart} and {@link NetTrace#proxyDone}.
	 */
	PROXY(false),

	/**
	 * {@link NetTrace#tlsHandshakeStart} and {@link NetTrace#tlsHandshakeDone}.
	 */
	TLS_HANDSHAKE(false),

	/**
	 * {@link NetTrace#gotConn}.
	 */
	GOT_CONN(true),

	/**
	 * {@link NetTrace#wroteHeaders}.
	 */
	WROTE_HEADERS(true),

	/**
	 * {@link NetTrace#wait100Continue}.
	 */
	WAIT_100_CONTINUE(true),

	/**
	 * {@link NetTrace#got100Continue}.
	 */
	GOT_100_CONTINUE(true),

	/**
	 * {@link NetTrace#got1xxResponse}.
	 */
	GOT_1XX_RESPONSE(true),

	/**
	 * {@link NetTrace#wroteRequest}.
	 */
	WROTE_REQUEST(true),

	/**
	 * {@link NetTrace#gotFirstResponseByte}.
	 */
	GOT_FIRST_RESPONSE_BYTE(true),

	/**
	 * {@link NetTrace#responseDone}.
	 */
	RESPONSE_DONE(true),

	/**
	 * {@link NetTrace#putIdleConn}.
	 */
	PUT_IDLE_CONN(true);

	private final boolean ofEachExchange;

	Hook(boolean ofEachExchange) {
		this.ofEachExchange = ofEachExchange;
	}

	/**
	 * Whether the hook is called for an exchange on a pooled connection, too. The others
	 * are called when a connection is set up.
	 * @return whether each exchange calls it
	 */
	public boolean isOfEachExchange() {
		return this.ofEachExchange;
	}

}
