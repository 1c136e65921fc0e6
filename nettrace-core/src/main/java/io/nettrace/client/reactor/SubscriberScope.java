package io.nettrace.client.reactor;

import java.util.function.Supplier;

import io.micrometer.context.ContextSnapshot;
import io.micrometer.context.ContextSnapshotFactory;
import reactor.util.context.ContextView;

/**
 * Binds to the thread what the subscriber has put into Reactor's context: WebClient's
 * observation for one, which is nowhere else. Without context-propagation on the class
 * path only what is bound to the thread already is seen.
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

	static <T> T call(ContextView context, Supplier<T> action) {
		return (CONTEXT_PROPAGATION && !context.isEmpty()) ? Propagation.call(context, action) : action.get();
	}

	private static final class Propagation {

		private static final ContextSnapshotFactory SNAPSHOTS = ContextSnapshotFactory.builder().build();

		private Propagation() {
		}

		static <T> T call(ContextView context, Supplier<T> action) {
			ContextSnapshot.Scope scope = SNAPSHOTS.setThreadLocalsFrom(context);
			try {
				return action.get();
			}
			finally {
				scope.close();
			}
		}

	}

}
