package io.nettrace.autoconfigure;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.opentest4j.TestAbortedException;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * Collects the result of each case on each client, and writes the table to
 * {@code target/client-contract.txt} when all tests of the module have run.
 * {@code -Dnettrace.contract.library} leaves out the clients of other libraries than
 * those whose {@code nettrace.client} begins so ({@code other}).
 */
final class ContractTable implements BeforeAllCallback, BeforeEachCallback, AfterEachCallback {

	private static final ExtensionContext.Namespace NAMESPACE = ExtensionContext.Namespace.create(ContractTable.class);

	private static final String LIBRARY = "nettrace.contract.library";

	/**
	 * Of the JVM: a second try of what failed is a run of its own to JUnit.
	 */
	private static final Results RESULTS = new Results();

	private static final Path FILE = Path.of("target", "client-contract.txt");

	@Override
	public void beforeAll(ExtensionContext context) {
		results(context);
	}

	@Override
	public void beforeEach(ExtensionContext context) {
		ContractTest test = (ContractTest) context.getRequiredTestInstance();
		String library = System.getProperty(LIBRARY, "");
		assumeTrue(test.client().client().startsWith(library), () -> "other");
	}

	@Override
	public void afterEach(ExtensionContext context) {
		ContractTest test = (ContractTest) context.getRequiredTestInstance();
		Case row = context.getRequiredTestMethod().getAnnotation(Case.Shows.class).value();
		results(context).add(test.client(), row, context.getExecutionException(), test.missed());
	}

	private static Results results(ExtensionContext context) {
		return context.getRoot().getStore(NAMESPACE).computeIfAbsent(Results.class, (key) -> RESULTS, Results.class);
	}

	/**
	 * JUnit closes it after the last test of a run, and after that of each class where
	 * the classes are divided between JVMs.
	 */
	static final class Results implements AutoCloseable {

		private static final String NOT_RUN = "-";

		private static final String FAILED = "FAILED";

		private static final String SKIPPED = "skipped: ";

		private static final String LIMIT = "limit";

		private final Map<String, String> results = new HashMap<>();

		synchronized void add(TracedClient client, Case row, Optional<Throwable> failure, Set<Limit> missed) {
			this.results.put(key(row, client), cell(row, failure.orElse(null), missed));
			missed.forEach((limit) -> this.results.put(key(limit), LIMIT));
		}

		private static String key(Case row, TracedClient client) {
			return row.name() + "/" + client.name();
		}

		private static String key(Limit limit) {
			return LIMIT + "/" + limit.name();
		}

		private static String cell(Case row, @Nullable Throwable failure, Set<Limit> missed) {
			if (failure instanceof TestAbortedException aborted) {
				return SKIPPED + String.valueOf(aborted.getMessage()).replaceFirst(".*: ", "");
			}
			if (failure != null) {
				return FAILED;
			}
			StringBuilder cell = new StringBuilder(missed.stream().anyMatch(row::isAbout) ? "not possible" : "passed");
			missed.forEach((limit) -> cell.append(' ').append(limit.letter()));
			return cell.toString();
		}

		@Override
		public synchronized void close() {
			RunResults.add("contract", this.results, Results::print);
		}

		private static void print(Map<String, String> results) {
			StringBuilder text = new StringBuilder("\nWhat each client shows, on Java ")
				.append(Runtime.version().feature())
				.append("\n\n");
			line(text, "", (client) -> client.caller());
			line(text, "", (client) -> client.libraryName());
			for (Case row : Case.values()) {
				line(text, row.toString(),
						(client) -> results.getOrDefault(key(row, client), withoutTest(row, client)));
			}
			text.append('\n');
			Stream.of(Limit.values())
				.filter((limit) -> results.containsKey(key(limit)))
				.forEach((limit) -> text.append(limit.letter()).append("  ").append(limit).append('\n'));
			try {
				Files.writeString(FILE, text);
				System.out.println(summary(results));
			}
			catch (IOException ex) {
				throw new UncheckedIOException(ex);
			}
		}

		private static String summary(Map<String, String> results) {
			List<String> cells = results.values().stream().filter((cell) -> !cell.equals(LIMIT)).toList();
			long failed = cells.stream().filter(FAILED::equals).count();
			long skipped = cells.stream().filter((cell) -> cell.startsWith(SKIPPED)).count();
			return "client-contract: " + (cells.size() - failed - skipped) + " cells passed, " + failed + " failed, "
					+ skipped + " skipped: " + FILE;
		}

		/**
		 * One test covers all rows of the phases on the JDK's clients, which call none of
		 * their hooks.
		 */
		private static String withoutTest(Case row, TracedClient client) {
			boolean phase = row.isAbout(Limit.PHASES) && client.has(Limit.PHASES);
			return phase ? "not possible " + Limit.PHASES.letter() : NOT_RUN;
		}

		private static void line(StringBuilder text, String head, Function<TracedClient, String> cell) {
			StringBuilder line = new StringBuilder("%-36s".formatted(head));
			for (TracedClient client : TracedClient.values()) {
				line.append("%-18s".formatted(cell.apply(client)));
			}
			text.append(line.toString().stripTrailing()).append('\n');
		}

	}

}
