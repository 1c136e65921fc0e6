package io.nettrace.contract.stress;

import io.nettrace.ConnectionInfo;

/**
 * What an exchange has called since it got its connection.
 */
final class ExchangeChecker {

	final long connection;

	boolean wroteHeaders;

	boolean waits;

	boolean wroteRequest;

	boolean gotFirstByte;

	boolean got100;

	boolean responded;

	boolean put;

	ExchangeChecker(ConnectionInfo connection) {
		this.connection = connection.id();
	}

	/**
	 * Whether the exchange has called all that it must, of the hooks that its client
	 * calls.
	 */
	boolean isOver(Tally called) {
		return (!this.wroteHeaders || this.wroteRequest || !called.has(Moment.WROTE_REQUEST))
				&& (this.responded || !called.has(Moment.RESPONSE_DONE));
	}

}
