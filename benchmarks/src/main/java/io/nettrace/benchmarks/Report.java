package io.nettrace.benchmarks;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/**
 * Runs the benchmarks and writes their table. It takes JMH's arguments; with patterns of
 * benchmarks among them the table is only printed.
 */
public final class Report {

	private static final String COMMAND = "java -jar benchmarks/target/benchmarks.jar";

	private Report() {
	}

	/**
	 * Run the benchmarks.
	 * @param args JMH's arguments
	 * @throws CommandLineOptionException if there is no such argument
	 * @throws RunnerException if a benchmark fails
	 * @throws IOException if the table cannot be written
	 */
	public static void main(String[] args) throws CommandLineOptionException, RunnerException, IOException {
		CommandLineOptions arguments = new CommandLineOptions(args);
		Collection<RunResult> results = new Runner(new OptionsBuilder().parent(arguments)
			.addProfiler(GCProfiler.class)
			.addProfiler(CallerProfiler.class)
			.shouldFailOnError(true)
			.build()).run();
		List<String> lines = new ArrayList<>(Surroundings.describe(String.join(" ", command(args))));
		Table table = new Table(results);
		lines.addAll(table.lines());
		if (arguments.getIncludes().isEmpty()) {
			lines.add("");
			lines.addAll(new Bars(table).lines());
			ResultsFile.ofTheProject().write("benchmarks on Java " + Runtime.version().feature(), lines);
		}
		lines.forEach(System.out::println);
	}

	private static List<String> command(String[] args) {
		List<String> command = new ArrayList<>();
		command.add(COMMAND);
		command.addAll(List.of(args));
		return command;
	}

}
