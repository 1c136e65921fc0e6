package io.nettrace.autoconfigure;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

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

	/**
	 * Of the JVM: a second try of what failed is a run of its own to JUnit.
	 */
	private static final Results RESULTS = new Results();

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
		String test = context.getRequiredTestMethod().toString();
		for (int number : staged.value()) {
			results(context).add(number, test, context.getExecutionException().isEmpty());
		}
	}

	private static Results results(ExtensionContext context) {
		return context.getRoot().getStore(NAMESPACE).computeIfAbsent(Results.class, (key) -> RESULTS, Results.class);
	}

	/**
	 * JUnit closes it after the last test of a run, and after that of each class where
	 * the classes are divided between JVMs.
	 */
	static final class Results implements AutoCloseable {

		private final Map<String, String> passed = new HashMap<>();

		synchronized void add(int number, String test, boolean passed) {
			this.passed.put(number + "/" + test, String.valueOf(passed));
		}

		@Override
		public synchronized void close() {
			RunResults.add("incidents", this.passed, (results) -> System.out.println(summary(results)));
		}

		/**
		 * An incident that several tests stage is shown if all of them show it.
		 */
		private static String summary(Map<String, String> results) {
			Map<String, Boolean> shown = new HashMap<>();
			results.forEach((key, passed) -> shown.merge(key.substring(0, key.indexOf('/')),
					Boolean.parseBoolean(passed), Boolean::logicalAnd));
			List<Incident> all = Incident.all();
			List<Incident> seen = all.stream()
				.filter((each) -> shown.getOrDefault(String.valueOf(each.number()), false))
				.toList();
			return "incidents: " + seen.size() + " of " + all.size() + " shown, "
					+ seen.stream().filter(Incident::isShownOnNamedClient).count()
					+ " of them on the client that was named";
		}

	}

}
