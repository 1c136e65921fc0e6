package io.nettrace.observation.meter;

import java.util.Objects;

import io.micrometer.common.KeyValues;
import io.nettrace.observation.RequestMeters;
import io.nettrace.observation.saving.HeldTimers;
import io.nettrace.observation.saving.RequestExemplars;
import io.nettrace.observation.saving.RequestTimer;

/**
 * Writes the times of exchanges to timers, and counts those that wait.
 */
public final class NetTraceRequestMeters implements RequestMeters {

	private final HeldTimers timers;

	private final ConnectionMeters connections;

	private final RequestExemplars exemplars;

	/**
	 * Create meters.
	 * @param timers the timers to record with
	 * @param connections counts the exchanges that wait for a connection
	 * @param exemplars lets the timers find the span of a request
	 */
	public NetTraceRequestMeters(HeldTimers timers, ConnectionMeters connections, RequestExemplars exemplars) {
		this.timers = Objects.requireNonNull(timers, "'timers' must not be null");
		this.connections = Objects.requireNonNull(connections, "'connections' must not be null");
		this.exemplars = Objects.requireNonNull(exemplars, "'exemplars' must not be null");
	}

	@Override
	public Times times(String timer, String description, KeyValues tags) {
		return new RequestTimer(this.timers, timer, description, tags, this.exemplars)::record;
	}

	@Override
	public void pending(String client, String host, int change) {
		this.connections.pending(client, host, change);
	}

}
