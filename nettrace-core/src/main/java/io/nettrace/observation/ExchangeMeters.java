package io.nettrace.observation;

import io.micrometer.common.KeyValues;
import io.micrometer.observation.Observation;
import io.nettrace.ConnectionTarget;
import io.nettrace.WaitInfo;
import org.jspecify.annotations.Nullable;

/**
 * The timers of one client's exchanges with one host, looked up once for an exchange and
 * not for each of its times. Safe for use by several threads: two may make the same
 * timer.
 */
final class ExchangeMeters {

	private final RequestMeters meters;

	private final QueueTimes queue;

	private final String client;

	private final String meterHost;

	private final RequestMeters.@Nullable Times[] phases = new RequestMeters.Times[Phase.ALL.size()];

	private final RequestMeters.@Nullable Times[] queued = new RequestMeters.Times[WaitInfo.Outcome.values().length];

	/**
	 * Create meters, which are registered when they are first used.
	 * @param meters makes them
	 * @param queue names the time in queue
	 * @param client the client library
	 * @param meterHost what stands for the host on meters
	 */
	ExchangeMeters(RequestMeters meters, QueueTimes queue, String client, String meterHost) {
		this.meters = meters;
		this.queue = queue;
		this.client = client;
		this.meterHost = meterHost;
	}

	/**
	 * Whether the host may get a name of its own, once it is found.
	 */
	boolean isNameless() {
		return this.meterHost.equals(NetTraceObservationDocumentation.OTHER);
	}

	@SuppressWarnings("EnumOrdinal") // as EnumMap does
	void recordPhase(Phase phase, long nanos, @Nullable Observation request) {
		RequestMeters.Times times = this.phases[phase.ordinal()];
		if (times == null) {
			times = this.meters.times("http.client.request.phase.duration", "Time that requests spend in each phase",
					KeyValues.of(PhaseKeyNames.CLIENT.withValue(this.client),
							PhaseKeyNames.PHASE_NAME.withValue(phase.toString()),
							PhaseKeyNames.SERVER_ADDRESS.withValue(this.meterHost)));
			this.phases[phase.ordinal()] = times;
		}
		times.record(nanos, request);
	}

	/**
	 * Record the time in queue. What an application's convention makes of it, and what
	 * kinds of errors there are, has no bound: nothing is kept for them.
	 */
	@SuppressWarnings("EnumOrdinal")
	void recordQueue(ConnectionTarget target, WaitInfo.Outcome outcome, @Nullable Throwable error, long nanos,
			@Nullable Observation request) {
		boolean keeps = error == null && this.queue.isDefault();
		RequestMeters.Times times = keeps ? this.queued[outcome.ordinal()] : null;
		if (times == null) {
			times = this.queue.times(this.meters, this.client, target, this.meterHost, outcome, error);
			if (keeps) {
				this.queued[outcome.ordinal()] = times;
			}
		}
		times.record(nanos, request);
	}

}
