package io.nettrace.observation.saving;

import java.util.Objects;
import java.util.concurrent.TimeUnit;

import io.micrometer.common.KeyValues;
import io.micrometer.observation.Observation;
import io.nettrace.observation.saving.HeldTimers.HeldTimer;
import org.jspecify.annotations.Nullable;

/**
 * A timer of times that no observation has taken, for one set of tags. It is kept by who
 * records with it, and follows what becomes of the timer in the registry. Safe for use by
 * several threads.
 */
public final class RequestTimer {

	private final HeldTimers timers;

	private final String name;

	private final String description;

	private final KeyValues keyValues;

	private final RequestExemplars exemplars;

	// Any thread may have put it there: all of its fields are final
	private @Nullable HeldTimer held;

	/**
	 * Create a timer, which is registered when it is first used.
	 * @param timers where its like are held
	 * @param name the timer's name
	 * @param description what it counts
	 * @param keyValues its tags
	 * @param exemplars makes a request's span current, if an exemplar is due
	 */
	public RequestTimer(HeldTimers timers, String name, String description, KeyValues keyValues,
			RequestExemplars exemplars) {
		this.timers = Objects.requireNonNull(timers, "'timers' must not be null");
		this.name = Objects.requireNonNull(name, "'name' must not be null");
		this.description = Objects.requireNonNull(description, "'description' must not be null");
		this.keyValues = Objects.requireNonNull(keyValues, "'keyValues' must not be null");
		this.exemplars = Objects.requireNonNull(exemplars, "'exemplars' must not be null");
	}

	/**
	 * Record a time.
	 * @param nanos the time
	 * @param request the observation of the request that it is a time of, or {@code null}
	 */
	public void record(long nanos, @Nullable Observation request) {
		long now = this.timers.now();
		HeldTimer held = held(now);
		if (request == null || !held.exemplars().mayBeDue(nanos, now) || !this.exemplars.isTraced(request)
				|| !held.exemplars().isDue(nanos, now, true)) {
			held.timer().record(nanos, TimeUnit.NANOSECONDS);
			return;
		}
		Runnable end = this.exemplars.makeCurrent(request);
		try {
			held.timer().record(nanos, TimeUnit.NANOSECONDS);
		}
		finally {
			end.run();
		}
	}

	private HeldTimer held(long now) {
		HeldTimer present = this.held;
		if (present != null && this.timers.isHeld(present, now)) {
			return present;
		}
		HeldTimer held = this.timers.held(this.name, this.keyValues, this.description, now);
		this.held = held;
		return held;
	}

}
