package io.nettrace.autoconfigure;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.AfterTestExecutionCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Sees that all is said that is to be said of the incidents of a test, and prints of how
 * many that is true when all tests of the module have run.
 */
final class IncidentCount implements BeforeAllCallback, AfterTestExecutionCallback, AfterEachCallback {

	private static final ExtensionContext.Namespace NAMESPACE = ExtensionContext.Namespace.create(IncidentCount.class);

	@Override
	public void beforeAll(ExtensionContext context) {
		results(context);
	}

	/**
	 * While the application still runs.
	 */
	@Override
	public void afterTestExecution(ExtensionContext context) {
		if (context.getExecutionException().isEmpty()) {
			((IncidentTest) context.getRequiredTestInstance()).awaitSignals();
		}
	}

	@Override
	public void afterEach(ExtensionContext context) {
		Incident.Staged staged = context.getRequiredTestMethod().getAnnotation(Incident.Staged.class);
		for (int number : staged.value()) {
			results(context).add(number, context.getExecutionException().isEmpty());
		}
	}

	private static Results results(ExtensionContext context) {
		return context.getRoot()
			.getStore(NAMESPACE)
			.computeIfAbsent(Results.class, (key) -> new Results(), Results.class);
	}

	/**
	 * JUnit closes it after the last test.
	 */
	static final class Results implements AutoCloseable {

		private final Map<Integer, Boolean> shown = new TreeMap<>();

		/**
		 * An incident that several tests stage is shown if all of them show it.
		 */
		synchronized void add(int number, boolean passed) {
			this.shown.merge(number, passed, Boolean::logicalAnd);
		}

		@Override
		public synchronized void close() {
			System.out.println(summary());
		}

		String summary() {
			List<Incident> all = Incident.all();
			List<Incident> seen = all.stream().filter((each) -> this.shown.getOrDefault(each.number(), false)).toList();
			return "incidents: " + seen.size() + " of " + all.size() + " shown, "
					+ seen.stream().filter(Incident::isShownOnNamedClient).count()
					+ " of them on the client that was named";
		}

	}

}
