package io.nettrace.autoconfigure;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import io.opentelemetry.sdk.trace.data.SpanData;

/**
 * A selector of a query: there are series that it selects, and not all are zero.
 *
 * @param metric the name
 * @param labels each as a scrape has it, {@code name="value"}
 */
record SeriesSignal(String metric, List<String> labels) implements Signal {

	private static final Pattern SELECTOR = Pattern.compile("([a-z_]+)\\{([^}]*)\\}");

	/**
	 * Return the selectors of a query in PromQL. Each must have braces, and no other
	 * matcher than {@code =}.
	 */
	static Stream<Signal> parse(String query) {
		List<Signal> selectors = new ArrayList<>();
		for (MatchResult each : SELECTOR.matcher(query).results().toList()) {
			String labels = each.group(2);
			selectors
				.add(new SeriesSignal(each.group(1), labels.isEmpty() ? List.of() : List.of(labels.split(", ", -1))));
		}
		if (selectors.isEmpty()) {
			throw new IllegalArgumentException("'query' must select series with braces: " + query);
		}
		return selectors.stream();
	}

	@Override
	public boolean isGiven(List<SpanData> spans, Scrape scrape) {
		return scrape.series()
			.stream()
			.anyMatch((each) -> each.metric().equals(this.metric) && each.value() != 0 && !Double.isNaN(each.value())
					&& each.labels().containsAll(this.labels));
	}

}
