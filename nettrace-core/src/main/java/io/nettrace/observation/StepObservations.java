package io.nettrace.observation;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationConvention;
import io.micrometer.observation.ObservationRegistry;
import io.nettrace.observation.saving.DeferringConvention;
import org.jspecify.annotations.Nullable;

/**
 * Makes the observations of one kind of step.
 *
 * @param <T> the context of such steps
 */
final class StepObservations<T extends StepContext> {

	private final ObservationConvention<T> defaultConvention;

	private final @Nullable ObservationConvention<T> convention;

	StepObservations(ObservationSettings settings, Class<T> step, ObservationConvention<T> defaultConvention) {
		this.defaultConvention = new DeferringConvention<>(defaultConvention);
		ObservationConvention<T> convention = settings.convention(step);
		this.convention = (convention != null) ? new ConventionGuard<>(convention, this.defaultConvention) : null;
	}

	Observation create(T context, ObservationRegistry registry) {
		return Observation.createNotStarted(this.convention, this.defaultConvention, () -> context, registry);
	}

	/**
	 * Start an observation below the parent. The parent's scope is not opened: that would
	 * tell handlers of the application, and what they throw would leave it open. So a
	 * span of another request's that is current on this thread must not become the
	 * parent.
	 */
	static void start(Observation observation, @Nullable Observation parent) {
		// Micrometer has made it the parent already
		if (parent != null && observation.getContextView().getParentObservation() != parent) {
			observation.parentObservation(parent);
		}
		try {
			observation.start();
		}
		catch (RuntimeException | Error ex) {
			tellAgain(observation, StepContext.STARTED, ex);
			throw ex;
		}
	}

	/**
	 * What a convention, a filter or a handler of the application throws keeps nothing of
	 * ours open.
	 */
	static void stop(Observation observation, @Nullable Throwable error) {
		try {
			try {
				if (error != null) {
					observation.error(error);
				}
			}
			finally {
				observation.stop();
			}
		}
		catch (RuntimeException | Error ex) {
			tellAgain(observation, StepContext.STOPPED, ex);
			throw ex;
		}
	}

	/**
	 * The handlers after the one that has thrown were not told, ours perhaps.
	 */
	private static void tellAgain(Observation observation, Observation.Event event, Throwable failure) {
		try {
			observation.event(event);
		}
		catch (RuntimeException | Error ex) {
			failure.addSuppressed(ex);
		}
	}

}
