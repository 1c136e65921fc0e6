package io.nettrace.autoconfigure;

import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;

/**
 * What Prometheus gets from an application.
 *
 * @param series all of it
 */
record Scrape(List<Series> series) {

	private static final Pattern LINE = Pattern.compile("(\\w+)(?:\\{(.*)\\})? (\\S+)");

	private static final Pattern LABEL = Pattern.compile("\\w+=\"[^\"]*\"");

	/**
	 * One line.
	 *
	 * @param metric the name
	 * @param labels each as {@code name="value"}
	 * @param value the value
	 */
	record Series(String metric, List<String> labels, double value) {

		private static Series of(MatchResult line) {
			String labels = (line.group(2) != null) ? line.group(2) : "";
			return new Series(line.group(1), LABEL.matcher(labels).results().map(MatchResult::group).toList(),
					Double.parseDouble(line.group(3)));
		}

	}

	static Scrape of(PrometheusMeterRegistry registry) {
		Stream<Matcher> lines = registry.scrape().lines().map(LINE::matcher).filter(Matcher::matches);
		return new Scrape(lines.map(Series::of).toList());
	}

}
