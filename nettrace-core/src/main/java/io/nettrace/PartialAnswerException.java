package io.nettrace;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;

/**
 * A resolver has found addresses and yet failed, for example because only one family was
 * answered and half an answer is not good enough. {@link NetTrace#dnsDone} is told both;
 * the caller gets the failure only, as in Go.
 */
public final class PartialAnswerException extends UnknownHostException {

	private static final long serialVersionUID = 1L;

	private final transient List<InetAddress> addresses;

	/**
	 * Create the exception.
	 * @param addresses what was found
	 * @param cause what failed
	 */
	public PartialAnswerException(List<InetAddress> addresses, Throwable cause) {
		super(cause.getMessage());
		initCause(cause);
		this.addresses = List.copyOf(addresses);
	}

	/**
	 * Return what was found.
	 * @return the addresses
	 */
	public List<InetAddress> addresses() {
		return this.addresses;
	}

}
