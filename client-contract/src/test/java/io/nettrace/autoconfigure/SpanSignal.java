package io.nettrace.autoconfigure;

import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import io.opentelemetry.sdk.trace.data.SpanData;

/**
 * Attributes that are on one span together.
 *
 * @param span how the span's name begins
 * @param attributes a key, or a key and its value with {@code =} in between; of a value
 * that is a list one element
 */
record SpanSignal(String span, List<String> attributes) implements Signal {

	private static final Pattern WITH_SPAN = Pattern.compile("([A-Za-z ]+): (.*)");

	/**
	 * The request's own span, whatever its method.
	 */
	private static final String REQUEST = "http ";

	static Signal parse(String text) {
		Matcher withSpan = WITH_SPAN.matcher(text);
		return withSpan.matches() ? new SpanSignal(withSpan.group(1), attributes(withSpan.group(2)))
				: new SpanSignal(REQUEST, attributes(text));
	}

	private static List<String> attributes(String text) {
		return List.of(text.split(", ", -1));
	}

	@Override
	public boolean isGiven(List<SpanData> spans, Scrape scrape) {
		return spans.stream()
			.anyMatch((each) -> each.getName().startsWith(this.span)
					&& this.attributes.stream().allMatch((attribute) -> isOn(each, attribute)));
	}

	private static boolean isOn(SpanData span, String attribute) {
		String[] keyAndValue = attribute.split("=", 2);
		return span.getAttributes()
			.asMap()
			.entrySet()
			.stream()
			.filter((each) -> each.getKey().getKey().equals(keyAndValue[0]))
			.anyMatch((each) -> keyAndValue.length == 1 || isValue(each.getValue(), keyAndValue[1]));
	}

	private static boolean isValue(Object value, String expected) {
		return (value instanceof Collection<?> several)
				? several.stream().anyMatch((each) -> Objects.toString(each).equals(expected))
				: value.toString().equals(expected);
	}

}
