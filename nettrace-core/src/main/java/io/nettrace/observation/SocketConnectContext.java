package io.nettrace.observation;

import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.util.Objects;

/**
 * What happened in one connect attempt.
 */
public final class SocketConnectContext extends StepContext {

	/**
	 * How a connect attempt ended.
	 */
	public enum Outcome {

		/**
		 * The transport is connected.
		 */
		CONNECTED,

		/**
		 * The attempt failed; the error says why.
		 */
		FAILED,

		/**
		 * The attempt was given up: another one won, or the caller cancelled.
		 */
		CANCELLED

	}

	private final SocketAddress address;

	private String network;

	private int attempt = 1;

	private Outcome outcome = Outcome.CONNECTED;

	/**
	 * Create the context of an attempt.
	 * @param client the client library that connects
	 * @param host the host that is connected to: the name, the IP address where there is
	 * none, or the path of a Unix domain socket
	 * @param address where to
	 */
	public SocketConnectContext(String client, String host, SocketAddress address) {
		super(client, host);
		this.address = Objects.requireNonNull(address, "'address' must not be null");
		this.network = (address instanceof UnixDomainSocketAddress) ? "unix" : "tcp";
	}

	/**
	 * Return the address of this attempt.
	 * @return an {@link java.net.InetSocketAddress} or a
	 * {@link java.net.UnixDomainSocketAddress}
	 */
	public SocketAddress getAddress() {
		return this.address;
	}

	/**
	 * Return the network.
	 * @return {@code tcp} or {@code unix}
	 */
	public String getNetwork() {
		return this.network;
	}

	/**
	 * Set the network; it goes by the address if this is not called.
	 * @param network {@code tcp} or {@code unix}
	 */
	public void setNetwork(String network) {
		this.network = Objects.requireNonNull(network, "'network' must not be null");
	}

	/**
	 * Return which attempt of the request this is.
	 * @return the number, from 1
	 */
	public int getAttempt() {
		return this.attempt;
	}

	/**
	 * Set which attempt of the request this is.
	 * @param attempt the number, from 1
	 */
	public void setAttempt(int attempt) {
		this.attempt = attempt;
	}

	/**
	 * Return how the attempt ended.
	 * @return the outcome, meaningful once the attempt has ended
	 */
	public Outcome getOutcome() {
		return this.outcome;
	}

	/**
	 * Set how the attempt ended.
	 * @param outcome the outcome; {@link #setError} says why one failed
	 */
	public void setOutcome(Outcome outcome) {
		this.outcome = Objects.requireNonNull(outcome, "'outcome' must not be null");
	}

	@Override
	public String getDescription() {
		return "Attempts to connect to one address";
	}

}
