package io.nettrace.benchmarks;

import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.util.Statistics;

/**
 * One row for each benchmark: its median time and bytes, and both relative to the row
 * that it is {@linkplain Over compared with}.
 */
final class Table {

	private final Map<String, Row> rows = new LinkedHashMap<>();

	Table(Collection<RunResult> results) {
		for (RunResult result : results) {
			Row row = Row.of(result);
			this.rows.put(row.name(), row);
		}
	}

	/**
	 * Return the table as Markdown.
	 */
	List<String> lines() {
		List<String> lines = new ArrayList<>();
		lines.add("| benchmark | ns/op (median) | error (99.9 %) | B/op | B/op of all threads "
				+ "| over raw, ns | over raw, B | ratio to raw |");
		lines.add("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
		for (Row row : this.rows.values()) {
			Row raw = (row.raw() != null) ? this.rows.get(row.raw()) : null;
			lines.add(format("| %s | %.1f | %.1f | %.0f | %.0f | %s |", row.name(), row.nanos(), row.error(),
					row.bytes(), row.allBytes(), (raw != null) ? compare(row, raw) : "- | - | -"));
		}
		return lines;
	}

	private static String compare(Row row, Row raw) {
		Row over = row.over(raw);
		return format("%+.1f | %+.0f | %.2f", over.nanos(), over.bytes(), row.nanos() / raw.nanos());
	}

	/**
	 * Return one row.
	 * @throws IllegalArgumentException if that was not measured
	 */
	Row row(String name) {
		Row row = this.rows.get(name);
		if (row == null) {
			throw new IllegalArgumentException("'name' must be one of " + this.rows.keySet() + ", not " + name);
		}
		return row;
	}

	private static String format(String format, Object... args) {
		return String.format(Locale.ROOT, format, args);
	}

	/**
	 * What was measured of one benchmark.
	 *
	 * @param name class, method and parameters
	 * @param nanos the median of the iterations
	 * @param error the half width of JMH's confidence interval, in nanoseconds
	 * @param bytes what the threads of the call allocated, the median of the iterations
	 * @param allBytes what all threads allocated, likewise
	 * @param raw the name of the row to compare with
	 */
	record Row(String name, double nanos, double error, double bytes, double allBytes, @Nullable String raw) {

		Row(String name, double nanos, double error, double bytes) {
			this(name, nanos, error, bytes, bytes, null);
		}

		static Row of(RunResult result) {
			BenchmarkParams params = result.getParams();
			Result<?> time = result.getPrimaryResult();
			Statistics statistics = time.getStatistics();
			return new Row(name(params), statistics.getPercentile(50), time.getScoreError(),
					secondary(result, CallerProfiler.BYTES), secondary(result, "gc.alloc.rate.norm"), raw(params));
		}

		/**
		 * Subtract.
		 */
		Row over(Row other) {
			return new Row(this.name, this.nanos - other.nanos, this.error + other.error, this.bytes - other.bytes);
		}

		/**
		 * Add.
		 */
		Row and(Row other) {
			return new Row(this.name, this.nanos + other.nanos, this.error + other.error, this.bytes + other.bytes);
		}

		/**
		 * The median, since event loops end within the last iteration and take their
		 * count with them.
		 */
		private static double secondary(RunResult result, String name) {
			Result<?> bytes = result.getSecondaryResults().get(name);
			return (bytes != null) ? bytes.getStatistics().getPercentile(50) : Double.NaN;
		}

		private static String name(BenchmarkParams params) {
			StringBuilder name = new StringBuilder(simple(params.getBenchmark()));
			params.getParamsKeys().forEach((key) -> name.append(' ').append(params.getParam(key)));
			return name.toString();
		}

		private static String simple(String benchmark) {
			return benchmark.substring(Table.class.getPackageName().length() + 1);
		}

		private static @Nullable String raw(BenchmarkParams params) {
			String benchmark = params.getBenchmark();
			int dot = benchmark.lastIndexOf('.');
			try {
				Class<?> type = Class.forName(benchmark.substring(0, dot));
				return Stream.of(type.getMethods())
					.filter((method) -> method.getName().equals(benchmark.substring(dot + 1)))
					.filter((method) -> method.isAnnotationPresent(Over.class))
					.map((Method method) -> type.getSimpleName() + "." + method.getAnnotation(Over.class).value())
					.findFirst()
					.orElse(null);
			}
			catch (ClassNotFoundException ex) {
				throw new IllegalStateException(ex);
			}
		}

	}

}
