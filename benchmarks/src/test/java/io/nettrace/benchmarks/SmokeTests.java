package io.nettrace.benchmarks;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.VerboseMode;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Every benchmark runs once. Durations do not matter here.
 */
@EnabledIfSystemProperty(named = "nettrace.tests", matches = "all", disabledReason = AllocationTests.NOT_ALL)
class SmokeTests {

	@Test
	void everyBenchmarkRuns() throws Exception {
		assertThat(run()).containsExactlyInAnyOrderElementsOf(benchmarks());
	}

	private static Set<String> run() throws RunnerException {
		return new Runner(new OptionsBuilder().forks(0)
			.mode(Mode.SingleShotTime)
			.warmupIterations(0)
			.measurementIterations(1)
			.shouldFailOnError(true)
			.verbosity(VerboseMode.SILENT)
			.build()).run()
			.stream()
			.map((RunResult result) -> result.getParams().getBenchmark())
			.collect(Collectors.toSet());
	}

	/**
	 * By their annotation, not by the list that JMH's processor has made: it would be
	 * empty if the processor did not run.
	 */
	private static Set<String> benchmarks() throws IOException, URISyntaxException {
		Path classes = Path.of(Report.class.getProtectionDomain().getCodeSource().getLocation().toURI());
		try (Stream<Path> files = Files.list(classes.resolve(Report.class.getPackageName().replace('.', '/')))) {
			return files.map((file) -> file.getFileName().toString())
				.filter((name) -> name.endsWith("Benchmark.class"))
				.flatMap((name) -> benchmarks(name.substring(0, name.length() - ".class".length())).stream())
				.collect(Collectors.toSet());
		}
	}

	private static List<String> benchmarks(String simpleName) {
		String name = Report.class.getPackageName() + "." + simpleName;
		try {
			return Stream.of(Class.forName(name).getMethods())
				.filter((method) -> method.isAnnotationPresent(Benchmark.class))
				.map((method) -> name + "." + method.getName())
				.toList();
		}
		catch (ClassNotFoundException ex) {
			throw new IllegalStateException(ex);
		}
	}

}
