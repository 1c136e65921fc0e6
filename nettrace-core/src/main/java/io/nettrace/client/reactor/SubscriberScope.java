package io.nettrace.client.reactor;

import java.util.List;
import java.util.function.Supplier;

import io.micrometer.context.ContextRegistry;
import io.micrometer.context.ThreadLocalAccessor;
import io.micrometer.observation.Observation;
import io.nettrace.client.ObservationScopes;
import io.nettrace.instrument.HookFailures;
import io.nettrace.instrument.OptionalType;
import org.jspecify.annotations.Nullable;
import reactor.util.context.Context;
import reactor.util.context.ContextView;

/**
 * Binds to a thread what the subscriber has put into Reactor's context: WebClient's
 * observation for one, which is nowhere else. Without context-propagation on the class
 * path only what is bound to the subscriber's thread is seen.
 */
final class SubscriberScope {

	private static final boolean CONTEXT_PROPAGATION = OptionalType.CONTEXT_REGISTRY.isPresent();

	private static final boolean OBSERVATION = OptionalType.OBSERVATION.isPresent();

	private SubscriberScope() {
	}

	/**
	 * Put what is bound to the current thread, the subscriber's, beside what is in its
	 * context, so that the thread is not needed later. Of two values the context's holds.
	 * @return {@code null} if only the thread can tell: an observation that is switched
	 * off does not hide the one around it
	 */
	static @Nullable ContextView capture(Context context) {
		return CONTEXT_PROPAGATION ? Propagation.capture(context) : null;
	}

	/**
	 * Call on the subscriber's thread, what is bound there included.
	 */
	static <T> T call(ContextView context, Supplier<T> action) {
		return CONTEXT_PROPAGATION ? Propagation.call(context, false, action) : action.get();
	}

	/**
	 * Call on a thread whose bindings belong to other requests. Only if everything
	 * {@linkplain #capture is in} the context.
	 */
	static <T> T callElsewhere(ContextView context, Supplier<T> action) {
		return Propagation.call(context, true, action);
	}

	/**
	 * Does what a context snapshot does, without making maps for it each time.
	 */
	private static final class Propagation {

		private static final HookFailures failures = new HookFailures(
				System.getLogger(SubscriberScope.class.getName()));

		private Propagation() {
		}

		static @Nullable ContextView capture(Context context) {
			Context captured = context;
			List<ThreadLocalAccessor<?>> accessors = accessors();
			for (int i = 0; i < accessors.size(); i++) {
				Object key = accessors.get(i).key();
				Object bound = (value(context, key) == null) ? bound(accessors.get(i)) : null;
				if (bound != null) {
					if (isSwitchedOff(bound)) {
						return null;
					}
					captured = captured.put(key, bound);
				}
			}
			return captured;
		}

		/**
		 * An observation that is switched off would hide nothing if it were bound, and
		 * Micrometer throws when it is unbound.
		 */
		private static @Nullable Object value(ContextView context, Object key) {
			Object value = context.getOrDefault(key, null);
			return isSwitchedOff(value) ? null : value;
		}

		private static boolean isSwitchedOff(@Nullable Object value) {
			return OBSERVATION && value != null && Observations.isSwitchedOff(value);
		}

		static <T> T call(ContextView context, boolean alone, Supplier<T> action) {
			return call(context, alone, action, accessors(), 0);
		}

		private static <T> T call(ContextView context, boolean alone, Supplier<T> action,
				List<ThreadLocalAccessor<?>> accessors, int first) {
			for (int i = first; i < accessors.size(); i++) {
				ThreadLocalAccessor<?> accessor = accessors.get(i);
				Object value = value(context, accessor.key());
				Object bound = bound(accessor);
				if ((value != null) ? value != bound : (alone && bound != null)) {
					return bind(accessor, value, context, alone, action, accessors, i + 1);
				}
			}
			return action.get();
		}

		/**
		 * An accessor of the application that throws is as good as one that has nothing.
		 */
		private static @Nullable Object bound(ThreadLocalAccessor<?> accessor) {
			try {
				return accessor.getValue();
			}
			catch (Throwable ex) {
				failed(accessor, ex);
				return null;
			}
		}

		@SuppressWarnings("unchecked")
		private static <V, T> T bind(ThreadLocalAccessor<V> accessor, @Nullable Object value, ContextView context,
				boolean alone, Supplier<T> action, List<ThreadLocalAccessor<?>> accessors, int next) {
			if (OBSERVATION && Observations.isOne(value)) {
				return Observations.call(value, () -> call(context, alone, action, accessors, next));
			}
			V previous = (V) bound(accessor);
			try {
				if (value != null) {
					accessor.setValue((V) value);
				}
				else {
					accessor.setValue();
				}
			}
			catch (Throwable ex) {
				failed(accessor, ex);
			}
			try {
				return call(context, alone, action, accessors, next);
			}
			finally {
				restore(accessor, previous);
			}
		}

		private static <V> void restore(ThreadLocalAccessor<V> accessor, @Nullable V previous) {
			try {
				if (previous != null) {
					accessor.restore(previous);
				}
				else {
					accessor.restore();
				}
			}
			catch (Throwable ex) {
				failed(accessor, ex);
			}
		}

		private static void failed(ThreadLocalAccessor<?> accessor, Throwable failure) {
			failures.report(accessor, failure);
			HookFailures.throwIfFatal(failure);
		}

		private static List<ThreadLocalAccessor<?>> accessors() {
			return ContextRegistry.getInstance().getThreadLocalAccessors();
		}

	}

	/**
	 * Needs Micrometer's observations.
	 */
	private static final class Observations {

		private Observations() {
		}

		static boolean isSwitchedOff(Object value) {
			return value instanceof Observation observation && observation.isNoop();
		}

		static boolean isOne(@Nullable Object value) {
			return value instanceof Observation;
		}

		static <T> T call(@Nullable Object observation, Supplier<T> action) {
			Observation.Scope scope = (observation instanceof Observation each) ? ObservationScopes.open(each) : null;
			try {
				return action.get();
			}
			finally {
				ObservationScopes.close(scope);
			}
		}

	}

}
