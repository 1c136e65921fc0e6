package io.nettrace.observation;

import java.net.SocketAddress;

import io.micrometer.common.KeyValues;

/**
 * What happened in one connect attempt.
 */
public final class SocketConnectContext extends OperationContext {

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

	private final String host;

	private final String meterHost;

	private final String network;

	private final SocketAddress address;

	private final int attempt;

	private Outcome outcome = Outcome.CONNECTED;

	/**
	 * Create the context of an attempt that begins.
	 * @param client the client library that connects
	 * @param host the host that is connected to
	 * @param meterHost the host to put on meters
	 * @param network {@code tcp} or {@code unix}
	 * @param address where to
	 * @param attempt which attempt of the operation this is, from 1
	 */
	public SocketConnectContext(String client, String host, String meterHost, String network, SocketAddress address,
			int attempt) {
		super(client);
		this.host = host;
		this.meterHost = meterHost;
		this.network = network;
		this.address = address;
		this.attempt = attempt;
	}

	/**
	 * Return the host that is connected to.
	 * @return the name, the IP address where there was no name, or the path of a Unix
	 * domain socket
	 */
	public String getHost() {
		return this.host;
	}

	/**
	 * Return what stands for the host on meters.
	 * @return the host or {@code _OTHER}
	 */
	public String getMeterHost() {
		return this.meterHost;
	}

	/**
	 * Return the network.
	 * @return {@code tcp} or {@code unix}
	 */
	public String getNetwork() {
		return this.network;
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
	 * Return which attempt of the operation this is.
	 * @return the number, from 1
	 */
	public int getAttempt() {
		return this.attempt;
	}

	/**
	 * Return how the attempt ended.
	 * @return the outcome, meaningful once the attempt has ended
	 */
	public Outcome getOutcome() {
		return this.outcome;
	}

	void setOutcome(Outcome outcome) {
		this.outcome = outcome;
		setDone();
	}

	@Override
	public KeyValues defaultHighCardinalityKeyValues() {
		return DefaultSocketConnectObservationConvention.highCardinalityKeyValues(this);
	}

	@Override
	public void writeDefaultHighCardinality(AttributeSink sink) {
		DefaultSocketConnectObservationConvention.writeHighCardinality(this, sink);
	}

	@Override
	public String host() {
		return this.host;
	}

	@Override
	public String description() {
		return "Attempts to connect to one address";
	}

}
