package io.nettrace.client;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.nettrace.instrument.HookFailures;
import org.jspecify.annotations.Nullable;

/**
 * Opens scopes of observations on threads where the application would have none: what a
 * handler throws there is logged, and leaves neither the observation nor its span on the
 * thread. Called by the thread on which the scope is to be.
 */
public final class ObservationScopes {

	private static final HookFailures failures = new HookFailures(System.getLogger(ObservationScopes.class.getName()));

	private ObservationScopes() {
	}

	/**
	 * Open a scope.
	 * @param observation what is to be current
	 * @return the scope, to be closed by {@link #close}; {@code null} if a handler has
	 * thrown, and the thread is as before
	 */
	public static Observation.@Nullable Scope open(Observation observation) {
		ObservationRegistry registry = observation.getObservationRegistry();
		Observation.Scope before = registry.getCurrentObservationScope();
		try {
			return observation.openScope();
		}
		catch (Throwable ex) {
			failures.report(observation, ex);
			Observation.Scope half = registry.getCurrentObservationScope();
			if (half != null && half != before) {
				close(half);
			}
			registry.setCurrentObservationScope(before);
			HookFailures.throwIfFatal(ex);
			return null;
		}
	}

	/**
	 * Close a scope.
	 * @param scope what {@link #open} has returned
	 */
	public static void close(Observation.@Nullable Scope scope) {
		if (scope == null) {
			return;
		}
		Observation.Scope previous = scope.getPreviousObservationScope();
		Observation observation = scope.getCurrentObservation();
		try {
			scope.close();
		}
		catch (Throwable ex) {
			failures.report(scope, ex);
			restore(scope, previous);
			if (observation != null) {
				observation.getObservationRegistry().setCurrentObservationScope(previous);
			}
			HookFailures.throwIfFatal(ex);
		}
	}

	/**
	 * The handlers after the one that has thrown were not told of the end. To be reset
	 * and, for what was current before, to be made current again comes to the same.
	 */
	@SuppressWarnings("deprecation") // Micrometer has nothing else for it
	private static void restore(Observation.Scope scope, Observation.@Nullable Scope previous) {
		try {
			scope.reset();
			if (previous != null) {
				previous.makeCurrent();
			}
		}
		catch (Throwable ex) {
			failures.report(scope, ex);
		}
	}

}
