package io.nettrace.observation.meter;

import java.util.Objects;

import io.micrometer.common.KeyValues;
import io.nettrace.observation.RequestMeters;
import io.nettrace.observation.saving.HeldTimers;

/**
 * Writes the times of exchanges to timers, and counts those that wait.
 */
public final class NetTraceRequestMeters implements RequestMeters {

	private final HeldTimers timers;

	private final ConnectionMeters connections;

	/**
	 * Create meters.
	 * @param timers the timers to record with
	 * @param connections counts the exchanges that wait for a connection
	 */
	public NetTraceRequestMeters(HeldTimers timers, ConnectionMeters connections) {
		this.timers = Objects.requireNonNull(timers, "'timers' must not be null");
		this.connections = Objects.requireNonNull(connections, "'connections' must not be null");
	}

	@Override
	public void record(String timer, String description, KeyValues tags, long nanos) {
		this.timers.record(timer, description, tags, nanos);
	}

	@Override
	public void pending(String client, String host, int change) {
		this.connections.pending(client, host, change);
	}

}
