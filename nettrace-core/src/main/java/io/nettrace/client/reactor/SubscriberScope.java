package io.nettrace.client.reactor;

import java.util.function.Supplier;

import io.micrometer.context.ContextRegistry;
import io.micrometer.context.ContextSnapshot;
import io.micrometer.context.ContextSnapshotFactory;
import io.micrometer.context.ThreadLocalAccessor;
import reactor.util.context.ContextView;

/**
 * Binds to a thread what the subscriber has put into Reactor's context: WebClient's
 * observation for one, which is nowhere else. Without context-propagation on the class
 * path only what is bound to the subscriber's thread is seen.
 */
final class SubscriberScope {

	private static final boolean CONTEXT_PROPAGATION = isPresent("io.micrometer.context.ContextSnapshotFactory");

	private SubscriberScope() {
	}

	private static boolean isPresent(String className) {
		try {
			Class.forName(className, false, SubscriberScope.class.getClassLoader());
			return true;
		}
		catch (ClassNotFoundException | LinkageError ex) {
			return false;
		}
	}

	/**
	 * Whether the context knows everything that the current thread does, so that the
	 * thread is not needed later.
	 */
	static boolean isKnownTo(ContextView context) {
		return CONTEXT_PROPAGATION && Propagation.isKnownTo(context);
	}

	/**
	 * Call on the subscriber's thread, what is bound there included.
	 */
	static <T> T call(ContextView context, Supplier<T> action) {
		return (CONTEXT_PROPAGATION && !context.isEmpty()) ? Propagation.call(Propagation.ON_TOP, context, action)
				: action.get();
	}

	/**
	 * Call on a thread whose own bindings are somebody else's. Only if the subscriber's
	 * thread was {@linkplain #isKnownTo known to} the context.
	 */
	static <T> T callElsewhere(ContextView context, Supplier<T> action) {
		return Propagation.call(Propagation.ALONE, context, action);
	}

	private static final class Propagation {

		private static final ContextSnapshotFactory ON_TOP = ContextSnapshotFactory.builder().build();

		private static final ContextSnapshotFactory ALONE = ContextSnapshotFactory.builder().clearMissing(true).build();

		private Propagation() {
		}

		static boolean isKnownTo(ContextView context) {
			for (ThreadLocalAccessor<?> accessor : ContextRegistry.getInstance().getThreadLocalAccessors()) {
				if (!context.hasKey(accessor.key()) && accessor.getValue() != null) {
					return false;
				}
			}
			return true;
		}

		static <T> T call(ContextSnapshotFactory snapshots, ContextView context, Supplier<T> action) {
			ContextSnapshot.Scope scope = snapshots.setThreadLocalsFrom(context);
			try {
				return action.get();
			}
			finally {
				scope.close();
			}
		}

	}

}
