package io.nettrace.contract.httptrace;

/**
 * A scenario has something that a client, or this machine, cannot express.
 */
final class UnsupportedException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	UnsupportedException(String reason) {
		super(reason);
	}

}
