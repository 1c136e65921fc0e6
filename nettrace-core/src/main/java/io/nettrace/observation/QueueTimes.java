package io.nettrace.observation;

import io.micrometer.common.KeyValues;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationConvention;
import io.nettrace.ConnectionTarget;
import io.nettrace.WaitInfo;
import org.jspecify.annotations.Nullable;

/**
 * Writes the time in queue of each exchange. Its name and tags are those of the waits. A
 * convention of the application is asked about a context, which the default one does
 * without.
 */
final class QueueTimes {

	private final DefaultConnectionWaitObservationConvention defaultConvention;

	private final @Nullable ObservationConvention<ConnectionWaitContext> convention;

	QueueTimes(DefaultConnectionWaitObservationConvention defaultConvention,
			@Nullable ObservationConvention<ConnectionWaitContext> convention) {
		this.defaultConvention = defaultConvention;
		this.convention = (convention != null) ? new ConventionGuard<>(convention, defaultConvention) : null;
	}

	/**
	 * Record the time in queue of an exchange.
	 * @param meters where to
	 * @param client the client library
	 * @param target what the exchange is for
	 * @param meterHost what stands for its host on meters
	 * @param outcome how its time in queue ended
	 * @param error why the exchange got nothing, or {@code null}
	 * @param nanos the time
	 * @param request the observation of the request, or {@code null}
	 */
	void record(RequestMeters meters, String client, ConnectionTarget target, String meterHost,
			WaitInfo.Outcome outcome, @Nullable Throwable error, long nanos, @Nullable Observation request) {
		String name = this.defaultConvention.getName();
		KeyValues tags;
		if (this.convention == null) {
			tags = this.defaultConvention.keyValues(client, DefaultConnectionWaitObservationConvention.text(outcome),
					ErrorType.orNone(error), meterHost);
		}
		else {
			ConnectionWaitContext context = new ConnectionWaitContext(client,
					WaitInfo.starting(target, WaitInfo.Reason.UNKNOWN).ended(outcome, error));
			context.setMeterHost(meterHost);
			if (error != null) {
				context.setError(error);
			}
			String named = this.convention.getName();
			name = (named != null) ? named : name;
			tags = this.convention.getLowCardinalityKeyValues(context);
		}
		meters.record(name, ConnectionWaitContext.DESCRIPTION, tags, nanos, request);
	}

}
