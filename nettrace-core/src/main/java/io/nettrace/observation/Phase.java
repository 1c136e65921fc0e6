package io.nettrace.observation;

import java.util.List;
import java.util.Locale;

/**
 * What a request is doing. It does one thing at a time: where two go on at once, the race
 * of two addresses for one, both are the same phase.
 */
public enum Phase {

	/**
	 * Waiting for the pool: from asking for a connection to having one, or to the first
	 * step of setting one up.
	 */
	QUEUE,

	/**
	 * Looking up the host.
	 */
	DNS,

	/**
	 * Connecting to the addresses of the host, or to those of the proxy.
	 */
	CONNECT,

	/**
	 * Having the proxy connect to the host.
	 */
	PROXY,

	/**
	 * Shaking hands.
	 */
	TLS,

	/**
	 * Writing the request.
	 */
	SEND,

	/**
	 * Waiting for the first byte of the response.
	 */
	WAIT,

	/**
	 * Reading the response, at the speed at which the application takes it.
	 */
	RECEIVE,

	/**
	 * None of these: work of the library and of the application between them.
	 */
	OTHER;

	/**
	 * The phases in their order, without the array that {@link #values()} makes.
	 */
	public static final List<Phase> ALL = List.of(values());

	private final String text = name().toLowerCase(Locale.ROOT);

	/**
	 * Return the phase as attributes and tags have it.
	 * @return the name in lower case
	 */
	@Override
	public String toString() {
		return this.text;
	}

}
