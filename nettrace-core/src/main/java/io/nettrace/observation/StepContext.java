package io.nettrace.observation;

import java.util.Objects;

import io.micrometer.observation.Observation;
import io.nettrace.observation.saving.CompactContext;

/**
 * What happened in one of the steps that get a request its connection.
 */
public abstract class StepContext extends CompactContext {

	/**
	 * Handlers that were not told of the start, because a handler of the application has
	 * thrown before their turn, are told so.
	 */
	public static final Observation.Event STARTED = Observation.Event.of("nettrace.started");

	/**
	 * Handlers that were not told of the end, because a convention, a filter or a handler
	 * of the application has thrown before their turn, are told so.
	 */
	public static final Observation.Event STOPPED = Observation.Event.of("nettrace.stopped");

	private final String client;

	private final String host;

	private String meterHost;

	StepContext(String client, String host) {
		this.client = Objects.requireNonNull(client, "'client' must not be null");
		this.host = Objects.requireNonNull(host, "'host' must not be null");
		this.meterHost = host;
	}

	/**
	 * Return the client library that makes the request.
	 * @return {@code httpcomponents} or another of the documented names
	 */
	public String getClient() {
		return this.client;
	}

	/**
	 * Return the host.
	 * @return the name as the request has it, the IP address where there is no name, or
	 * the path of a Unix domain socket
	 */
	public String getHost() {
		return this.host;
	}

	/**
	 * Return what stands for the host on meters.
	 * @return the name or {@code _OTHER}
	 */
	public String getMeterHost() {
		return this.meterHost;
	}

	/**
	 * Set what stands for the host on meters; it is the host if this is not called.
	 * @param meterHost the name or {@code _OTHER}
	 */
	public void setMeterHost(String meterHost) {
		this.meterHost = Objects.requireNonNull(meterHost, "'meterHost' must not be null");
	}

	/**
	 * Return what the timer of such steps counts.
	 * @return a few words
	 */
	public abstract String getDescription();

}
