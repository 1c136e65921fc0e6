package io.nettrace.observation;

import io.micrometer.common.KeyValues;
import io.micrometer.observation.ObservationConvention;
import io.nettrace.ConnectionTarget;
import io.nettrace.WaitInfo;
import org.jspecify.annotations.Nullable;

/**
 * Names the time in queue of each exchange. Its name and tags are those of the waits. A
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
	 * Whether name and tags depend on the arguments of {@link #times} alone, and not on
	 * the port.
	 */
	boolean isDefault() {
		return this.convention == null;
	}

	/**
	 * Return what records the time in queue of an exchange.
	 * @param meters makes it
	 * @param client the client library
	 * @param target what the exchange is for
	 * @param meterHost what stands for its host on meters
	 * @param outcome how its time in queue ended
	 * @param error why the exchange got nothing, or {@code null}
	 */
	RequestMeters.Times times(RequestMeters meters, String client, ConnectionTarget target, String meterHost,
			WaitInfo.Outcome outcome, @Nullable Throwable error) {
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
		return meters.times(name, ConnectionWaitContext.DESCRIPTION, tags);
	}

}
