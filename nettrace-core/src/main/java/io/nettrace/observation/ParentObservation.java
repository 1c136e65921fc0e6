package io.nettrace.observation;

import java.util.function.Function;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.observation.contextpropagation.ObservationThreadLocalAccessor;
import org.jspecify.annotations.Nullable;

/**
 * Finds the observation that a request of a client library belongs to.
 */
public final class ParentObservation {

	private ParentObservation() {
	}

	/**
	 * Return the innermost observation that is recorded. One that a predicate has
	 * switched off leaves a no-op on the stack, which must not hide the one around it.
	 * @param registry the registry
	 * @return the observation that is current on this thread, or {@code null}
	 */
	public static @Nullable Observation current(ObservationRegistry registry) {
		Observation.Scope scope = registry.getCurrentObservationScope();
		while (scope != null) {
			Observation observation = scope.getCurrentObservation();
			if (observation != null && !observation.isNoop()) {
				return observation;
			}
			scope = scope.getPreviousObservationScope();
		}
		return null;
	}

	/**
	 * Return the observation of a request of which nothing is bound to this thread.
	 * @param bindings finds what belongs to the request, as in
	 * {@link io.nettrace.NetTrace.Factory#create(io.nettrace.RequestInfo, Function)}
	 * @return the observation, or {@code null}
	 */
	public static @Nullable Observation bound(Function<Object, @Nullable Object> bindings) {
		Object bound = bindings.apply(ObservationThreadLocalAccessor.KEY);
		return (bound instanceof Observation parent && !parent.isNoop()) ? parent : null;
	}

}
